using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Tests.Fakes;
using CsCheck;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RecentLinesTests
{
    private static LogEntry Line(long seq, int length) => new(seq, new byte[length]);

    [Fact]
    public void Should_equal_a_page_over_all_lines_whenever_it_gives_one() =>
        Gen.Select(
            Gen.Int[1, 40].Array[0, 30],
            Gen.Select(Gen.Int[1, 12], Gen.Int[1, 200], Gen.Int[0, 5]),
            Gen.Select(Gen.Long[-2, 34], Gen.Int[0, 30], Gen.Bool, Gen.Int[1, 8], Gen.Int[1, 150])).Sample((lengths, bounds, wanted) =>
            {
                var (maxLines, maxBytes, before) = bounds;
                var (from, to, newest, maxMessages, pageBytes) = wanted;
                var all = lengths.Select((length, i) => Line(i + 1, length)).ToArray();
                var first = Math.Min(before, all.Length) + 1;
                var recent = new RecentLines(maxLines, maxBytes);
                recent.Restart(1);
                foreach (var line in all)
                    recent.Add(line);
                var query = new LogQuery(from, Math.Min(to, all.Length), newest ? PageEnd.Newest : PageEnd.Oldest, maxMessages, pageBytes);

                var expected = NaivePage.Of(all, first, query);
                if (recent.Page(query, first) is { } page)
                {
                    Assert.Equal((expected.From, expected.Through, expected.First), (page.From, page.Through, page.First));
                    Assert.Equal(expected.Entries.Select(entry => entry.Seq), page.Entries.Select(entry => entry.Seq));
                }
                else
                {
                    // Only where it doesn't reach.
                    Assert.True(Math.Max(from, first) < recent.From);
                }
            }, iter: 20_000);

    [Fact]
    public void Should_keep_its_bounds_but_always_the_newest_line()
    {
        var recent = new RecentLines(3, 100);
        recent.Restart(1);
        for (var seq = 1; seq <= 5; seq++)
            recent.Add(Line(seq, 10));
        Assert.Equal(3, recent.From);
        recent.Add(Line(6, 85));
        Assert.Equal(5, recent.From);
        recent.Add(Line(7, 500));
        Assert.Equal(7, recent.From);
    }

    [Fact]
    public void Should_start_anew_when_a_line_is_not_the_next()
    {
        var recent = new RecentLines(10, 1_000);
        recent.Restart(1);
        recent.Add(Line(1, 1));
        recent.Add(Line(2, 1));
        recent.Add(Line(4, 1));
        Assert.Equal(4, recent.From);
        Assert.Null(recent.Page(new LogQuery(1, 4, PageEnd.Oldest, 10, 1_000), 1));
        Assert.Equal([4L], recent.Page(new LogQuery(4, 4, PageEnd.Oldest, 10, 1_000), 1)!.Entries.Select(entry => entry.Seq));
    }

    [Fact]
    public void Should_know_nothing_but_where_it_begins_when_it_was_restarted()
    {
        var recent = new RecentLines(10, 1_000);
        recent.Restart(8);
        Assert.Equal(8, recent.From);
        Assert.Null(recent.Page(new LogQuery(7, 7, PageEnd.Oldest, 10, 1_000), 1));
        Assert.Empty(recent.Page(new LogQuery(8, 7, PageEnd.Oldest, 10, 1_000), 1)!.Entries);
    }

    [Fact]
    public void Should_give_no_page_when_it_asks_beyond_what_was_added()
    {
        var recent = new RecentLines(10, 1_000);
        recent.Restart(1);
        recent.Add(Line(1, 1));
        Assert.Null(recent.Page(new LogQuery(1, 2, PageEnd.Oldest, 10, 1_000), 1));
        Assert.Null(recent.Page(new LogQuery(1, 2, PageEnd.Newest, 10, 1_000), 1));
    }
}
