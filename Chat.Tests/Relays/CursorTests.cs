using Chat.Actors.Relays;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class CursorTests
{
    // The log is "here", keeps what is from `first` on and ends at 20.
    [Theory]
    // A first join: the newest five, or as many as asked for, of those that are kept.
    [InlineData(null, null, null, 1, 16, false)]
    [InlineData(null, "here", 3, 1, 18, false)]
    [InlineData(null, "elsewhere", 3, 1, 18, false)]
    [InlineData(null, null, 0, 1, 21, false)]
    [InlineData(null, null, 100, 1, 1, false)]
    [InlineData(null, null, 100, 12, 12, false)]
    // Going on from a place in this log.
    [InlineData(7L, "here", null, 1, 8, false)]
    [InlineData(7L, null, null, 1, 8, false)]
    [InlineData(7L, "here", 3, 1, 8, false)]
    [InlineData(20L, "here", null, 1, 21, false)]
    [InlineData(0L, "here", null, 1, 1, false)]
    // Who has seen nothing can't have seen it in another log.
    [InlineData(0L, "elsewhere", null, 1, 1, false)]
    // Some of what follows was deleted.
    [InlineData(7L, "here", null, 8, 8, false)]
    [InlineData(7L, "here", null, 9, 9, true)]
    [InlineData(0L, null, null, 9, 9, true)]
    // A place in another log, beyond the end or before the beginning is none.
    [InlineData(7L, "elsewhere", null, 1, 16, true)]
    [InlineData(7L, "elsewhere", 2, 1, 19, true)]
    [InlineData(7L, "", null, 1, 16, true)]
    [InlineData(21L, "here", null, 1, 16, true)]
    [InlineData(long.MaxValue, null, 0, 1, 21, true)]
    [InlineData(-1L, "here", null, 1, 16, true)]
    [InlineData(long.MinValue, null, 100, 12, 12, true)]
    public void Should_begin_where_the_join_asks_for(long? since, string? epoch, int? history, long first, long next, bool gap)
    {
        Assert.Equal((next, gap), Cursor.Of(new JoinWish(since, epoch, history), "here", first, 20));
    }

    [Theory]
    [InlineData(null, 1, false)]
    [InlineData(0L, 1, false)]
    [InlineData(1L, 1, true)]
    [InlineData(-1L, 1, true)]
    public void Should_begin_at_the_first_when_nothing_was_ever_said(long? since, long next, bool gap)
    {
        Assert.Equal((next, gap), Cursor.Of(new JoinWish(since, null, null), "here", 1, 0));
    }
}
