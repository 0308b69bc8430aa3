using Chat.Actors.Connections;
using Chat.Tests.Fakes;
using CsCheck;
using Xunit;

namespace Chat.Tests.Connections;

public sealed class TokenBucketTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Should_give_a_burst_and_then_so_many_a_second()
    {
        var bucket = new TokenBucket(rate: 10, burst: 3, _time);
        Assert.All([1, 2, 3], _ => Assert.Null(bucket.TryTake()));
        Assert.Equal(TimeSpan.FromMilliseconds(100), bucket.TryTake());
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(TimeSpan.FromMilliseconds(40), bucket.TryTake());
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Null(bucket.TryTake());
        Assert.NotNull(bucket.TryTake());
    }

    [Fact]
    public void Should_save_no_more_than_a_burst_when_long_unused()
    {
        var bucket = new TokenBucket(rate: 10, burst: 3, _time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.All([1, 2, 3], _ => Assert.Null(bucket.TryTake()));
        Assert.NotNull(bucket.TryTake());
    }

    [Fact]
    public void Should_have_no_limit_when_the_rate_is_0()
    {
        var bucket = new TokenBucket(rate: 0, burst: 1, _time);
        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.Null(bucket.TryTake()));
    }

    [Fact]
    public void Should_ask_to_wait_for_a_day_at_most_when_the_rate_is_next_to_nothing()
    {
        var bucket = new TokenBucket(rate: 1e-300, burst: 1, _time);
        Assert.Null(bucket.TryTake());
        Assert.Equal(TimeSpan.FromDays(1), bucket.TryTake());
    }

    [Fact]
    public void Should_give_one_when_the_wait_it_asked_for_is_over() =>
        Gen.Select(Gen.Double[0.3, 50], Gen.Int[1, 5], Gen.Int[0, 900].Array[1, 40]).Sample((rate, burst, waits) =>
        {
            var time = new ManualTime();
            var (bucket, start, given) = (new TokenBucket(rate, burst, time), time.GetTimestamp(), 0);
            foreach (var wait in waits)
            {
                time.Advance(TimeSpan.FromMilliseconds(wait));
                if (bucket.TryTake() is { } retryAfter)
                {
                    Assert.True(retryAfter > TimeSpan.Zero);
                    time.Advance(retryAfter);
                    Assert.Null(bucket.TryTake());
                }
                given++;
                Assert.True(given <= burst + time.GetElapsedTime(start).TotalSeconds * rate + 1e-6);
            }
        });
}
