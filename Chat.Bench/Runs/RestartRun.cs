using System.Collections.Concurrent;
using System.Diagnostics;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Protocol.Client;

namespace Chat.Bench.Runs;

/// <summary>How many clients, in how many rooms, live through how many restarts, and how much is said meanwhile.</summary>
public sealed record RestartSettings(int Clients, int Rooms, int Rate, int Restarts, int DrainSeconds);

/// <summary>What came of it: times in milliseconds, one for each client and restart.</summary>
public sealed record RestartResult
{
    /// <summary>Messages that were acked.</summary>
    public required long Acked { get; init; }

    /// <summary>Acked ones that a member of their room never saw, and other holes in what it saw.</summary>
    public required long Lost { get; init; }

    /// <summary>What came twice, or out of order.</summary>
    public required long OutOfOrder { get; init; }

    /// <summary>Clients that didn't come back, over all restarts.</summary>
    public required int Away { get; init; }

    /// <summary>From the connection's end to live events again.</summary>
    public required Percentiles Gap { get; init; }

    /// <summary>What the server gave them to wait (<c>reconnectIn</c>).</summary>
    public required Percentiles Given { get; init; }

    /// <summary>The gap beyond what it was given and what the new process took to listen.</summary>
    public required Percentiles Beyond { get; init; }

    /// <summary>From the signal to the old process's end.</summary>
    public required Percentiles Ending { get; init; }

    /// <summary>From the new process's start until it listens.</summary>
    public required Percentiles Starting { get; init; }
}

/// <summary>A gateway is restarted as an operator does it (SIGTERM, then a new process on the same port and data) while clients chat.</summary>
public static class RestartRun
{
    private const int Characters = 120;
    private const int EntersAtOnce = 50;

    private static readonly TimeSpan LoadTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ComeBackTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs it.</summary>
    public static async Task<RestartResult> RunAsync(TargetChoice choice, string program, RestartSettings settings, CancellationToken cancellation)
    {
        using var folder = new TemporaryFolder(choice.DataIn);
        var gatewaySettings = new GatewaySettings { Program = program, Data = folder.Data, Durability = choice.Durability, Port = LoopbackPort.Free() };
        gatewaySettings = gatewaySettings with { Options = [.. gatewaySettings.Options, "--drain-seconds", $"{settings.DrainSeconds}", "--login-rate", "0"] };
        var gateway = GatewayProcess.Start(gatewaySettings);
        var guests = new List<RestartGuest>();
        try
        {
            var server = await gateway.ListeningAsync(cancellation);
            foreach (var some in Enumerable.Range(0, settings.Clients).Chunk(EntersAtOnce))
                guests.AddRange(await Task.WhenAll(some.Select(number => RestartGuest.EnterAsync(server, number, $"room-{number % settings.Rooms}", cancellation))));

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var saying = SayAsync([.. guests.Take(settings.Rooms)], settings.Rate, enough.Token);
            var (ending, starting, beyond, away) = (new List<double>(), new List<double>(), new List<double>(), 0);
            for (var restart = 0; restart < settings.Restarts; restart++)
            {
                await Task.Delay(LoadTime, cancellation);
                foreach (var guest in guests)
                    guest.Begin();
                var endAt = Stopwatch.GetTimestamp();
                var code = await gateway.TerminateAsync(TimeSpan.FromSeconds(settings.DrainSeconds));
                if (code != 0)
                    throw new BenchException($"The gateway ended with {code}.");
                ending.Add(Stopwatch.GetElapsedTime(endAt).TotalMilliseconds);
                await gateway.DisposeAsync();
                gateway = GatewayProcess.Start(gatewaySettings);
                await gateway.ListeningAsync(cancellation);
                var start = Stopwatch.GetElapsedTime(gateway.StartedAt);
                starting.Add(start.TotalMilliseconds);
                var waitedAt = Stopwatch.GetTimestamp();
                while (guests.Any(guest => !guest.IsBack) && Stopwatch.GetElapsedTime(waitedAt) < ComeBackTime)
                    await Task.Delay(10, cancellation);
                away += guests.Count(guest => !guest.IsBack);
                beyond.AddRange(guests.Where(guest => guest.IsBack).Select(guest => (guest.Gap - guest.Given - start).TotalMilliseconds));
            }
            await enough.CancelAsync();
            var acked = await saying;
            var last = acked.GroupBy(ack => ack.Room).ToDictionary(room => room.Key, room => room.Max(ack => ack.Seq));
            var stragglersAt = Stopwatch.GetTimestamp();
            while (guests.Any(guest => guest.Seq < last.GetValueOrDefault(guest.Room)) && Stopwatch.GetElapsedTime(stragglersAt) < StragglersTime)
                await Task.Delay(10, cancellation);
            if (beyond.Count == 0)
                throw new BenchException("No client came back.");
            return new RestartResult
            {
                Acked = acked.Count,
                Lost = guests.Sum(guest => guest.Holes + Math.Max(0, last.GetValueOrDefault(guest.Room) - guest.Seq)),
                OutOfOrder = guests.Sum(guest => guest.OutOfOrder),
                Away = away,
                Gap = new(guests.SelectMany(guest => guest.Gaps).Select(gap => gap.TotalMilliseconds)),
                Given = new(guests.SelectMany(guest => guest.Givens).Select(given => given.TotalMilliseconds)),
                Beyond = new(beyond),
                Ending = new(ending),
                Starting = new(starting),
            };
        }
        finally
        {
            await Task.WhenAll(guests.Select(guest => guest.DisposeAsync().AsTask()));
            await gateway.DisposeAsync();
        }
    }

    // At a steady pace, whether they are answered or not: what is said while the server is away goes out when it is back.
    private static async Task<IReadOnlyCollection<(string Room, long Seq)>> SayAsync(RestartGuest[] writers, int rate, CancellationToken enough)
    {
        var (acked, sent) = (new ConcurrentBag<(string, long)>(), new List<Task>());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
        try
        {
            for (var number = 0; await timer.WaitForNextTickAsync(enough); number++)
                sent.Add(SayOneAsync(writers[number % writers.Length], number));
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // That was all.
        }
        await Task.WhenAll(sent);
        return acked;

        async Task SayOneAsync(RestartGuest writer, int number) =>
            acked.Add((writer.Room, await writer.SayAsync($"{number} ".PadRight(Characters, 'x'))));
    }
}
