using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public sealed class TrimTests : IDisposable
{
    private static readonly FileHistoryOptions Small = new() { WindowAtLeast = 0, WindowTime = TimeSpan.FromSeconds(1), BootId = "boot-1" };

    private readonly DataFolder _data = new();
    private readonly ManualTime _time = new();
    private readonly FileHistoryOptions _bytes;
    private readonly FileHistoryOptions _age;

    public TrimTests()
    {
        // Long after the messages of DataFolder.
        _bytes = Small with { Time = new ManualTime(), RetainBytes = 4_000 };
        _age = Small with { Time = _time, RetainAge = TimeSpan.FromMinutes(10) };
        // They are a second apart, the first at 1.
        _time.SetWall(DataFolder.TimeOf(0) - _time.Now);
    }

    public void Dispose() => _data.Dispose();

    private long[] Segments => [.. Directory.GetFiles(_data.RoomPath, "*.jsonl").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path))).Order()];

    [Fact]
    public void Should_keep_so_many_bytes_and_say_where_the_log_begins()
    {
        using var store = _data.Open(_bytes);
        using var log = store.Log(DataFolder.Room);
        var epoch = log.Open().Epoch;
        var first = 1L;
        for (var seq = 1; seq <= 200; seq++)
        {
            if (!log.Append(DataFolder.Entries(seq, seq)).BeganSegment)
                continue;
            var risen = log.Trim();
            Assert.Equal(risen ?? first, Segments[0]);
            Assert.True(risen is null || risen > first);
            first = risen ?? first;
        }

        var kept = Directory.GetFiles(_data.RoomPath, "*.jsonl").Sum(path => new FileInfo(path).Length);
        Assert.InRange(kept, 3_000, 4_000);
        Assert.Equal(new LogState(epoch, first, 200, DataFolder.TimeOf(200)), log.Open());
        var page = log.Read(DataFolder.Oldest(1, 200));
        Assert.Equal((first, 200, first), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, 200), page.Entries.Seqs());
        page.ShouldBeAsWritten();
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public void Should_begin_a_segment_past_a_tenth_of_the_age_by_the_times_of_the_messages()
    {
        _data.Write(181, _age);

        Assert.Equal([1, 61, 121, 181], Segments);
    }

    [Fact]
    public void Should_go_on_with_the_segment_of_before_when_it_is_not_a_tenth_of_the_age_long()
    {
        _data.Write(30, _age);
        _data.Write(90, _age);

        Assert.Equal([1, 61], Segments);
    }

    [Fact]
    public void Should_delete_what_is_too_old_and_no_more()
    {
        _data.Write(181, _age);
        _time.SetWall(TimeSpan.FromSeconds(600 + 120));
        using var store = _data.Open(_age);
        using var log = store.Log(DataFolder.Room);
        Assert.Equal(1, log.Open().First);

        // The newest of the second, at 120, is as old as may be.
        Assert.Equal(61, log.Trim());
        Assert.Equal([61, 121, 181], Segments);
        Assert.Null(log.Trim());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(121, log.Trim());
        Assert.Equal([121, 181], Segments);
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_keep_an_empty_segment_that_seqs_go_on_from_when_all_is_too_old(Durability durability)
    {
        var options = _age with { Durability = durability };
        var epoch = _data.Write(100, options);
        _time.SetWall(TimeSpan.FromDays(1));
        using (var store = _data.Open(options))
        using (var log = store.Log(DataFolder.Room))
        {
            log.Open();
            Assert.Equal(101, log.Trim());
            Assert.Null(log.Trim());
            Assert.Equal([101], Segments);
            Assert.Equal(0, new FileInfo(_data.Segment(101)).Length);
            var page = log.Read(DataFolder.Oldest(1, 100));
            Assert.Equal((101, 100, 101), (page.From, page.Through, page.First));
            Assert.Empty(page.Missing);
        }

        using (var store = _data.Open(options))
        using (var log = store.Log(DataFolder.Room))
        {
            // The time of the newest is remembered, so that times don't decrease either.
            Assert.Equal(new LogState(epoch, 101, 100, DataFolder.TimeOf(100)), log.Open());
            Assert.Null(log.Trim());
            log.Append(DataFolder.Entries(101, 103));
        }
        Assert.Equal(epoch, _data.Write(104, options));
        Assert.Equal([101], Segments);
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public void Should_go_on_in_the_empty_segment_in_the_same_run()
    {
        using var store = _data.Open(_age);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 10));
        _time.SetWall(TimeSpan.FromDays(1));
        // Not believed before it has lasted.
        Assert.Null(log.Trim());
        _time.Advance(RetentionClock.Lasting);
        Assert.Equal(11, log.Trim());
        Assert.False(log.Append(DataFolder.Entries(11, 12)).BeganSegment);
        Assert.Equal([11, 12], log.Read(DataFolder.Oldest(1, 12)).Entries.Seqs());
        Assert.Equal([11], Segments);
    }

    [LinuxFact(Linux.ProcFolder)]
    public void Should_leave_no_deleted_file_open()
    {
        using var store = _data.Open(_age);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 10));
        _time.SetWall(TimeSpan.FromDays(1));
        log.Trim();
        _time.Advance(RetentionClock.Lasting);
        log.Trim();

        Assert.Equal([11], Segments);
        Assert.DoesNotContain(
            Directory.GetFiles("/proc/self/fd"), link => new FileInfo(link).LinkTarget?.StartsWith(_data.Segment(1), StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Should_trim_a_log_that_nobody_has_open_and_end_it_cleanly()
    {
        var epoch = _data.Write(200, Small with { SegmentBytes = 400 });
        using var store = _data.Open(_bytes);
        Assert.Equal(_bytes.TrimEvery, store.TrimEvery);

        store.Trim(DataFolder.Room);

        var first = Segments[0];
        Assert.InRange(first, 2, 199);
        Assert.Contains("\"last\":200", File.ReadAllText(_data.RoomFile));
        var before = File.GetLastWriteTimeUtc(_data.RoomFile);
        store.Trim(DataFolder.Room);
        Assert.Equal(before, File.GetLastWriteTimeUtc(_data.RoomFile));
        using var log = store.Log(DataFolder.Room);
        Assert.Equal(new LogState(epoch, first, 200, DataFolder.TimeOf(200)), log.Open());
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public void Should_make_nothing_of_a_room_that_never_was()
    {
        using var store = _data.Open(_bytes);
        store.Trim(DataFolder.Room);
        Assert.False(Directory.Exists(_data.RoomPath));
    }

    [Fact]
    public void Should_count_a_damaged_segment_as_old_as_the_one_behind_it()
    {
        _data.Write(181, _age);
        var bytes = File.ReadAllBytes(_data.Segment(1));
        for (var i = 0; i < bytes.Length; i += 10)
            bytes[i] ^= 1;
        File.WriteAllBytes(_data.Segment(1), bytes);
        _time.SetWall(TimeSpan.FromSeconds(600 + 61));
        using var store = _data.Open(_age);
        using var log = store.Log(DataFolder.Room);
        log.Open();

        Assert.Null(log.Trim());
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(121, log.Trim());
    }

    [Fact]
    public void Should_trim_a_log_whose_end_is_torn_and_keep_its_seq()
    {
        var epoch = _data.Write(100, _age);
        _data.ForgetCleanEnd();
        File.AppendAllText(_data.Segment(61), "{\"type\":\"mes");
        _time.SetWall(TimeSpan.FromDays(1));
        using var store = _data.Open(_age);

        store.Trim(DataFolder.Room);

        Assert.Equal([101], Segments);
        using var log = store.Log(DataFolder.Room);
        Assert.Equal((epoch, 101, 100), (log.Open().Epoch, log.Open().First, log.Open().Last));
        Assert.Contains("cut off", Assert.Single(_data.Warnings).Problem);
    }
}
