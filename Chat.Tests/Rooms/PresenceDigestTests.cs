using Chat.Actors.Rooms;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class PresenceDigestTests
{
    private static readonly DateTime Now = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Should_tell_the_sums_and_count_anew()
    {
        var digest = new PresenceDigest();
        Assert.True(digest.IsEmpty);
        digest.Add(1, 0);
        digest.Add(2, 3);
        Assert.False(digest.IsEmpty);
        Assert.Equal(
            new ServerEvent.Presence("general", 3, 3, 120, "3 joined, 3 left, 120 are in the room", Now),
            digest.Take(RoomName.Trusted("general"), 120, Now));
        Assert.True(digest.IsEmpty);
        Assert.Equal((0, 0), (digest.Joined, digest.Left));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void Should_not_be_empty_when_somebody_came_or_went(int joined, int left)
    {
        var digest = new PresenceDigest();
        digest.Add(joined, left);
        Assert.False(digest.IsEmpty);
    }
}
