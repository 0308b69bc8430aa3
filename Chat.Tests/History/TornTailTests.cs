using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class TornTailTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly byte[] _whole = DataFolder.Bytes(DataFolder.Entries(1, 3));

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Should_keep_a_whole_record_when_only_its_line_feed_is_missing(int records)
    {
        var epoch = _data.Write(3);
        var finished = DataFolder.Bytes(DataFolder.Entries(1, records));
        Place(finished[..^1]);
        using var store = _data.Open();
        using (var log = store.Log(DataFolder.Room))
        {
            Assert.Equal(new LogState(epoch, 1, records, DataFolder.TimeOf(records)), log.Open());

            Assert.Equal(finished, File.ReadAllBytes(_data.Segment()));
            Assert.Empty(_data.Cuts());
            var warning = Assert.Single(_data.Warnings);
            Assert.Equal((_data.Segment(), finished.Length - 1), (warning.File, warning.Offset));
            Assert.Contains("line feed", warning.Problem);
            log.Append(DataFolder.Entries(records + 1, records + 1));
            Assert.Equal(DataFolder.Seqs(1, records + 1), log.Read(DataFolder.Oldest(1, records + 1)).Entries.Seqs());
        }
        using var again = store.Log(DataFolder.Room);
        Assert.Equal(epoch, again.Open().Epoch);
        Assert.Single(_data.Warnings);
    }

    [Fact]
    public void Should_keep_a_finished_line_that_is_damaged_and_never_give_its_seq_again()
    {
        var epoch = _data.Write(3);
        var third = DataFolder.Bytes(DataFolder.Entries(1, 2)).Length;
        _whole[third + 60] ^= 1;
        Place(_whole);
        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);

        Assert.Equal(new LogState(epoch, 1, 3, DataFolder.TimeOf(2)), log.Open());

        log.Append(DataFolder.Entries(4, 4));
        var page = log.Read(DataFolder.Oldest(1, 4));
        Assert.Equal([1, 2, 4], page.Entries.Seqs());
        Assert.Equal([new SeqRange(3, 3)], page.Missing);
        Assert.Equal([.. _whole, .. DataFolder.Bytes(DataFolder.Entry(4))], File.ReadAllBytes(_data.Segment()));
        Assert.Empty(_data.Cuts());
        Assert.Contains(_data.Warnings, warning => warning.File == _data.Segment() && warning.Offset == third);
    }

    [Fact]
    public void Should_leave_damage_in_the_middle_alone()
    {
        _data.Write(3);
        var second = DataFolder.Bytes(DataFolder.Entry(1)).Length;
        _whole[second + 60] = 0;
        Place(_whole);
        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);

        Assert.Equal(3, log.Open().Last);

        Assert.Equal(_whole, File.ReadAllBytes(_data.Segment()));
        Assert.Empty(_data.Warnings);
        Assert.Equal([new SeqRange(2, 2)], log.Read(DataFolder.Newest(1, 3)).Missing);
    }

    [Fact]
    public void Should_spend_every_seq_that_a_wiped_end_names_and_change_the_epoch()
    {
        var epoch = _data.Write(30);
        var bytes = File.ReadAllBytes(_data.Segment());
        var wipedFrom = DataFolder.Bytes(DataFolder.Entries(1, 10)).Length;
        var lastLine = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        bytes.AsSpan(wipedFrom..(lastLine + 10)).Clear();
        Place(bytes);
        using var store = _data.Open();
        using var log = store.Log(DataFolder.Room);

        var state = log.Open();

        Assert.Equal(30, state.Last);
        Assert.NotEqual(epoch, state.Epoch);
        Assert.Equal([new SeqRange(11, 30)], log.Read(DataFolder.Oldest(1, 30)).Missing);
    }

    [Fact]
    public void Should_name_each_cut_apart_when_cut_twice_at_the_same_byte()
    {
        _data.Write(3);
        using var store = _data.Open();
        foreach (var end in new[] { "{\"type", "{\"typ" })
        {
            File.AppendAllText(_data.Segment(), end);
            using var log = store.Log(DataFolder.Room);
            Assert.Equal(3, log.Open().Last);
        }

        Assert.Equal(["{\"typ", "{\"type"], _data.Cuts().Select(File.ReadAllText).Order());
    }

    private void Place(byte[] bytes)
    {
        foreach (var copy in _data.Cuts())
            File.Delete(copy);
        _data.Warnings.Clear();
        File.WriteAllBytes(_data.Segment(), bytes);
        _data.ForgetCleanEnd();
    }
}
