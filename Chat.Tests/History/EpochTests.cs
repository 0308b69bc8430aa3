using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class EpochTests : IDisposable
{
    private static readonly FileHistoryOptions Always = new() { BootId = "boot-1" };
    private static readonly FileHistoryOptions Never = Always with { Durability = Durability.Never };

    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"epoch\":7}")]
    [InlineData("{\"epoch\":\"\"}")]
    [InlineData("{\"epoch\":\"a b\"}")]
    [InlineData("{\"epoch\":\"abc\"")]
    public void Should_give_a_new_epoch_and_say_so_when_the_room_file_is_missing_or_damaged(string? content)
    {
        var epoch = _data.Write(3);
        File.Delete(_data.RoomFile);
        if (content is not null)
            File.WriteAllText(_data.RoomFile, content);

        var renewed = EpochAt(Always);

        Assert.NotEqual(epoch, renewed);
        Assert.Equal(_data.RoomFile, Assert.Single(_data.Warnings).File);
        Assert.Equal(renewed, EpochAt(Always));
        Assert.Single(_data.Warnings);
    }

    [Fact]
    public void Should_change_the_epoch_when_the_machine_stopped_before_a_clean_end_without_syncs()
    {
        var epoch = WriteAndDie(Never);

        Assert.Equal(epoch, EpochAt(Never));
        var renewed = EpochAt(Never with { BootId = "boot-2" });

        // The first of the two ended cleanly, as it must where nothing was lost.
        Assert.Equal(epoch, renewed);
        WriteAndDie(Never with { BootId = "boot-2" });
        Assert.NotEqual(epoch, EpochAt(Never with { BootId = "boot-3" }));
        Assert.Contains("machine stopped", Assert.Single(_data.Warnings).Problem);
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_keep_the_new_epoch_when_the_machine_stops_again(Durability durability)
    {
        WriteAndDie(Never);
        var renewed = EpochAt(Always with { Durability = durability, BootId = "boot-2" });

        Assert.Equal(renewed, EpochAt(Always with { Durability = durability, BootId = "boot-3" }));
    }

    [Fact]
    public void Should_keep_the_epoch_when_only_the_process_was_killed()
    {
        var epoch = WriteAndDie(Never);
        Assert.Equal(epoch, WriteAndDie(Never));
        Assert.Equal(epoch, WriteAndDie(Never));
        Assert.Empty(_data.Warnings);
    }

    [Fact]
    public void Should_keep_the_epoch_when_every_append_was_synced()
    {
        var epoch = WriteAndDie(Always);
        Assert.Equal(epoch, WriteAndDie(Always with { BootId = "boot-2" }));
        Assert.Equal(epoch, EpochAt(Always with { BootId = "boot-3" }));
    }

    [Fact]
    public void Should_forget_the_unsynced_run_when_the_same_boot_has_synced_all_of_it()
    {
        var epoch = WriteAndDie(Never);
        WriteAndDie(Always);

        Assert.Equal(epoch, EpochAt(Always with { BootId = "boot-2" }));
    }

    [Fact]
    public void Should_keep_the_mark_when_the_log_was_closed_by_others_meanwhile()
    {
        var options = Never with { OpenLogs = 1 };
        string epoch;
        using (var store = _data.Open(options))
        using (var log = store.Log(DataFolder.Room))
        using (var other = store.Log(RoomName.Trusted("other")))
        {
            epoch = log.Open().Epoch;
            other.Open();
            log.Append(DataFolder.Entries(1, 1));
            other.Append(DataFolder.Entries(1, 1));
            Assert.Contains("boot-1", File.ReadAllText(_data.RoomFile));
        }

        Assert.DoesNotContain("boot-1", File.ReadAllText(_data.RoomFile));
        Assert.Equal(epoch, EpochAt(Never with { BootId = "boot-2" }));
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_change_the_epoch_when_the_last_line_is_gone_after_a_clean_end(Durability durability)
    {
        var options = Always with { Durability = durability };
        var epoch = _data.Write(3, options);
        File.WriteAllBytes(_data.Segment(), DataFolder.Bytes(DataFolder.Entries(1, 2)));

        var renewed = EpochAt(options);

        Assert.NotEqual(epoch, renewed);
        Assert.Contains("up to 3 were stored", Assert.Single(_data.Warnings).Problem);
        Assert.Equal(renewed, EpochAt(options));
        Assert.Single(_data.Warnings);
    }

    [Fact]
    public void Should_change_the_epoch_when_the_newest_segment_is_gone_after_a_clean_end()
    {
        var epoch = _data.Write(12, Always with { SegmentBytes = 400 });
        File.Delete(Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().Last());

        Assert.NotEqual(epoch, EpochAt(Always));
        Assert.Single(_data.Warnings);
    }

    [Fact]
    public void Should_change_the_epoch_when_older_segments_come_back_after_a_clean_end()
    {
        _data.Write(2);
        var old = File.ReadAllBytes(_data.Segment());
        var epoch = _data.Write(5);
        File.WriteAllBytes(_data.Segment(), old);

        Assert.NotEqual(epoch, EpochAt(Always));
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_name_the_end_only_while_nothing_was_appended_since(Durability durability)
    {
        var options = Always with { Durability = durability };
        var epoch = _data.Write(3, options);
        Assert.Contains("\"last\":3", File.ReadAllText(_data.RoomFile));
        Assert.Equal(epoch, EpochAt(options));
        Assert.Contains("\"last\":3", File.ReadAllText(_data.RoomFile));

        Assert.Equal(epoch, WriteAndDie(options));

        Assert.DoesNotContain("last", File.ReadAllText(_data.RoomFile));
        // As after a kill that lost what was never acked.
        File.WriteAllBytes(_data.Segment(), DataFolder.Bytes(DataFolder.Entries(1, 2)));
        Assert.Equal(epoch, EpochAt(options));
        Assert.Empty(_data.Warnings);
    }

    private string EpochAt(FileHistoryOptions options)
    {
        using var store = _data.Open(options);
        using var log = store.Log(DataFolder.Room);
        return log.Open().Epoch;
    }

    // The log is never disposed, as in a kill.
    private string WriteAndDie(FileHistoryOptions options)
    {
        using var store = _data.Open(options);
        var log = store.Log(DataFolder.Room);
        var state = log.Open();
        log.Append(DataFolder.Entries(state.Last + 1, state.Last + 2));
        return state.Epoch;
    }
}
