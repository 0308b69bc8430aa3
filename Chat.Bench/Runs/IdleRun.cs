using System.Diagnostics;
using Chat.Bench.Gateways;

namespace Chat.Bench.Runs;

/// <summary>CPU time over a time.</summary>
public sealed record IdleResult(TimeSpan Cpu, TimeSpan Time);

/// <summary>What a gateway uses while nothing is asked of it.</summary>
public static class IdleRun
{
    /// <summary>What starting and connecting brought about is over by then: code that is compiled once more, pools that are trimmed.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);

    /// <summary>Measures one that was started here.</summary>
    public static async Task<IdleResult> RunAsync(Target target, int seconds, CancellationToken cancellation)
    {
        await Task.Delay(SettleTime, cancellation);
        var (before, startedAt) = (target.Cpu(), Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
        return new IdleResult(target.Cpu()!.Value - before!.Value, Stopwatch.GetElapsedTime(startedAt));
    }
}
