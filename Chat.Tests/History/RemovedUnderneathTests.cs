using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class RemovedUnderneathTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly FileHistoryStore _store;
    private readonly IRoomLog _log;
    private readonly LogState _before;

    public RemovedUnderneathTests()
    {
        _store = _data.Open();
        _log = _store.Log(DataFolder.Room);
        _before = _log.Open();
        _log.Append(DataFolder.Entries(1, 3));
    }

    public void Dispose()
    {
        _log.Dispose();
        _store.Dispose();
        _data.Dispose();
    }

    [Fact]
    public void Should_store_nothing_into_a_folder_that_was_deleted_and_go_on_in_a_new_one()
    {
        Directory.Delete(_data.RoomPath, recursive: true);

        var error = Assert.Throws<StorageException>(() => _log.Append(DataFolder.Entries(4, 4)));
        Assert.Contains(_data.Segment(), error.Message);
        Assert.Equal([new SeqRange(1, 3)], _log.Read(DataFolder.Oldest(1, 3)).Missing);
        var state = _log.Open();

        Assert.NotEqual(_before.Epoch, state.Epoch);
        Assert.Equal((4, 3), (state.First, state.Last));
        _log.Append(DataFolder.Entries(4, 5));
        Assert.Equal([4, 5], _log.Read(DataFolder.Oldest(1, 5)).Entries.Seqs());
        Assert.Contains("up to 3 are gone", Assert.Single(_data.Warnings).Problem);

        _log.Dispose();
        using var again = _store.Log(DataFolder.Room);
        Assert.Equal(state with { Last = 5, LastTimestamp = DataFolder.TimeOf(5) }, again.Open());
    }

    [Fact]
    public void Should_go_on_after_what_it_stored_when_the_file_was_cut_by_another()
    {
        using (var file = new FileStream(_data.Segment(), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(DataFolder.Bytes(DataFolder.Entry(1)).Length + 20);

        Assert.Throws<StorageException>(() => _log.Append(DataFolder.Entries(4, 4)));
        var state = _log.Open();

        Assert.Equal((1, 3), (state.First, state.Last));
        Assert.NotEqual(_before.Epoch, state.Epoch);
        _log.Append(DataFolder.Entries(4, 4));
        var page = _log.Read(DataFolder.Newest(1, 4));
        Assert.Equal([1, 4], page.Entries.Seqs());
        Assert.Equal([new SeqRange(2, 3)], page.Missing);
    }

    [Fact]
    public void Should_not_write_over_what_another_program_appended()
    {
        File.AppendAllText(_data.Segment(), "{\"type\":\"mes");

        Assert.Contains("Another program", Assert.Throws<StorageException>(() => _log.Append(DataFolder.Entries(4, 4))).Message);
        Assert.Throws<InvalidOperationException>(() => _log.Append(DataFolder.Entries(4, 4)));
        var state = _log.Open();

        Assert.Equal((_before.Epoch, 3), (state.Epoch, state.Last));
        Assert.Equal("{\"type\":\"mes", File.ReadAllText(Assert.Single(_data.Cuts())));
        _log.Append(DataFolder.Entries(4, 4));
        Assert.Equal([1, 2, 3, 4], _log.Read(DataFolder.Oldest(1, 4)).Entries.Seqs());
    }

    [Fact]
    public void Should_fail_until_a_folder_can_be_made_again()
    {
        Directory.Delete(_data.RoomPath, recursive: true);
        File.WriteAllText(_data.RoomPath, "in the way");
        Assert.Throws<StorageException>(() => _log.Append(DataFolder.Entries(4, 4)));
        Assert.Contains(_data.RoomPath, Assert.Throws<StorageException>(() => _log.Open()).Message);
        Assert.Throws<InvalidOperationException>(() => _log.Append(DataFolder.Entries(4, 4)));

        File.Delete(_data.RoomPath);

        Assert.Equal(3, _log.Open().Last);
        _log.Append(DataFolder.Entries(4, 4));
    }

    [Fact]
    public void Should_go_on_in_a_new_file_when_a_folder_took_the_place_of_the_one_it_wrote()
    {
        File.Move(_data.Segment(), _data.Segment() + ".aside");
        Directory.CreateDirectory(_data.Segment());

        Assert.Throws<StorageException>(() => _log.Append(DataFolder.Entries(4, 4)));
        var state = _log.Open();

        Assert.Equal((4, 3), (state.First, state.Last));
        Assert.NotEqual(_before.Epoch, state.Epoch);
        _log.Append(DataFolder.Entries(4, 4));
        Assert.Equal([4], _log.Read(DataFolder.Oldest(1, 4)).Entries.Seqs());
    }

    [Fact]
    public void Should_fail_what_needs_a_segment_that_can_not_be_read_and_nothing_else()
    {
        _log.Dispose();
        _store.Dispose();
        using var store = _data.Open(new FileHistoryOptions { SegmentBytes = 1 });
        using var reopened = store.Log(DataFolder.Room);
        reopened.Open();
        reopened.Append(DataFolder.Entries(4, 4));
        File.Move(_data.Segment(), _data.Segment() + ".aside");
        // Which nobody can open, not even root.
        File.CreateSymbolicLink(_data.Segment(), _data.Segment());

        var error = Assert.Throws<StorageException>(() => reopened.Read(DataFolder.Oldest(1, 4)));
        Assert.Contains(_data.Segment(), error.Message);
        Assert.Throws<StorageException>(() => reopened.ReadWindow(new WindowQuery(DateTime.MinValue, 4, 4, 4, 1_000)));
        Assert.Equal([4], reopened.Read(DataFolder.Oldest(4, 4)).Entries.Seqs());
        reopened.Append(DataFolder.Entries(5, 5));
        Assert.Equal((1, 5), (reopened.Open().First, reopened.Open().Last));

        File.Delete(_data.Segment());
        File.Move(_data.Segment() + ".aside", _data.Segment());
        var page = reopened.Read(DataFolder.Oldest(1, 5));
        Assert.Equal([1, 2, 3, 4, 5], page.Entries.Seqs());
        Assert.Empty(page.Missing);
        Assert.Empty(_data.Warnings);
    }
}
