using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History.Contract;

/// <summary>What is kept, of any store: files go by segments of a tenth of it, others may go by messages.</summary>
public abstract class TrimContract : IDisposable
{
    private static readonly FileHistoryOptions Small = new() { WindowAtLeast = 0, WindowTime = TimeSpan.FromSeconds(1) };

    private readonly IStoredLogs _logs;
    private readonly ManualTime _time = new();
    private readonly FileHistoryOptions _bytes;
    private readonly FileHistoryOptions _age;

    private protected TrimContract(IStoredLogs logs)
    {
        _logs = logs;
        // Long after the messages of DataFolder.
        _bytes = Small with { Time = new ManualTime(), RetainBytes = 4_000 };
        _age = Small with { Time = _time, RetainAge = TimeSpan.FromMinutes(10) };
        // They are a second apart, the first at 1.
        _time.SetWall(DataFolder.TimeOf(0) - _time.Now);
    }

    public void Dispose()
    {
        _logs.Dispose();
        GC.SuppressFinalize(this);
    }

    [StoreFact]
    public void Should_keep_so_many_bytes_and_say_where_the_log_begins()
    {
        using var store = _logs.Open(_bytes);
        using var log = store.Log(DataFolder.Room);
        var epoch = log.Open().Epoch;
        var first = 1L;
        for (var seq = 1; seq <= 200; seq++)
        {
            if (!log.Append(DataFolder.Entries(seq, seq)).BeganSegment)
                continue;
            var risen = log.Trim();
            Assert.True(risen is null || risen > first);
            first = risen ?? first;
            Assert.Equal(first, log.Read(DataFolder.Oldest(1, seq)).First);
        }

        var page = log.Read(DataFolder.Oldest(1, 200));
        Assert.InRange(DataFolder.Bytes([.. page.Entries]).Length, 3_000, 4_000);
        Assert.Equal(new LogState(epoch, first, 200, DataFolder.TimeOf(200)), log.Open());
        Assert.Equal((first, 200, first), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, 200), page.Entries.Seqs());
        page.ShouldBeAsWritten();
        Assert.Empty(_logs.Warnings);
    }

    [StoreFact]
    public void Should_trim_nothing_when_nothing_is_configured()
    {
        _logs.Write(200, Small with { SegmentBytes = 400 });
        using var store = _logs.Open(Small);
        Assert.Null(store.TrimEvery);
        store.Trim(DataFolder.Room);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        Assert.Null(log.Trim());
        Assert.Equal(1, log.Open().First);
    }

    [StoreFact]
    public void Should_delete_what_is_too_old_and_no_more()
    {
        _logs.Write(181, _age);
        foreach (var age in new[] { 120, 150, 179 })
        {
            _time.SetWall(DataFolder.TimeOf(600 + age) - _time.Now);
            using var store = _logs.Open(_age);
            using var log = store.Log(DataFolder.Room);
            log.Open();
            log.Trim();

            // A tenth of what is kept may stay longer.
            Assert.InRange(log.Read(DataFolder.Oldest(1, 181)).First, age - 60, age);
            Assert.Null(log.Trim());
        }
    }

    [StoreFact]
    public void Should_have_seqs_and_times_go_on_when_all_is_too_old()
    {
        var epoch = _logs.Write(100, _age);
        _time.SetWall(TimeSpan.FromDays(1));
        using (var store = _logs.Open(_age))
        using (var log = store.Log(DataFolder.Room))
        {
            log.Open();
            Assert.Equal(101, log.Trim());
            Assert.Null(log.Trim());
            var page = log.Read(DataFolder.Oldest(1, 100));
            Assert.Equal((101, 100, 101), (page.From, page.Through, page.First));
            Assert.Empty(page.Missing);
        }

        using (var store = _logs.Open(_age))
        using (var log = store.Log(DataFolder.Room))
        {
            Assert.Equal(new LogState(epoch, 101, 100, DataFolder.TimeOf(100)), log.Open());
            Assert.Null(log.Trim());
            Assert.Equal([DataFolder.Room], store.Rooms());
            log.Append(DataFolder.Entries(101, 103));
            Assert.Equal([101, 102, 103], log.Read(DataFolder.Oldest(1, 103)).Entries.Seqs());
        }
        Assert.Equal(epoch, _logs.Write(104, _age));
        Assert.Empty(_logs.Warnings);
    }

    [StoreFact]
    public void Should_keep_what_the_ids_seen_need_however_small_the_bound_is()
    {
        using var store = _logs.Open(_bytes with { WindowAtLeast = 50 });
        using var log = store.Log(DataFolder.Room);
        log.Open();
        for (var seq = 1; seq <= 200; seq++)
        {
            if (log.Append(DataFolder.Entries(seq, seq)).BeganSegment)
                log.Trim();
            var window = log.ReadWindow(new WindowQuery(DateTime.MaxValue, 50, 1_000, 0, 0));
            Assert.Equal(DataFolder.Seqs(Math.Max(1, seq - 49), seq), window.Ids.Select(id => id.Seq));
        }
        Assert.True(log.Open().First > 100);
    }

    [StoreFact]
    public void Should_trim_a_log_that_nobody_has_open_and_leave_one_to_its_writer()
    {
        var epoch = _logs.Write(200, Small with { SegmentBytes = 400 });
        using var store = _logs.Open(_bytes);
        Assert.Equal(_bytes.TrimEvery, store.TrimEvery);
        using (var open = store.Log(DataFolder.Room))
        {
            open.Open();
            store.Trim(DataFolder.Room);
            Assert.Equal(1, open.Read(DataFolder.Oldest(1, 200)).First);
        }

        store.Trim(DataFolder.Room);

        using var log = store.Log(DataFolder.Room);
        var state = log.Open();
        Assert.InRange(state.First, 2, 199);
        Assert.Equal(new LogState(epoch, state.First, 200, DataFolder.TimeOf(200)), state);
        Assert.Empty(_logs.Warnings);
    }

    [StoreFact]
    public void Should_make_nothing_of_a_room_that_never_was()
    {
        using var store = _logs.Open(_bytes);
        store.Trim(DataFolder.Room);
        Assert.Empty(store.Rooms());
    }
}
