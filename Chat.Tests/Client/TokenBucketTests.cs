using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Client;

public sealed class TokenBucketTests
{
    [Theory]
    [InlineData(1e-300)]
    [InlineData(double.Epsilon)]
    public void Should_ask_again_within_an_hour_however_low_the_rate_is(double rate)
    {
        var bucket = new TokenBucket(rate, 1);
        Assert.True(bucket.TryTake(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromHours(1), bucket.NextAt(TimeSpan.Zero));
    }
}
