using System.Text;
using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public class SimulatedDiskTests
{
    private const string File = "/data/file";

    [Fact]
    public void Should_keep_what_was_synced_and_only_some_of_the_rest_when_the_power_is_cut()
    {
        var seen = Outcomes(disk =>
        {
            using var file = Stored(disk, "abc");
            file.Write("defghi"u8, 3);
        });

        Assert.All(seen, text => Assert.StartsWith("abc", text));
        Assert.Contains("abc", seen);
        Assert.Contains("abcdefghi", seen);
        Assert.Contains("abcdef", seen);
        Assert.Contains("abcd\0\0\0\0\0", seen);
        Assert.Contains(seen, text => text!.EndsWith("ghi") && text.Contains('\0'));
    }

    [Fact]
    public void Should_keep_all_when_it_is_synced_or_only_the_process_is_killed()
    {
        Assert.Equal(["abcdef"], Outcomes(disk =>
        {
            using var file = Stored(disk, "abc");
            file.Write("def"u8, 3);
            file.SyncData();
        }));

        var disk = new SimulatedDisk();
        Stored(disk, "abc").Write("def"u8, 3);
        disk.Kill();
        Assert.Equal("abcdef", Text(disk));
    }

    [Fact]
    public void Should_lose_what_a_failed_sync_passed_over_although_the_next_one_succeeds_when_the_power_is_cut()
    {
        var seen = Outcomes(disk =>
        {
            using var file = Stored(disk, "abc");
            file.Write("def"u8, 3);
            FailNext(disk, DiskCall.SyncData);
            Assert.Throws<IOException>(file.SyncData);
            file.SyncData();
        });

        Assert.Contains("abc\0\0\0", seen);
        Assert.All(seen, text => Assert.Equal(6, text!.Length));
    }

    [Fact]
    public void Should_keep_what_a_failed_sync_passed_over_when_it_was_written_and_synced_once_more() =>
        Assert.Equal(["abcdef"], Outcomes(disk =>
        {
            using var file = Stored(disk, "abc");
            file.Write("def"u8, 3);
            FailNext(disk, DiskCall.SyncData);
            Assert.Throws<IOException>(file.SyncData);
            file.Write("def"u8, 3);
            file.SyncData();
        }));

    [Fact]
    public void Should_forget_what_a_file_was_cut_by_when_that_is_synced()
    {
        Assert.Equal(["ab", "abcdef"], Outcomes(disk => Stored(disk, "abcdef").SetLength(2)).Where(text => text!.Length is 2 or 6).Order());
        Assert.Equal(["ab\0"], Outcomes(disk =>
        {
            using var file = Stored(disk, "abcdef");
            file.SetLength(2);
            file.SetLength(3);
            file.Sync();
        }));
    }

    [Fact]
    public void Should_have_a_file_or_not_when_its_folder_was_not_synced()
    {
        Assert.Equal([null, "abc"], Outcomes(disk =>
        {
            var process = Started(disk);
            using var file = process.Create(File);
            file.Write("abc"u8, 0);
            file.Sync();
        }).Order());

        // Neither what it is in.
        Assert.Contains(null, Outcomes(disk =>
        {
            var process = disk.Start();
            process.CreateFolder("/data");
            Write(process, "abc");
            process.SyncFolder("/data");
        }));
    }

    [Fact]
    public void Should_have_the_old_file_or_the_new_when_its_replacement_was_not_synced() =>
        Assert.Equal(["new", "old"], Outcomes(disk =>
        {
            Stored(disk, "old").Dispose();
            var process = disk.Start();
            using (var file = process.Create("/data/draft"))
            {
                file.Write("new"u8, 0);
                file.Sync();
            }
            process.Replace("/data/draft", File);
        }).Order());

    [Fact]
    public void Should_write_any_part_and_throw_when_it_is_full()
    {
        var lengths = new HashSet<int>();
        for (var seed = 0; seed < 100; seed++)
        {
            var disk = new SimulatedDisk(seed);
            using var file = Stored(disk, "");
            FailNext(disk, DiskCall.Write, DiskFault.NoSpace);
            Assert.Equal(28, Assert.Throws<IOException>(() => file.Write("abc"u8, 0)).HResult);
            Assert.StartsWith(Text(disk)!, "abc");
            lengths.Add(Text(disk)!.Length);
        }
        Assert.Equal([0, 1, 2, 3], lengths.Order());
    }

    [Fact]
    public void Should_take_no_call_of_a_process_when_that_has_ended()
    {
        var disk = new SimulatedDisk();
        var process = Started(disk);
        using var file = process.OpenLocked(File);
        Assert.True(StorageErrors.IsLocked(Assert.Throws<IOException>(() => process.OpenLocked(File))));
        disk.Fault = request => request.Call == DiskCall.Write ? DiskFault.Stop : null;
        Assert.Throws<IOException>(() => file.Write("abc"u8, 0));

        Assert.False(disk.IsRunning);
        Assert.Throws<IOException>(() => file.SetLength(0));
        Assert.Throws<IOException>(() => process.Delete(File));
        disk.Fault = null;
        disk.Start().OpenLocked(File).Dispose();
    }

    [Fact]
    public void Should_end_the_same_when_the_seeds_are_the_same()
    {
        string?[] Run() => [.. Enumerable.Range(0, 50).Select(seed => Outcome(seed, disk => Stored(disk, "abc").Write("defghijkl"u8, 3)))];

        Assert.Equal(Run(), Run());
    }

    private static HashSet<string?> Outcomes(Action<SimulatedDisk> work) => [.. Enumerable.Range(0, 1_000).Select(seed => Outcome(seed, work))];

    private static string? Outcome(int seed, Action<SimulatedDisk> work)
    {
        var disk = new SimulatedDisk(seed);
        work(disk);
        disk.PowerCut(new Random(seed));
        return Text(disk);
    }

    private static IDisk Started(SimulatedDisk disk)
    {
        var process = disk.Start();
        process.CreateFolder("/data");
        process.SyncFolder("/");
        return process;
    }

    private static IDiskFile Stored(SimulatedDisk disk, string text)
    {
        var process = Started(disk);
        var file = Write(process, text);
        process.SyncFolder("/data");
        return file;
    }

    private static IDiskFile Write(IDisk process, string text)
    {
        var file = process.Create(File);
        file.Write(Encoding.UTF8.GetBytes(text), 0);
        file.Sync();
        return file;
    }

    private static void FailNext(SimulatedDisk disk, DiskCall call, DiskFault fault = DiskFault.Error)
    {
        var failed = false;
        disk.Fault = request => request.Call == call && !failed && (failed = true) ? fault : null;
    }

    private static string? Text(SimulatedDisk disk) => disk.Peek(File) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
}
