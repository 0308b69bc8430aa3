using Chat.Bench.Measures;
using CsCheck;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class SlopeTests
{
    [Fact]
    public void Should_be_exact_when_the_samples_lie_on_a_line() => Gen.Select(Gen.Int[-100, 100], Gen.Int[-100, 100]).Sample((slope, start) =>
    {
        var found = Slope.Of([.. Enumerable.Range(0, 50).Select(time => ((double)time, (double)(start + (slope * time))))]);
        Assert.Equal(slope, found.PerUnit, 6);
        Assert.Equal(0, found.HalfWidth, 6);
    });

    // By hand: the times' spread is 60 * (60² - 1) / 12 = 17,995; the slope of ±1 in turn is -30 / 17,995.
    [Fact]
    public void Should_give_the_interval_of_least_squares_when_the_values_go_up_and_down()
    {
        var found = Slope.Of([.. Enumerable.Range(0, 60).Select(time => ((double)time, time % 2 == 0 ? 1.0 : -1.0))]);
        Assert.Equal(-30 / 17_995.0, found.PerUnit, 9);
        Assert.Equal(1.96 * Math.Sqrt((60 - (900 / 17_995.0)) / 58 / 17_995), found.HalfWidth, 9);
        Assert.True(found.IsIndistinguishableFromZero);
    }

    [Fact]
    public void Should_see_growth_through_noise()
    {
        var found = Slope.Of([.. Enumerable.Range(0, 60).Select(time => ((double)time, time + (time % 2 == 0 ? 5.0 : -5.0)))]);
        Assert.False(found.IsIndistinguishableFromZero);
        Assert.InRange(1, found.PerUnit - found.HalfWidth, found.PerUnit + found.HalfWidth);
    }

    [Fact]
    public void Should_refuse_too_few_samples() =>
        Assert.Throws<ArgumentException>(() => Slope.Of([.. Enumerable.Range(0, Slope.LeastSamples - 1).Select(time => ((double)time, 0.0))]));
}
