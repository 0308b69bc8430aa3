using Chat.Actors.History;
using Chat.Gateway.Hosting;
using Xunit;

namespace Chat.Tests.Hosting;

public sealed class FileLimitTests
{
    [Theory]
    [InlineData(100_000, null)]
    [InlineData(100_000, 1_048_576L)]
    [InlineData(0, null)]
    public void Should_take_as_many_as_are_asked_for_when_there_are_files_enough(int wanted, long? limit) =>
        Assert.Equal((wanted, FileHistoryOptions.DefaultOpenLogs), (FileLimit.Share(wanted, limit).Connections, FileLimit.Share(wanted, limit).Logs));

    [Theory]
    [InlineData(100_000, 64L)]
    [InlineData(100_000, 400L)]
    [InlineData(100_000, 1_024L)]
    [InlineData(100_000, 65_536L)]
    [InlineData(0, 400L)]
    [InlineData(0, 1_048_576L)]
    [InlineData(50, 400L)]
    public void Should_never_open_more_than_the_system_lets_it(int wanted, long limit)
    {
        var shares = FileLimit.Share(wanted, limit);
        Assert.True(shares is { Connections: >= 16, Logs: >= 8 } && shares.Sockets >= shares.Connections + 16);
        Assert.True(wanted == 0 || shares.Connections <= wanted);
        // Of the least that is left for all, even where there is none.
        Assert.True(shares.Sockets + shares.Logs <= Math.Max(40, limit - 300));
    }

    [Fact]
    public void Should_know_the_limit_in_force() => Assert.True(FileLimit.InForce() is null or > 16);
}
