using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History.Contract;

/// <summary>Pages, of any store.</summary>
public abstract class PageContract : IDisposable
{
    private protected const int Messages = 40;

    private readonly IStoredLogs _logs;

    private protected PageContract(IStoredLogs logs)
    {
        _logs = logs;
        _logs.Write(Messages, new FileHistoryOptions { SegmentBytes = 1_000 });
        Store = _logs.Open();
        Log = Store.Log(DataFolder.Room);
    }

    private protected IHistoryStore Store { get; }

    private protected IRoomLog Log { get; }

    public void Dispose()
    {
        Log.Dispose();
        Store.Dispose();
        _logs.Dispose();
        GC.SuppressFinalize(this);
    }

    [StoreTheory]
    [InlineData(1, 40, 5, 1, 5)]
    [InlineData(7, 40, 5, 7, 11)]
    [InlineData(7, 9, 5, 7, 9)]
    [InlineData(40, 40, 5, 40, 40)]
    [InlineData(-3, 2, 5, 1, 2)]
    [InlineData(1, 40, 100, 1, 40)]
    public void Should_keep_the_oldest_when_asked_to_read_on(long from, long to, int most, long first, long last)
    {
        var page = Log.Read(DataFolder.Oldest(from, to, most));

        Assert.Equal((first, last, 1), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, last), page.Entries.Seqs());
        Assert.Empty(page.Missing);
        page.ShouldBeAsWritten();
    }

    [StoreTheory]
    [InlineData(1, 40, 5, 36, 40)]
    [InlineData(1, 39, 5, 35, 39)]
    [InlineData(7, 9, 5, 7, 9)]
    [InlineData(1, 1, 5, 1, 1)]
    [InlineData(-3, 2, 5, 1, 2)]
    [InlineData(1, 40, 100, 1, 40)]
    public void Should_keep_the_newest_when_asked_to_read_back(long from, long to, int most, long first, long last)
    {
        var page = Log.Read(DataFolder.Newest(from, to, most));

        Assert.Equal((first, last, 1), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, last), page.Entries.Seqs());
        Assert.Empty(page.Missing);
        page.ShouldBeAsWritten();
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_bound_the_bytes_but_give_at_least_one(PageEnd keep)
    {
        var line = DataFolder.Entry(11).Line.Length;

        Assert.Equal(3, Log.Read(new LogQuery(11, 30, keep, 100, 3 * line)).Entries.Count);
        Assert.Equal(2, Log.Read(new LogQuery(11, 30, keep, 100, 3 * line - 1)).Entries.Count);
        Assert.Equal(keep == PageEnd.Oldest ? [11] : [30], Log.Read(new LogQuery(11, 30, keep, 100, 1)).Entries.Seqs());
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_speak_of_nothing_when_the_range_is_empty(PageEnd keep)
    {
        var page = Log.Read(new LogQuery(5, 4, keep, 100, 1_000));

        Assert.Equal((5, 4), (page.From, page.Through));
        Assert.Empty(page.Entries);
        Assert.Empty(page.Missing);
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_be_empty_when_there_is_no_log(PageEnd keep)
    {
        using var none = Store.Log(RoomName.Trusted("none"));

        var page = none.Read(new LogQuery(1, 9, keep, 100, 1_000));

        Assert.Equal((1, 0, 1), (page.From, page.Through, page.First));
        Assert.Empty(page.Entries);
        Assert.Empty(page.Missing);
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_name_what_stored_seqs_are_lacking(PageEnd keep)
    {
        var page = Log.Read(new LogQuery(39, 42, keep, 100, 100_000));

        Assert.Equal((39, 42), (page.From, page.Through));
        Assert.Equal([39, 40], page.Entries.Seqs());
        Assert.Equal([new SeqRange(41, 42)], page.Missing);
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_leave_out_what_is_damaged_name_it_and_warn_of_it_once(PageEnd keep)
    {
        _logs.Damage(2);
        _logs.Damage(3);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            var page = Log.Read(new LogQuery(1, 5, keep, 10, 10_000));
            Assert.Equal([1, 4, 5], page.Entries.Seqs());
            Assert.Equal([new SeqRange(2, 3)], page.Missing);
            page.ShouldSpeakOfAll();
            page.ShouldBeAsWritten();
        }
        Assert.Equal(2, _logs.Warnings.Count);
        Assert.All(_logs.Warnings, warning => Assert.DoesNotContain('\n', warning.ToString()));
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest, 1, 20, 21)]
    [InlineData(PageEnd.Newest, 21, 20, 20)]
    public void Should_read_past_more_damage_than_a_page_holds(PageEnd keep, long from, int damaged, long whole)
    {
        for (var seq = from; seq < from + damaged; seq++)
            _logs.Damage(seq);

        var page = Log.Read(new LogQuery(1, Messages, keep, 1, 100_000));

        Assert.Equal([whole], page.Entries.Seqs());
        Assert.Equal([new SeqRange(from, from + damaged - 1)], page.Missing);
        page.ShouldSpeakOfAll();
    }

    [StoreTheory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_name_all_that_was_asked_for_where_all_of_it_is_damaged(PageEnd keep)
    {
        for (var seq = 1; seq <= Messages; seq++)
            _logs.Damage(seq);

        var page = Log.Read(new LogQuery(5, 30, keep, 7, 500));

        Assert.Equal((5, 30), (page.From, page.Through));
        Assert.Empty(page.Entries);
        Assert.Equal([new SeqRange(5, 30)], page.Missing);
    }
}
