using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class OpenLogsTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [LinuxFact(Linux.ProcFolder)]
    public void Should_keep_no_more_files_open_than_allowed()
    {
        using var store = _data.Open(new FileHistoryOptions { OpenLogs = 3 });
        var logs = OpenLogs(store, 8);
        for (var seq = 1; seq <= 5; seq++)
        {
            foreach (var log in logs)
            {
                log.Append(DataFolder.Entries(seq, seq));
                Assert.InRange(OpenSegments().Count, 1, 3);
            }
        }

        Assert.Equal(["room-5", "room-6", "room-7"], OpenSegments().Order());
        logs[5].Append(DataFolder.Entries(6, 6));
        logs[0].Append(DataFolder.Entries(6, 6));
        Assert.Equal(["room-0", "room-5", "room-7"], OpenSegments().Order());
        logs[7].Dispose();
        Assert.Equal(["room-0", "room-5"], OpenSegments().Order());
        Assert.All(logs[1..5], log => Assert.Equal(DataFolder.Seqs(1, 5), log.Read(DataFolder.Oldest(1, 5)).Entries.Seqs()));
        foreach (var log in logs)
            log.Dispose();
        Assert.Empty(OpenSegments());
    }

    [Fact]
    public async Task Should_lose_nothing_when_many_append_at_once()
    {
        const int Batches = 60;
        using var store = _data.Open(new FileHistoryOptions { OpenLogs = 2, Durability = Durability.Never, SegmentBytes = 3_000 });
        var logs = OpenLogs(store, 6);

        await Task.WhenAll(logs.Select(log => Task.Run(() =>
        {
            for (var seq = 1; seq <= Batches; seq++)
                log.Append(DataFolder.Entries(seq, seq));
        })));

        foreach (var log in logs)
        {
            var page = log.Read(DataFolder.Oldest(1, Batches));
            Assert.Equal(DataFolder.Seqs(1, Batches), page.Entries.Seqs());
            page.ShouldBeAsWritten();
            Assert.Equal(Batches, log.Open().Last);
            log.Dispose();
        }
    }

    private static IRoomLog[] OpenLogs(FileHistoryStore store, int count)
    {
        var logs = Enumerable.Range(0, count).Select(i => store.Log(RoomName.Trusted($"room-{i}"))).ToArray();
        foreach (var log in logs)
            log.Open();
        return logs;
    }

    private List<string> OpenSegments()
    {
        var rooms = new List<string>();
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
        {
            if (TargetOf(link) is { } file && file.StartsWith(_data.Path) && file.EndsWith(".jsonl"))
                rooms.Add(Path.GetFileName(Path.GetDirectoryName(file))!);
        }
        return rooms;
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName;
        }
        catch (FileNotFoundException)
        {
            // Another test's, closed since the folder was listed.
            return null;
        }
    }
}
