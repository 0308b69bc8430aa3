using Chat.Bench.Gateways;
using Chat.Bench.Runs;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class SlowRunTests
{
    private static readonly string Gateway = Path.Combine(AppContext.BaseDirectory, "Chat.Gateway.dll");

    [Fact]
    public async Task Should_give_trickling_readers_everything_in_the_end_in_a_real_gateway()
    {
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await using var target = await Target.OpenAsync(new TargetChoice(null, Gateway, null, "never"), TextWriter.Null, time.Token);
        var settings = new SlowSettings(Members: 2, Readers: 2, Megabytes: 4, Seconds: 4, Trickle: 10, Spread: 1, Around: 1, Warmup: 0);
        var result = await SlowRun.RunAsync(target, settings, time.Token);
        Assert.Empty(result.Errors);
        Assert.Equal((0, 0), (result.Holes, result.Duplicates));
        Assert.Equal(2, result.CaughtUp.Count);
        // All that was said from when they came until they left.
        Assert.Equal(2 * (250 + 1_000 + 250), result.Delivered);
        Assert.All([result.Before, result.Reading, result.Stopped, result.CatchingUp, result.After], phase => Assert.Equal(0, phase.Lost));
        Assert.All([result.Before, result.Stopped], phase => Assert.True(phase.PeakBytes > 1_000_000));
    }
}
