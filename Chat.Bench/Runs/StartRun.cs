using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Sockets;

namespace Chat.Bench.Runs;

/// <summary>Milliseconds from the start of the process to each stage, of all runs.</summary>
public sealed record StartResult(Percentiles Tcp, Percentiles WebSocket, Percentiles Member);

/// <summary>How long a gateway takes from its start until it can be used.</summary>
public static class StartRun
{
    private const int RoomsAtOnce = 500;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs it <paramref name="runs"/> times, after once that doesn't count: whose files come from the disk.</summary>
    public static async Task<StartResult> RunAsync(TargetChoice choice, string program, int runs, int rooms, CancellationToken cancellation)
    {
        using var withRooms = rooms > 0 ? new TemporaryFolder(choice.DataIn) : null;
        if (withRooms is not null)
            await MakeRoomsAsync(new GatewaySettings { Program = program, Data = withRooms.Data, Durability = choice.Durability }, rooms, cancellation);
        var stages = new List<(double Tcp, double WebSocket, double Member)>();
        for (var run = 0; run <= runs; run++)
        {
            using var empty = withRooms is null ? new TemporaryFolder(choice.DataIn) : null;
            stages.Add(await MeasureAsync(
                new GatewaySettings { Program = program, Data = (withRooms ?? empty)!.Data, Durability = choice.Durability, Port = LoopbackPort.Free() }, cancellation));
        }
        stages.RemoveAt(0);
        return new StartResult(
            new(stages.Select(stage => stage.Tcp)), new(stages.Select(stage => stage.WebSocket)), new(stages.Select(stage => stage.Member)));
    }

    private static async Task<(double Tcp, double WebSocket, double Member)> MeasureAsync(GatewaySettings settings, CancellationToken cancellation)
    {
        var server = new Uri($"ws://127.0.0.1:{settings.Port}/ws");
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(AtMost);
        await using var gateway = GatewayProcess.Start(settings);
        double Elapsed() => Stopwatch.GetElapsedTime(gateway.StartedAt).TotalMilliseconds;
        try
        {
            while (!await IsAcceptedAsync(server, time.Token))
            {
                gateway.ThrowIfEnded();
                await Task.Delay(Retry, time.Token);
            }
            var tcp = Elapsed();
            using (await RawClient.ConnectAsync(server, time.Token))
            {
                var webSocket = Elapsed();
                using var member = await Member.EnterAsync(server, 0, "first", "general", null, time.Token);
                return (tcp, webSocket, Elapsed());
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"The gateway accepted no connection within {AtMost.TotalSeconds} s.");
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            throw new BenchException($"The gateway took a connection but not a WebSocket: {e.Message}");
        }
    }

    private static async Task<bool> IsAcceptedAsync(Uri server, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellation);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    // By a gateway itself, as whoever uses one would: a message in each.
    private static async Task MakeRoomsAsync(GatewaySettings settings, int rooms, CancellationToken cancellation)
    {
        await using var gateway = GatewayProcess.Start(settings);
        var server = await gateway.ListeningAsync(cancellation);
        for (var made = 0; made < rooms; made += RoomsAtOnce)
        {
            var count = Math.Min(RoomsAtOnce, rooms - made);
            await using var crowd = await Crowd.EnterAsync(server, count, rooms: count, null, cancellation);
            foreach (var member in crowd.Members)
                member.Send(new PublishText(member.Room, characters: 120).Numbered(0));
            if (crowd.Failures.Count > 0 || await crowd.MissingAsync(_ => 1, StoreTime, cancellation) > 0)
                throw new BenchException("The rooms could not be made.");
        }
    }
}
