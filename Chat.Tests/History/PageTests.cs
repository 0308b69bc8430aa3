using Chat.Actors.History;
using Chat.Protocol;
using Chat.Tests.History.Contract;
using Xunit;

namespace Chat.Tests.History;

public sealed class PageTests : PageContract
{
    private readonly DataFolder _data;

    public PageTests() : this(new DataFolder())
    {
    }

    private PageTests(DataFolder data) : base(data) => _data = data;

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
            var page = Log.Read(new LogQuery(1, Messages, keep, 100, 100_000));
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

        var page = Log.Read(new LogQuery(1, Messages, keep, 100, 100_000));

        Assert.Equal(DataFolder.Seqs(1, Messages), page.Entries.Seqs());
        page.ShouldBeAsWritten();
    }

    [Fact]
    public void Should_say_the_first_that_is_kept_when_the_oldest_segments_are_deleted()
    {
        var segments = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().ToArray();
        File.Delete(segments[0]);
        var first = FirstOf(segments[1]);

        var page = Log.Read(DataFolder.Oldest(1, Messages, 3));

        Assert.Equal((first, first + 2, first), (page.From, page.Through, page.First));
        Assert.Equal(first, Log.Open().First);
        Assert.Equal((first, first - 1), Covered(Log.Read(DataFolder.Newest(1, first - 1))));
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
            var page = Log.Read(new LogQuery(1, 4, keep, 10, 10_000));
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
