using Chat.Actors.History;
using Chat.Bench.Gateways;
using Chat.Protocol;
using Chat.Tests.History;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class RoomLogTests : IDisposable
{
    private static readonly RoomLogContents Contents = new("general", Messages: 500, Recent: 40, Characters: 20) { SegmentBytes = 20_000 };

    private readonly DataFolder _folder = new();
    private readonly DateTime _now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    public RoomLogTests() => RoomLog.Write(_folder.Path, Contents, _now, CancellationToken.None);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Should_write_what_a_gateway_opens_without_a_word_and_goes_on_with()
    {
        Assert.True(Directory.GetFiles(_folder.RoomPath, "*.jsonl").Length > 3);
        using (var store = _folder.Open())
        {
            using var log = store.Log(DataFolder.Room);
            var state = log.Open();
            Assert.Equal(("bench", 1, 500, _now), (state.Epoch, state.First, state.Last, state.LastTimestamp));
            var page = log.Read(new LogQuery(150, 249, PageEnd.Oldest, 100, 64 * 1024));
            Assert.Equal(Enumerable.Range(150, 100).Select(seq => (long)seq), page.Entries.Select(entry => entry.Seq));
            Assert.Empty(page.Missing);
            log.Append([new LogEntry(501, DataFolder.Entry(501).Line)]);
        }
        Assert.Empty(_folder.Warnings);
    }

    [Fact]
    public void Should_have_as_many_recent_ids_as_it_was_told_and_the_others_older()
    {
        using var store = _folder.Open();
        using var log = store.Log(DataFolder.Room);
        log.Open();
        var window = log.ReadWindow(new WindowQuery(_now - TimeSpan.FromMinutes(10), 1, 100_000, 1, 1));
        Assert.Equal(Enumerable.Range(461, 40).Select(RoomLogContents.Id), window.Ids.Select(id => id.Id));
        Assert.Equal(Enumerable.Range(461, 40).Select(RoomLogContents.User), window.Ids.Select(id => id.User));
        Assert.True(window.Ids.Zip(window.Ids.Skip(1), (one, next) => one.Timestamp <= next.Timestamp).All(isOrdered => isOrdered));
    }

    [Fact]
    public void Should_end_when_it_is_cancelled() =>
        Assert.Throws<OperationCanceledException>(() => RoomLog.Write(Path.Combine(_folder.Path, "other"), Contents, _now, new CancellationToken(canceled: true)));
}
