using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class PageTests : IDisposable
{
    private const int Messages = 40;

    private readonly DataFolder _data = new();
    private readonly FileHistoryStore _store;
    private readonly IRoomLog _log;

    public PageTests()
    {
        _data.Write(Messages, new FileHistoryOptions { SegmentBytes = 1_000 });
        _store = _data.Open();
        _log = _store.Log(DataFolder.Room);
    }

    public void Dispose()
    {
        _log.Dispose();
        _store.Dispose();
        _data.Dispose();
    }

    [Theory]
    [InlineData(1, 40, 5, 1, 5)]
    [InlineData(7, 40, 5, 7, 11)]
    [InlineData(7, 9, 5, 7, 9)]
    [InlineData(40, 40, 5, 40, 40)]
    [InlineData(-3, 2, 5, 1, 2)]
    [InlineData(1, 40, 100, 1, 40)]
    public void Should_keep_the_oldest_when_asked_to_read_on(long from, long to, int most, long first, long last)
    {
        var page = _log.Read(DataFolder.Oldest(from, to, most));

        Assert.Equal((first, last, 1), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, last), page.Entries.Seqs());
        Assert.Empty(page.Missing);
        page.ShouldBeAsWritten();
    }

    [Theory]
    [InlineData(1, 40, 5, 36, 40)]
    [InlineData(1, 39, 5, 35, 39)]
    [InlineData(7, 9, 5, 7, 9)]
    [InlineData(1, 1, 5, 1, 1)]
    [InlineData(-3, 2, 5, 1, 2)]
    [InlineData(1, 40, 100, 1, 40)]
    public void Should_keep_the_newest_when_asked_to_read_back(long from, long to, int most, long first, long last)
    {
        var page = _log.Read(DataFolder.Newest(from, to, most));

        Assert.Equal((first, last, 1), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, last), page.Entries.Seqs());
        Assert.Empty(page.Missing);
        page.ShouldBeAsWritten();
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_bound_the_bytes_but_give_at_least_one(PageEnd keep)
    {
        var line = DataFolder.Entry(11).Line.Length;

        Assert.Equal(3, _log.Read(new LogQuery(11, 30, keep, 100, 3 * line)).Entries.Count);
        Assert.Equal(2, _log.Read(new LogQuery(11, 30, keep, 100, 3 * line - 1)).Entries.Count);
        Assert.Equal(keep == PageEnd.Oldest ? [11] : [30], _log.Read(new LogQuery(11, 30, keep, 100, 1)).Entries.Seqs());
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_speak_of_nothing_when_the_range_is_empty(PageEnd keep)
    {
        var page = _log.Read(new LogQuery(5, 4, keep, 100, 1_000));

        Assert.Equal((5, 4), (page.From, page.Through));
        Assert.Empty(page.Entries);
        Assert.Empty(page.Missing);
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_be_empty_when_there_is_no_log(PageEnd keep)
    {
        using var none = _store.Log(RoomName.Trusted("none"));

        var page = none.Read(new LogQuery(1, 9, keep, 100, 1_000));

        Assert.Equal((1, 0, 1), (page.From, page.Through, page.First));
        Assert.Empty(page.Entries);
        Assert.Empty(page.Missing);
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_name_what_stored_seqs_the_files_lack(PageEnd keep)
    {
        var page = _log.Read(new LogQuery(39, 42, keep, 100, 100_000));

        Assert.Equal((39, 42), (page.From, page.Through));
        Assert.Equal([39, 40], page.Entries.Seqs());
        Assert.Equal([new SeqRange(41, 42)], page.Missing);
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_name_what_a_removed_segment_held(PageEnd keep)
    {
        var segments = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().ToArray();
        var (gone, after) = (FirstOf(segments[2]), FirstOf(segments[3]));
        File.Delete(segments[2]);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var page = _log.Read(new LogQuery(1, Messages, keep, 100, 100_000));
            Assert.Equal((1, Messages), (page.From, page.Through));
            Assert.Equal([new SeqRange(gone, after - 1)], page.Missing);
            page.ShouldSpeakOfAll();
            page.ShouldBeAsWritten();
        }
        Assert.InRange(_data.Warnings.Count, keep == PageEnd.Oldest ? 1 : 0, 1);
        Assert.All(_data.Warnings, warning => Assert.Contains($"Messages {gone} to {after - 1}", warning.Problem));
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_give_each_seq_once_where_segments_overlap(PageEnd keep)
    {
        var segments = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().ToArray();
        File.AppendAllText(segments[1], File.ReadAllText(segments[2]));

        var page = _log.Read(new LogQuery(1, Messages, keep, 100, 100_000));

        Assert.Equal(DataFolder.Seqs(1, Messages), page.Entries.Seqs());
        page.ShouldBeAsWritten();
    }

    [Fact]
    public void Should_say_the_first_that_is_kept_when_the_oldest_segments_are_deleted()
    {
        var segments = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().ToArray();
        File.Delete(segments[0]);
        var first = FirstOf(segments[1]);

        var page = _log.Read(DataFolder.Oldest(1, Messages, 3));

        Assert.Equal((first, first + 2, first), (page.From, page.Through, page.First));
        Assert.Equal(first, _log.Open().First);
        Assert.Equal((first, first - 1), Covered(_log.Read(DataFolder.Newest(1, first - 1))));
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_warn_of_a_damaged_line_once(PageEnd keep)
    {
        var bytes = File.ReadAllBytes(_data.Segment());
        var second = DataFolder.Bytes(DataFolder.Entry(1)).Length;
        bytes[second + 40] ^= 1;
        File.WriteAllBytes(_data.Segment(), bytes);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            var page = _log.Read(new LogQuery(1, 4, keep, 10, 10_000));
            Assert.Equal([1, 3, 4], page.Entries.Seqs());
            Assert.Equal([new SeqRange(2, 2)], page.Missing);
        }

        var warning = Assert.Single(_data.Warnings);
        Assert.Equal((_data.Segment(), second), (warning.File, warning.Offset));
        Assert.Contains("backup", warning.Remedy);
        Assert.DoesNotContain('\n', warning.ToString());
    }

    private static (long, long) Covered(LogPage page) => (page.From, page.Through);

    private static long FirstOf(string segment) => long.Parse(Path.GetFileNameWithoutExtension(segment));
}
