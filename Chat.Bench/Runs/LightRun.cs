using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="LightRun"/> loads the server.</summary>
public sealed record LightSettings(int Members, int Rate, int Seconds, int Warmup, int Characters);

/// <summary>What came of it; times in milliseconds, counts of the warm-up left out where it says so.</summary>
public sealed record LightResult
{
    /// <summary>Messages that were measured.</summary>
    public required int Sent { get; init; }

    /// <summary>Deliveries to all members, the warm-up's included.</summary>
    public required long Delivered { get; init; }

    /// <summary>From send to own echo, without the warm-up.</summary>
    public required Percentiles Latency { get; init; }

    /// <summary>Deliveries that never came, and seqs that were left out.</summary>
    public required long Holes { get; init; }

    /// <summary>Deliveries that came twice.</summary>
    public required long Duplicates { get; init; }

    /// <summary>What went wrong, and how often.</summary>
    public required IReadOnlyList<(string Error, int Count)> Errors { get; init; }

    /// <summary>By how much the latest send was late.</summary>
    public required TimeSpan Late { get; init; }

    /// <summary>This program's CPU time while measuring.</summary>
    public required TimeSpan GeneratorCpu { get; init; }

    /// <summary>The server's, where it is known.</summary>
    public required TimeSpan? ServerCpu { get; init; }

    /// <summary>How long was measured.</summary>
    public required TimeSpan Time { get; init; }
}

/// <summary>Members of one room who talk at a modest rate: how long a message takes to come back to who sent it.</summary>
public static class LightRun
{
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(5);

    /// <summary>Runs it. Throws a <see cref="BenchException"/> where not all members get in, or no message came back.</summary>
    public static async Task<LightResult> RunAsync(Target target, LightSettings settings, CancellationToken cancellation)
    {
        var (warmup, measured) = (settings.Warmup * settings.Rate, settings.Seconds * settings.Rate);
        var echoes = new EchoBook(warmup + measured, settings.Members);
        await using var crowd = await Crowd.EnterAsync(target.Server, settings.Members, rooms: 1, echoes, cancellation);
        if (crowd.Failures.Count > 0)
            throw new BenchException($"{crowd.Failures.Count} of {settings.Members} members were not let in: {crowd.Failures[0]}");
        var text = new PublishText(crowd.Members[0].Room, settings.Characters);

        var (generatorCpu, serverCpu, startedAt) = (Environment.CpuUsage.TotalTime, target.Cpu(), 0L);
        void Send(int number)
        {
            echoes.Sent(number);
            crowd.Members[number % settings.Members].Send(text.Numbered(number));
        }
        TimeSpan late;
        try
        {
            await Pace.RunAsync(warmup, settings.Rate, Send, cancellation);
            (generatorCpu, serverCpu, startedAt) = (Environment.CpuUsage.TotalTime, target.Cpu(), Stopwatch.GetTimestamp());
            late = await Pace.RunAsync(measured, settings.Rate, number => Send(warmup + number), cancellation);
        }
        catch (SocketException e)
        {
            throw new BenchException($"The server ended a connection while it was being measured: {e.Message}");
        }
        var missing = await crowd.MissingAsync(_ => warmup + measured, StragglersTime, cancellation);
        var time = Stopwatch.GetElapsedTime(startedAt);
        var latencies = echoes.Latencies(from: warmup).ToArray();
        if (latencies.Length == 0)
            throw new BenchException($"No message came back. {string.Join(", ", crowd.Errors())}");
        return new LightResult
        {
            Sent = measured,
            Delivered = crowd.Members.Sum(member => member.Delivered),
            Latency = new Percentiles(latencies),
            Holes = Math.Max(missing, crowd.Members.Sum(member => member.Holes)),
            Duplicates = crowd.Members.Sum(member => member.Duplicates),
            Errors = crowd.Errors(),
            Late = late,
            GeneratorCpu = Environment.CpuUsage.TotalTime - generatorCpu,
            ServerCpu = target.Cpu() - serverCpu,
            Time = time,
        };
    }
}
