using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

/// <summary>A log whose files aren't the ones that were written, but copies of them, perhaps from before.</summary>
public sealed class CopiedLogTests
{
    private const string Data = "/data";

    private static readonly FileHistoryOptions Options = new() { BootId = "boot-1", SegmentBytes = 400 };

    private readonly SimulatedDisk _disk = new();
    private readonly List<StorageWarning> _warnings = [];

    private static string Folder => Path.Combine(Data, "general");

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Should_give_a_new_epoch_when_all_files_of_an_older_moment_come_back(bool isInPlace, bool isFromARun)
    {
        Write(to: 2, isKilled: isFromARun);
        var backup = Backup();
        var epoch = Write(to: 12);

        Restore(backup, isInPlace);

        ShouldBeNew(epoch, last: 2);
    }

    [Fact]
    public void Should_give_a_new_epoch_when_a_log_was_copied_elsewhere()
    {
        var epoch = Write(to: 12);
        Restore(Backup(), isInPlace: false);

        ShouldBeNew(epoch, last: 12);
    }

    [Fact]
    public void Should_give_a_new_epoch_when_the_segments_alone_come_back()
    {
        Write(to: 2);
        var backup = Backup().Where(file => file.Key.EndsWith(".jsonl", StringComparison.Ordinal)).ToDictionary();
        var epoch = Write(to: 3, isKilled: true);

        foreach (var (path, bytes) in backup)
        {
            _disk.Remove(path);
            _disk.Put(path, bytes);
        }

        ShouldBeNew(epoch, last: 2);
    }

    [Fact]
    public void Should_give_a_new_epoch_when_the_newest_segment_is_gone_after_a_kill()
    {
        var epoch = Write(to: 12, isKilled: true);
        _disk.Remove(Segments()[^1]);

        ShouldBeNew(epoch, last: 9);
    }

    [Fact]
    public void Should_give_a_new_epoch_when_there_is_a_newer_segment_that_nobody_here_has_written()
    {
        var epoch = Write(to: 12, isKilled: true);
        _disk.Put(Segment.At(Folder, 13).Path, DataFolder.Bytes(DataFolder.Entries(13, 13)));

        ShouldBeNew(epoch, last: 13);
    }

    [Theory]
    [InlineData(DiskBirths.Kept)]
    [InlineData(DiskBirths.Unknown)]
    [InlineData(DiskBirths.RenewedByReplace)]
    public void Should_keep_the_epoch_when_nobody_touched_the_files(DiskBirths births)
    {
        _disk.Births = births;
        var epoch = Write(to: 2);
        Assert.Equal(epoch, Write(to: 12, isKilled: true));
        Assert.Equal(epoch, Write(to: 20));
        Assert.Equal(epoch, Write(to: 20));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Should_ask_for_no_births_where_the_file_system_knows_none()
    {
        _disk.Births = DiskBirths.Unknown;
        Write(to: 2);
        var backup = Backup();
        var epoch = Write(to: 12);
        Restore(backup, isInPlace: false);
        Assert.Equal(epoch, Write(to: 2));
        Assert.Empty(_warnings);

        Write(to: 12, isKilled: true);
        _disk.Remove(Segments()[^1]);
        ShouldBeNew(epoch, last: 9);
    }

    [Fact]
    public void Should_take_a_log_from_before_births_were_written_as_it_is_and_write_them()
    {
        var epoch = Write(to: 2);
        _disk.Put(RoomFile.PathIn(Folder), System.Text.Encoding.UTF8.GetBytes($"{{\"epoch\":\"{epoch}\",\"last\":2}}"));
        Assert.Equal(epoch, Write(to: 3));
        Assert.Empty(_warnings);

        Restore(Backup(), isInPlace: false);
        ShouldBeNew(epoch, last: 3);
    }

    // Whichever call is the last of a run that goes on in a new segment, the next run finds its own files.
    [Fact]
    public void Should_keep_the_epoch_wherever_a_process_ended_that_was_making_a_segment()
    {
        for (var n = 1; ; n++)
        {
            var disk = new SimulatedDisk(n);
            var epoch = Write(disk, to: 3);
            var calls = disk.Calls;
            disk.Fault = request => request.Number == calls + n ? DiskFault.Stop : null;
            Exception? end = null;
            try
            {
                Write(disk, to: 7, isKilled: true);
            }
            catch (StorageException e)
            {
                end = e;
            }
            disk.Fault = null;
            Assert.Equal(epoch, Write(disk, to: 12));
            if (end is null)
                break;
        }
        Assert.DoesNotContain(_warnings, warning => warning.Problem.Contains("epoch"));
    }

    [Fact]
    public void Should_say_nothing_of_a_log_that_a_crash_left_half_made()
    {
        for (var n = 1; ; n++)
        {
            var disk = new SimulatedDisk(n);
            var calls = disk.Calls;
            disk.Fault = request => request.Number == calls + n ? DiskFault.Stop : null;
            Exception? end = null;
            try
            {
                Write(disk, to: 1, isKilled: true);
            }
            catch (StorageException e)
            {
                end = e;
            }
            disk.Fault = null;
            Write(disk, to: 3);
            if (end is null)
                break;
        }
        Assert.DoesNotContain(_warnings, warning => warning.Problem.Contains("epoch"));
    }

    [LinuxFact(Linux.ProcFolder)]
    public void Should_tell_a_file_from_its_copy_but_not_from_itself_under_another_name()
    {
        using var data = new DataFolder();
        var (file, moved, copy) = (Path.Combine(data.Path, "file"), Path.Combine(data.Path, "moved"), Path.Combine(data.Path, "copy"));
        File.WriteAllText(file, "text");
        var birth = SystemDisk.Instance.Birth(file);
        Assert.NotNull(birth);
        File.AppendAllText(file, "more");
        File.Move(file, moved);
        Assert.Equal(birth, SystemDisk.Instance.Birth(moved));
        // The system's clock for files goes in steps of a few milliseconds.
        do
        {
            File.Delete(copy);
            File.Copy(moved, copy);
            File.SetCreationTimeUtc(copy, File.GetCreationTimeUtc(moved));
            File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(moved));
        }
        while (SystemDisk.Instance.Birth(copy) == birth);
        Assert.Throws<IOException>(() => SystemDisk.Instance.Birth(file));
    }

    [LinuxFact(Linux.ProcFolder)]
    public void Should_keep_the_epoch_of_a_folder_that_was_renamed()
    {
        using var data = new DataFolder();
        var epoch = data.Write(3);
        using var moved = new DataFolder(data.Path + "-moved", delete: false);
        Directory.Move(data.Path, moved.Path);

        Assert.Equal(epoch, moved.Write(5));
        Assert.Empty(moved.Warnings);
        Directory.Move(moved.Path, data.Path);
    }

    private string Write(long to, bool isKilled = false) => Write(_disk, to, isKilled);

    private string Write(SimulatedDisk disk, long to, bool isKilled = false)
    {
        using var store = FileHistoryStore.Open(disk.Start(), Data, Options, _warnings.Add);
        using var log = store.Log(DataFolder.Room);
        var state = log.Open();
        for (var seq = state.Last + 1; seq <= to; seq++)
            log.Append(DataFolder.Entries(seq, seq));
        if (isKilled)
            disk.Kill();
        return state.Epoch;
    }

    // Once, and for good.
    private void ShouldBeNew(string epoch, long last)
    {
        using (var store = FileHistoryStore.Open(_disk.Start(), Data, Options, _warnings.Add))
        using (var log = store.Log(DataFolder.Room))
        {
            var state = log.Open();
            Assert.NotEqual(epoch, state.Epoch);
            Assert.Equal(last, state.Last);
            epoch = state.Epoch;
        }
        var warning = Assert.Single(_warnings);
        Assert.Contains("new epoch", warning.Problem);
        Assert.Equal(RoomFile.PathIn(Folder), warning.File);
        Assert.Equal(epoch, Write(last + 5));
        Assert.Single(_warnings);
    }

    private string[] Segments() => [.. _disk.FilesIn(Folder).Where(path => path.EndsWith(".jsonl", StringComparison.Ordinal)).Order()];

    private Dictionary<string, byte[]> Backup() => _disk.FilesIn(Folder).ToDictionary(path => path, path => _disk.Peek(path)!);

    private void Restore(Dictionary<string, byte[]> backup, bool isInPlace)
    {
        foreach (var path in _disk.FilesIn(Folder))
        {
            if (!isInPlace || !backup.ContainsKey(path))
                _disk.Remove(path);
        }
        foreach (var (path, bytes) in backup)
            _disk.Put(path, bytes);
    }
}
