using Chat.Gateway.Sockets;
using Xunit;

namespace Chat.Tests.Sockets;

public sealed class LivenessTests
{
    private readonly Liveness _liveness = new(Seconds(25), Seconds(60));
    private TimeSpan _now = TimeSpan.FromHours(1);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    // A second later; what a peer that answers at once would show, unless told otherwise.
    private LivenessStep Look(double stalled = 0, double quiet = 0, long? taken = 0)
    {
        _now += Seconds(1);
        return _liveness.Look(_now, Seconds(stalled), Seconds(quiet), () => taken);
    }

    private void ExpectNothing(int seconds, Func<int, LivenessStep> look)
    {
        for (var second = 1; second <= seconds; second++)
            Assert.Equal((second, LivenessStep.None), (second, look(second)));
    }

    [Fact]
    public void Should_ping_once_for_each_silence_and_find_it_dead_when_no_byte_came_for_60_seconds()
    {
        ExpectNothing(24, second => Look(quiet: second));
        Assert.Equal(LivenessStep.Ping, Look(quiet: 25));
        ExpectNothing(5, second => Look(quiet: 25 + second));
        // It answered.
        ExpectNothing(24, second => Look(quiet: second));
        Assert.Equal(LivenessStep.Ping, Look(quiet: 25));
        ExpectNothing(35, second => Look(quiet: 25 + second));
        Assert.Equal(LivenessStep.Dead, Look(quiet: 60.5));
    }

    [Fact]
    public void Should_end_one_that_takes_nothing_for_60_seconds_though_it_is_there()
    {
        ExpectNothing(60, second => Look(stalled: second, quiet: second % 10, taken: 4_096));
        Assert.Equal(LivenessStep.TakesNothing, Look(stalled: 61, quiet: 1, taken: 4_096));
    }

    [Fact]
    public void Should_end_one_that_takes_nothing_where_the_system_does_not_tell_what_was_taken()
    {
        ExpectNothing(60, second => Look(stalled: second, taken: null));
        Assert.Equal(LivenessStep.TakesNothing, Look(stalled: 61, taken: null));
    }

    [Fact]
    public void Should_keep_one_whose_write_waits_for_hours_as_long_as_it_takes_a_byte_a_minute()
    {
        ExpectNothing(2 * 60 * 60, second => Look(stalled: second, taken: second / 50));
    }

    [Fact]
    public void Should_count_anew_when_a_write_was_done_in_between()
    {
        ExpectNothing(60, second => Look(stalled: second, taken: 1));
        ExpectNothing(1, _ => Look(stalled: 0, taken: 1));
        ExpectNothing(60, second => Look(stalled: second, taken: 1));
        Assert.Equal(LivenessStep.TakesNothing, Look(stalled: 61, taken: 1));
    }
}
