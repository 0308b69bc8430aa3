using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public sealed class RetentionClockTests
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly ManualTime _time = new();
    private readonly RetentionClock _clock;

    public RetentionClockTests() => _clock = new RetentionClock(_time);

    [Fact]
    public void Should_go_with_the_wall()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(_time.Now, _clock.Now());
            _time.Advance(TimeSpan.FromDays(i));
            // As one that is being adjusted.
            _time.SetWall(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void Should_not_believe_a_clock_that_is_ahead_for_a_while()
    {
        var before = _time.Now;
        _time.SetWall(Year);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(before + i * TimeSpan.FromMinutes(10), _clock.Now());
            _time.Advance(TimeSpan.FromMinutes(10) - (i == 5 ? TimeSpan.FromTicks(1) : TimeSpan.Zero));
        }
        Assert.Equal(before + RetentionClock.Lasting - TimeSpan.FromTicks(1), _clock.Now());
        _time.SetWall(-Year);
        Assert.Equal(_time.Now, _clock.Now());
        // The next one is as new as the first.
        _time.Advance(TimeSpan.FromMinutes(10));
        _time.SetWall(Year);
        Assert.Equal(_time.Now - Year, _clock.Now());
    }

    [Fact]
    public void Should_believe_a_clock_that_stays_ahead()
    {
        _time.SetWall(Year);
        Assert.Equal(_time.Now - Year, _clock.Now());
        _time.Advance(RetentionClock.Lasting);
        Assert.Equal(_time.Now, _clock.Now());
        _time.Advance(Year);
        Assert.Equal(_time.Now, _clock.Now());
    }

    [Fact]
    public void Should_wait_anew_when_a_clock_that_is_ahead_jumps_again()
    {
        _time.SetWall(Year);
        _clock.Now();
        _time.Advance(RetentionClock.Lasting / 2);
        _time.SetWall(Year);
        Assert.Equal(_time.Now - 2 * Year, _clock.Now());
        _time.Advance(RetentionClock.Lasting / 2);
        Assert.Equal(_time.Now - 2 * Year, _clock.Now());
        _time.Advance(RetentionClock.Lasting / 2);
        Assert.Equal(_time.Now, _clock.Now());
    }

    [Fact]
    public void Should_go_back_at_once()
    {
        _time.SetWall(-Year);
        Assert.Equal(_time.Now, _clock.Now());
        // And is careful again when it is set right.
        _time.SetWall(Year);
        Assert.Equal(_time.Now - Year, _clock.Now());
    }
}
