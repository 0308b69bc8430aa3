using Chat.Bench.Measures;
using CsCheck;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(0, 15)]
    [InlineData(5, 15)]
    [InlineData(20, 15)]
    [InlineData(20.1, 20)]
    [InlineData(30, 20)]
    [InlineData(40, 20)]
    [InlineData(50, 35)]
    [InlineData(60, 35)]
    [InlineData(80, 40)]
    [InlineData(99, 50)]
    [InlineData(100, 50)]
    public void Should_give_the_value_of_the_nearest_rank(double percent, double expected) =>
        Assert.Equal(expected, new Percentiles([50, 15, 40, 20, 35]).At(percent));

    [Fact]
    public void Should_give_the_lower_of_the_two_in_the_middle_when_the_number_is_even() =>
        Assert.Equal(2, new Percentiles([4, 3, 2, 1]).Median);

    [Fact]
    public void Should_not_be_misled_by_floating_point_when_a_rank_is_whole() =>
        Assert.Equal(999, new Percentiles(Enumerable.Range(1, 1_000).Select(value => (double)value)).At(99.9));

    [Fact]
    public void Should_give_the_only_value_for_every_percent()
    {
        var one = new Percentiles([7]);
        Assert.Equal((7, 7, 7, 7, 7, 1), (one.Min, one.At(0), one.Median, one.At(99), one.Max, one.Count));
    }

    [Fact]
    public void Should_refuse_nothing_and_what_is_no_percentage()
    {
        Assert.Throws<ArgumentException>(() => new Percentiles([]));
        var some = new Percentiles([1, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => some.At(-0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => some.At(100.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => some.At(double.NaN));
    }

    [Fact]
    public void Should_give_the_smallest_value_that_enough_are_not_above() =>
        Gen.Select(Gen.Int[-50, 50].Array[1, 200], Gen.Int[0, 100]).Sample((values, percent) =>
        {
            var found = new Percentiles(values.Select(value => (double)value)).At(percent);
            bool IsEnough(double limit) => values.Count(value => value <= limit) * 100 >= percent * values.Length;
            Assert.Contains(values, value => value == found);
            Assert.True(IsEnough(found));
            Assert.DoesNotContain(values, value => value < found && percent > 0 && IsEnough(value));
        });
}
