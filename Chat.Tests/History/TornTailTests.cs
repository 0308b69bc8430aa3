using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class TornTailTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly byte[] _whole = DataFolder.Bytes(DataFolder.Entries(1, 3));

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Should_keep_all_up_to_the_last_whole_line_when_cut_anywhere()
    {
        var epoch = _data.Write(3);
        using var store = _data.Open();
        foreach (var length in Enumerable.Range(0, _whole.Length).Where(length => _whole[length] != '\n'))
        {
            var state = OpenCut(store, _whole[..length], KeptOf(length));
            Assert.Equal(epoch, state.Epoch);
        }
    }

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

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    public void Should_cut_zeros_off_when_they_follow_the_last_whole_line(int zeros)
    {
        var epoch = _data.Write(3);
        using var store = _data.Open();
        for (var length = 0; length <= _whole.Length; length += 3)
        {
            var state = OpenCut(store, [.. _whole[..length], .. new byte[zeros]], KeptOf(length));
            Assert.NotEqual(epoch, state.Epoch);
            epoch = state.Epoch;
        }
    }

    [Fact]
    public void Should_cut_garbage_off_when_it_has_no_line_feed()
    {
        var random = new Random(1);
        _data.Write(3);
        using var store = _data.Open();
        for (var length = 0; length <= _whole.Length; length += 3)
        {
            var garbage = new byte[random.Next(1, 40_000)];
            random.NextBytes(garbage);
            garbage.AsSpan().Replace((byte)'\n', (byte)'x');
            OpenCut(store, [.. _whole[..length], .. garbage], KeptOf(length));
        }
    }

    [Fact]
    public void Should_lose_nothing_in_silence_when_garbage_has_line_feeds()
    {
        var random = new Random(2);
        _data.Write(3);
        using var store = _data.Open();
        for (var length = 0; length <= _whole.Length; length += 3)
        {
            var garbage = new byte[random.Next(2, 40_000)];
            random.NextBytes(garbage);
            garbage[0] = 0;
            Place([.. _whole[..length], .. garbage]);
            using var log = store.Log(DataFolder.Room);

            var last = log.Open().Last;

            // An unfinished line that garbage happens to finish can't be told from a finished one that rotted: it counts as that.
            var whole = _whole[..KeptOf(length)].Count((byte)'\n');
            Assert.InRange(last, whole, whole + 1);
            log.Append(DataFolder.Entries(last + 1, last + 1));
            var page = log.Read(DataFolder.Oldest(1, last + 1));
            page.ShouldSpeakOfAll();
            page.ShouldBeAsWritten();
            Assert.Equal([.. DataFolder.Seqs(1, whole), last + 1], page.Entries.Seqs());
        }
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

    private LogState OpenCut(FileHistoryStore store, byte[] bytes, int kept)
    {
        Place(bytes);
        using var log = store.Log(DataFolder.Room);
        var last = bytes[..kept].Count((byte)'\n');

        var state = log.Open();

        Assert.Equal(last, state.Last);
        Assert.Equal(bytes[..kept], File.ReadAllBytes(_data.Segment()));
        if (kept < bytes.Length)
        {
            var copy = Assert.Single(_data.Cuts());
            Assert.Equal(bytes[kept..], File.ReadAllBytes(copy));
            Assert.Contains(_data.Warnings, warning => warning.File == _data.Segment() && warning.Offset == kept
                && warning.Problem.Contains($"{bytes.Length - kept} bytes") && warning.Problem.Contains(copy));
        }
        else
        {
            Assert.Empty(_data.Warnings);
        }
        log.Append(DataFolder.Entries(last + 1, last + 2));
        var page = log.Read(DataFolder.Oldest(1, last + 2));
        Assert.Equal(DataFolder.Seqs(1, last + 2), page.Entries.Seqs());
        page.ShouldBeAsWritten();
        return state;
    }

    private int KeptOf(int length) => _whole.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;

    private void Place(byte[] bytes)
    {
        foreach (var copy in _data.Cuts())
            File.Delete(copy);
        _data.Warnings.Clear();
        File.WriteAllBytes(_data.Segment(), bytes);
        _data.ForgetCleanEnd();
    }
}
