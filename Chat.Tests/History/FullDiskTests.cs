using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class FullDiskTests
{
    [TinyDiskFact]
    public void Should_store_nothing_of_a_batch_that_doesnt_fit_and_go_on_when_there_is_space()
    {
        using var disk = TinyDisk.Mount();
        using var data = new DataFolder(disk.Path, delete: false);
        var ballast = disk.Fill(16 * 1024);
        using var store = data.Open();
        using var log = store.Log(DataFolder.Room);
        var before = log.Open();

        var error = AppendUntilFull(log, perBatch: 20, out var last);
        Assert.Contains(data.Segment(), error.Message);
        Assert.Contains("No space left", error.Message);
        Assert.Contains("Free some space", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(new FileInfo(data.Segment()).Length > DataFolder.Bytes(DataFolder.Entries(1, last)).Length, "no part was left");
        ShouldHold(log, last);

        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Equal(before with { Last = last, LastTimestamp = DataFolder.TimeOf(last) }, log.Open());
            Assert.Equal(DataFolder.Bytes(DataFolder.Entries(1, last)), File.ReadAllBytes(data.Segment()));
            Assert.Throws<StorageException>(() => log.Append(DataFolder.Entries(last + 1, last + 20)));
        }

        File.Delete(ballast);
        log.Open();
        log.Append(DataFolder.Entries(last + 1, last + 20));
        ShouldHold(log, last + 20);
        Assert.Empty(data.Warnings);
    }

    [TinyDiskFact]
    public void Should_go_on_where_it_was_when_a_new_segment_didnt_fit()
    {
        using var disk = TinyDisk.Mount();
        using var data = new DataFolder(disk.Path, delete: false);
        using var store = data.Open(new FileHistoryOptions { SegmentBytes = 4_000 });
        using var log = store.Log(DataFolder.Room);
        var before = log.Open();
        log.Append(DataFolder.Entries(1, 40));
        var ballast = disk.Fill();

        Assert.Throws<StorageException>(() => log.Append(DataFolder.Entries(41, 42)));
        Assert.Equal(before with { Last = 40, LastTimestamp = DataFolder.TimeOf(40) }, log.Open());
        Assert.Throws<StorageException>(() => log.Append(DataFolder.Entries(41, 42)));

        File.Delete(ballast);
        Assert.Equal(40, log.Open().Last);
        log.Append(DataFolder.Entries(41, 42));
        ShouldHold(log, 42);
        Assert.Empty(data.Warnings);
    }

    [TinyDiskFact]
    public void Should_start_a_room_when_there_is_space_again()
    {
        using var disk = TinyDisk.Mount();
        using var data = new DataFolder(disk.Path, delete: false);
        using var store = data.Open();
        using var log = store.Log(DataFolder.Room);
        var before = log.Open();
        var ballast = disk.Fill();

        for (var attempt = 0; attempt < 2; attempt++)
        {
            Assert.Throws<StorageException>(() => log.Append(DataFolder.Entries(1, 2)));
            Assert.Equal(before, log.Open());
        }

        File.Delete(ballast);
        log.Append(DataFolder.Entries(1, 2));
        ShouldHold(log, 2);
        Assert.Equal(before.Epoch, log.Open().Epoch);
    }

    [TinyDiskFact]
    public void Should_say_that_a_full_data_folder_cant_be_written()
    {
        using var disk = TinyDisk.Mount();
        disk.Fill();

        var error = Assert.Throws<StorageException>(() => FileHistoryStore.Open(Path.Combine(disk.Path, "history")));

        Assert.Equal(StorageFailure.NotWritable, error.Failure);
        Assert.Contains("free some space", error.Message);
    }

    [TinyDiskFact]
    public void Should_cut_a_torn_end_only_when_there_is_space_for_its_copy()
    {
        using var disk = TinyDisk.Mount();
        using var data = new DataFolder(disk.Path, delete: false);
        data.Write(5);
        using var store = data.Open();
        File.AppendAllText(data.Segment(), "{\"type\":\"message\"");
        var torn = File.ReadAllBytes(data.Segment());
        var ballast = disk.Fill();
        using var log = store.Log(DataFolder.Room);

        Assert.Throws<StorageException>(() => log.Open());
        Assert.Equal(torn, File.ReadAllBytes(data.Segment()));
        Assert.Empty(data.Cuts());

        File.Delete(ballast);
        Assert.Equal(5, log.Open().Last);
        Assert.Single(data.Cuts());
    }

    private static void ShouldHold(IRoomLog log, long last)
    {
        var page = log.Read(new LogQuery(1, last, PageEnd.Oldest, int.MaxValue, int.MaxValue));
        Assert.Equal(DataFolder.Seqs(1, last), page.Entries.Seqs());
        Assert.Empty(page.Missing);
        page.ShouldBeAsWritten();
    }

    private static StorageException AppendUntilFull(IRoomLog log, int perBatch, out long last)
    {
        for (last = 0; ; last += perBatch)
        {
            try
            {
                log.Append(DataFolder.Entries(last + 1, last + perBatch));
            }
            catch (StorageException e)
            {
                return e;
            }
        }
    }
}
