using Chat.Actors.History;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

/// <summary>Logs that wait for one sync of their volume, on a disk that tells what it was asked for.</summary>
public sealed class SharedSyncTests
{
    private const string Data = "/data";

    private readonly SimulatedDisk _disk = new();
    private readonly ManualTime _time = new();
    private readonly List<DiskCall> _calls = [];

    public SharedSyncTests() => _disk.Fault = request =>
    {
        _calls.Add(request.Call);
        return null;
    };

    [Fact]
    public void Should_store_what_several_logs_wrote_by_one_sync()
    {
        var store = Open();
        var logs = OpenLogs(store, 3);
        _calls.Clear();
        Assert.All(logs, log => Assert.False(log.Append(DataFolder.Entries(2, 2)).IsStored));
        Assert.DoesNotContain(DiskCall.SyncData, _calls);
        store.Sync();
        Assert.Single(_calls, DiskCall.SyncVolume);
        Assert.All(logs, log => log.Commit());

        _disk.PowerCut(new Random(1));
        Assert.All(OpenAgain(Open(), 3), last => Assert.Equal(2, last));
    }

    [Fact]
    public void Should_sync_a_log_by_itself_when_few_append()
    {
        var logs = OpenLogs(Open(from: 3), 3);
        _calls.Clear();
        Assert.True(logs[0].Append(DataFolder.Entries(2, 2)).IsStored);
        Assert.True(logs[1].Append(DataFolder.Entries(2, 2)).IsStored);
        Assert.True(logs[2].Append(DataFolder.Entries(2, 2)).IsStored);
        Assert.Equal(3, _calls.Count(call => call == DiskCall.SyncData));
    }

    [Fact]
    public void Should_say_no_commit_when_no_sync_began_behind_the_write()
    {
        var store = Open();
        var logs = OpenLogs(store, 2);
        logs[0].Append(DataFolder.Entries(2, 2));
        store.Sync();
        logs[1].Append(DataFolder.Entries(2, 2));
        logs[0].Commit();
        Assert.Throws<InvalidOperationException>(logs[1].Commit);
        Assert.Throws<InvalidOperationException>(logs[0].Commit);
    }

    [Fact]
    public void Should_not_count_a_write_as_covered_when_it_came_during_the_sync()
    {
        var store = Open();
        var logs = OpenLogs(store, 2);
        logs[0].Append(DataFolder.Entries(2, 2));
        During(DiskCall.SyncVolume, () => logs[1].Append(DataFolder.Entries(2, 2)));
        store.Sync();
        logs[0].Commit();
        Assert.Throws<InvalidOperationException>(logs[1].Commit);
    }

    [Fact]
    public void Should_fail_all_whose_write_may_have_been_lost_when_a_sync_fails_although_the_next_one_succeeds()
    {
        var store = Open();
        var logs = OpenLogs(store, 3);
        logs[0].Append(DataFolder.Entries(2, 2));
        During(DiskCall.SyncVolume, () => logs[1].Append(DataFolder.Entries(2, 2)), DiskFault.Error);
        store.Sync();
        _disk.Fault = null;
        store.Sync();
        foreach (var log in logs[..2])
        {
            Assert.Contains("Another log's sync failed", Assert.Throws<StorageException>(log.Commit).Message);
            Assert.Throws<InvalidOperationException>(() => log.Append(DataFolder.Entries(2, 2)));
        }

        // Who had nothing unstored goes on, and so does who opens again.
        foreach (var log in logs[..2])
        {
            // Its own sync tells once more of what was lost.
            Assert.Throws<StorageException>(log.Open);
            Assert.Equal(1, log.Open().Last);
        }
        Assert.All(logs, log => log.Append(DataFolder.Entries(2, 2)));
        store.Sync();
        Assert.All(logs, log => log.Commit());
        _disk.PowerCut(new Random(1));
        Assert.All(OpenAgain(Open(), 3), last => Assert.Equal(2, last));
    }

    [Fact]
    public void Should_fail_one_that_synced_itself_while_a_shared_sync_failed()
    {
        var store = Open(from: 2);
        var logs = OpenLogs(store, 2);
        // The first has its own; while it syncs, the second's comes and its sync fails.
        During(DiskCall.SyncData, () =>
        {
            logs[1].Append(DataFolder.Entries(2, 2));
            _disk.Fault = request => request.Call == DiskCall.SyncVolume ? DiskFault.Error : null;
            store.Sync();
        });
        Assert.Throws<StorageException>(() => logs[0].Append(DataFolder.Entries(2, 2)));
        Assert.Throws<StorageException>(logs[1].Commit);
    }

    [Fact]
    public void Should_have_each_log_sync_by_itself_when_the_volume_can_not_be_trusted()
    {
        _disk.HasVolume = false;
        Assert.All(OpenLogs(Open(), 3), log => Assert.True(log.Append(DataFolder.Entries(2, 2)).IsStored));
    }

    [Fact]
    public void Should_have_a_log_sync_by_itself_when_it_is_on_another_volume()
    {
        _disk.Elsewhere = $"{Data}/room-1/";
        var logs = OpenLogs(Open(), 3);
        Assert.Equal([false, true, false], logs.Select(log => log.Append(DataFolder.Entries(2, 2)).IsStored));
    }

    [Fact]
    public void Should_have_each_log_sync_by_itself_for_a_while_when_a_shared_sync_was_slow()
    {
        var store = Open();
        var logs = OpenLogs(store, 2);
        logs[0].Append(DataFolder.Entries(2, 2));
        During(DiskCall.SyncVolume, () => _time.Advance(TimeSpan.FromSeconds(1)));
        store.Sync();
        logs[0].Commit();
        Assert.True(logs[0].Append(DataFolder.Entries(3, 3)).IsStored);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(logs[0].Append(DataFolder.Entries(4, 4)).IsStored);
    }

    [Fact]
    public void Should_go_back_to_what_was_stored_when_it_is_opened_with_an_append_that_never_was()
    {
        var store = Open();
        var log = OpenLogs(store, 1)[0];
        log.Append(DataFolder.Entries(2, 2));
        Assert.Throws<InvalidOperationException>(() => log.Append(DataFolder.Entries(3, 3)));
        Assert.Equal(1, log.Open().Last);
        Assert.Throws<InvalidOperationException>(log.Commit);
        // It counts no longer as one that appends.
        log.Append(DataFolder.Entries(2, 2));
        store.Sync();
        log.Commit();
        Assert.Equal([1, 2], log.Read(DataFolder.Oldest(1, 2)).Entries.Seqs());
    }

    [Fact]
    public void Should_fail_the_commit_when_the_file_was_removed_meanwhile()
    {
        var store = Open();
        var log = OpenLogs(store, 1)[0];
        log.Append(DataFolder.Entries(2, 2));
        _disk.Remove(_disk.FilesIn($"{Data}/room-0").Single(path => path.EndsWith(".jsonl", StringComparison.Ordinal)));
        store.Sync();
        Assert.Contains("removed", Assert.Throws<StorageException>(log.Commit).Message);
    }

    [LinuxFact(Linux.ProcFolder)]
    public void Should_be_shared_on_this_machine_when_its_file_system_is_one_of_those()
    {
        using var data = new DataFolder();
        if (new DriveInfo(data.Path).DriveFormat is not ("ext4" or "xfs" or "btrfs"))
        {
            Assert.Null(SystemDisk.Instance.Volume(data.Path));
            return;
        }
        using var store = data.Open(new FileHistoryOptions { ShareSyncsFrom = 1 });
        using var log = store.Log(DataFolder.Room);
        log.Open();
        Assert.False(log.Append(DataFolder.Entries(1, 3)).IsStored);
        store.Sync();
        log.Commit();
        Assert.Equal(DataFolder.Seqs(1, 3), log.Read(DataFolder.Oldest(1, 5)).Entries.Seqs());
    }

    [LinuxFact(Linux.ProcFolder)]
    public void Should_know_what_is_not_on_a_volume()
    {
        using var data = new DataFolder();
        using var volume = SystemDisk.Instance.Volume(data.Path);
        if (volume is null)
            return;
        Assert.True(volume.Has(data.Path));
        Assert.False(volume.Has("/proc/self/stat"));
        Assert.Throws<IOException>(() => volume.Has(Path.Combine(data.Path, "nothing")));
        Assert.Null(SystemDisk.Instance.Volume("/proc"));
    }

    // Once, in the first such call.
    private void During(DiskCall call, Action work, DiskFault? fault = null)
    {
        var done = false;
        _disk.Fault = request =>
        {
            if (done || request.Call != call)
                return null;
            done = true;
            work();
            return fault;
        };
    }

    private FileHistoryStore Open(int from = 1) =>
        FileHistoryStore.Open(_disk.Start(), Data, new FileHistoryOptions { ShareSyncsFrom = from, Time = _time });

    // Each with one message.
    private static IRoomLog[] OpenLogs(FileHistoryStore store, int count)
    {
        var logs = Enumerable.Range(0, count).Select(i => store.Log(RoomName.Trusted($"room-{i}"))).ToArray();
        foreach (var log in logs)
        {
            log.Open();
            if (log.Append(DataFolder.Entries(1, 1)).IsStored)
                continue;
            store.Sync();
            log.Commit();
        }
        return logs;
    }

    private static long[] OpenAgain(FileHistoryStore store, int count) =>
        [.. Enumerable.Range(0, count).Select(i => store.Log(RoomName.Trusted($"room-{i}")).Open().Last)];
}
