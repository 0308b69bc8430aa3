using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class FileRoomLogTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Should_touch_no_disk_before_the_first_append()
    {
        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);

        var state = log.Open();

        Assert.Equal((1, 0, null), (state.First, state.Last, state.LastTimestamp));
        Assert.NotEmpty(state.Epoch);
        Assert.Empty(log.Read(DataFolder.Oldest(1, 0)).Entries);
        Assert.Empty(log.ReadWindow(new WindowQuery(DateTime.MinValue, 10, 10, 10, 1_000)).Ids);
        Assert.False(Directory.Exists(_data.RoomPath));
        Assert.Empty(store.Rooms());
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_give_back_the_exact_bytes_when_reopened(Durability durability)
    {
        var options = new FileHistoryOptions { Durability = durability };
        var epoch = _data.Write(7, options, batch: 3);

        using var store = _data.Open(options);
        using var log = store.Log(DataFolder.Room);
        var state = log.Open();
        var page = log.Read(DataFolder.Oldest(1, 7));

        Assert.Equal(new LogState(epoch, 1, 7, DataFolder.TimeOf(7)), state);
        Assert.Equal(DataFolder.Seqs(1, 7), page.Entries.Seqs());
        page.ShouldBeAsWritten();
        Assert.Equal(DataFolder.Bytes(DataFolder.Entries(1, 7)), File.ReadAllBytes(_data.Segment()));
        Assert.Equal([DataFolder.Room], store.Rooms());
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public void Should_start_a_new_segment_past_its_size()
    {
        var options = new FileHistoryOptions { SegmentBytes = 400 };
        _data.Write(12, options);

        var names = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().ToArray();
        Assert.True(names.Length >= 4, $"{names.Length} segments");
        Assert.All(names, name => Assert.InRange(new FileInfo(name).Length, 1, 600));
        using var store = _data.Open(options);
        using var log = store.Log(DataFolder.Room);
        Assert.Equal(12, log.Open().Last);
        log.Append(DataFolder.Entries(13, 13));
        Assert.Equal(DataFolder.Seqs(1, 13), log.Read(DataFolder.Oldest(1, 13)).Entries.Seqs());
    }

    [Fact]
    public void Should_take_the_last_seq_from_the_name_of_an_empty_segment()
    {
        var options = new FileHistoryOptions { SegmentBytes = 400 };
        var epoch = _data.Write(12, options);
        foreach (var path in Directory.GetFiles(_data.RoomPath, "*.jsonl"))
            File.Delete(path);
        File.WriteAllBytes(_data.Segment(13), []);
        // As it was before it named the newest segment.
        File.WriteAllText(_data.RoomFile, $"{{\"epoch\":\"{epoch}\",\"last\":12}}");

        using var store = _data.Open(options);
        using var log = store.Log(DataFolder.Room);

        Assert.Equal(new LogState(epoch, 13, 12, null), log.Open());
        log.Append(DataFolder.Entries(13, 14));
        var page = log.Read(DataFolder.Oldest(1, 14));
        Assert.Equal((13, 14, 13), (page.From, page.Through, page.First));
        Assert.Equal([13, 14], page.Entries.Seqs());
    }

    [Fact]
    public void Should_let_one_writer_at_a_time_open_a_log()
    {
        using var store = _data.Open();
        var first = store.Log(DataFolder.Room);
        first.Open();
        first.Append(DataFolder.Entries(1, 1));
        using var second = store.Log(DataFolder.Room);

        Assert.Contains("hasn't ended", Assert.Throws<StorageException>(() => second.Open()).Message);
        Assert.Equal([1], second.Read(DataFolder.Oldest(1, 1)).Entries.Seqs());

        first.Dispose();
        first.Dispose();
        Assert.Equal(1, second.Open().Last);
    }

    [Fact]
    public void Should_ignore_what_isnt_its_own_in_a_rooms_folder()
    {
        var epoch = _data.Write(2);
        File.WriteAllText(Path.Combine(_data.RoomPath, "9.jsonl"), "x");
        File.WriteAllText(Path.Combine(_data.RoomPath, "00000000000000000000.jsonl"), "x");
        File.WriteAllText(Path.Combine(_data.RoomPath, "99999999999999999999.jsonl"), "x");
        File.WriteAllText(Path.Combine(_data.RoomPath, "00000000000000000009.jsonl.bak"), "x");
        Directory.CreateDirectory(Path.Combine(_data.RoomPath, "00000000000000000009.jsonl"));

        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);
        Assert.Equal(new LogState(epoch, 1, 2, DataFolder.TimeOf(2)), log.Open());
    }

    [Fact]
    public void Should_say_which_option_is_wrong()
    {
        var options = new FileHistoryOptions { SegmentBytes = 0, OpenLogs = 0, BootId = "" };
        var fault = Assert.Throws<ArgumentException>(() => _data.Open(options));
        Assert.All(["SegmentBytes", "OpenLogs", "BootId"], name => Assert.Contains(name, fault.Message));
    }
}
