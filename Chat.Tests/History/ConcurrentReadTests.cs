using Chat.Actors.History;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public sealed class ConcurrentReadTests : IDisposable
{
    private const int Batches = 400;

    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Should_see_all_that_is_durable_and_nothing_beyond_while_it_is_written()
    {
        using var store = _data.Open(new FileHistoryOptions { SegmentBytes = 40_000, Durability = Durability.Never });
        using var log = store.Log(DataFolder.Room);
        log.Open();
        var durable = 0L;
        var writer = Task.Run(() =>
        {
            var random = new Random(3);
            for (var batch = 0; batch < Batches; batch++)
            {
                var next = Volatile.Read(ref durable) + 1;
                var last = next + random.Next(30);
                log.Append(DataFolder.Entries(next, last));
                Volatile.Write(ref durable, last);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            do
            {
                var to = Volatile.Read(ref durable);
                var from = Math.Max(1, to - random.Next(200));
                var page = log.Read(new LogQuery(from, to, (PageEnd)random.Next(2), 100, 64 * 1024));
                Assert.Empty(page.Missing);
                Assert.Equal(DataFolder.Seqs(page.From, page.Through), page.Entries.Seqs());
                Assert.True(page.From >= from && page.Through <= to);
                Assert.True(to == 0 || page.Entries.Count > 0);
                page.ShouldBeAsWritten();
            }
            while (!writer.IsCompleted);
        })));

        await writer;
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public async Task Should_see_all_that_is_kept_and_nothing_else_while_segments_are_deleted()
    {
        var time = new ManualTime();
        time.SetWall(DataFolder.TimeOf(0) - time.Now);
        using var store = _data.Open(new FileHistoryOptions
        {
            Time = time,
            Durability = Durability.Never,
            SegmentBytes = 4_000,
            RetainAge = TimeSpan.FromMinutes(3),
            WindowTime = TimeSpan.Zero,
        });
        using var log = store.Log(DataFolder.Room);
        log.Open();
        var durable = 0L;
        var risen = 0;
        var emptied = 0;
        var writer = Task.Run(() =>
        {
            var random = new Random(3);
            for (var batch = 0; batch < Batches; batch++)
            {
                var next = Volatile.Read(ref durable) + 1;
                var last = next + random.Next(30);
                // Messages are a second apart; now and then there is a pause in which all of them become too old.
                if (DataFolder.TimeOf(last) > time.Now)
                    time.Advance(DataFolder.TimeOf(last) - time.Now);
                log.Append(DataFolder.Entries(next, last));
                Volatile.Write(ref durable, last);
                if (random.Next(60) == 0)
                    time.Advance(TimeSpan.FromMinutes(4));
                if (log.Trim() is not { } first)
                    continue;
                risen++;
                emptied += first > last ? 1 : 0;
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            do
            {
                var to = Volatile.Read(ref durable);
                var from = Math.Max(1, to - random.Next(400));
                var page = log.Read(new LogQuery(from, to, (PageEnd)random.Next(2), 100, 64 * 1024));
                Assert.Empty(page.Missing);
                Assert.Equal(DataFolder.Seqs(page.From, page.Through), page.Entries.Seqs());
                Assert.True(page.From >= from && (page.Through <= to || page.Entries.Count == 0));
                // Only what was deleted is left out.
                Assert.True(page.Entries.Count is 100 || page.From == Math.Max(from, page.First), $"{page} for {from} to {to}");
                Assert.True(page.Entries.Count > 0 || page.First > to || to == 0);
                page.ShouldBeAsWritten();
            }
            while (!writer.IsCompleted);
        })));

        await writer;
        Assert.True(risen > 20 && emptied > 5, $"trimmed {risen} times, all of it {emptied} times");
        Assert.Empty(_data.Warnings);
    }

    [Theory]
    [InlineData(PageEnd.Oldest)]
    [InlineData(PageEnd.Newest)]
    public void Should_say_nothing_of_a_batch_that_is_half_written(PageEnd keep)
    {
        _data.Write(3);
        var half = DataFolder.Bytes(DataFolder.Entries(4, 6));
        using (var file = new FileStream(_data.Segment(), FileMode.Append))
            file.Write(half.AsSpan(0, half.Length - 30));
        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);

        var page = log.Read(new LogQuery(1, 3, keep, 100, 64 * 1024));

        Assert.Equal([1, 2, 3], page.Entries.Seqs());
        Assert.Empty(page.Missing);
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public void Should_hold_little_more_than_the_page_in_memory()
    {
        _data.Write(60_000, new FileHistoryOptions { Durability = Durability.Never }, batch: 5_000);
        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);
        log.Read(DataFolder.Oldest(1, 60_000, 50));

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var keep in Enum.GetValues<PageEnd>())
            Assert.Equal(50, log.Read(new LogQuery(30_001, 30_100, keep, 50, 64 * 1024)).Entries.Count);
        log.Open();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, 300_000);
    }
}
