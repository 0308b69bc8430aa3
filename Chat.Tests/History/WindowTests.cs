using Chat.Actors.History;
using Xunit;

namespace Chat.Tests.History;

public sealed class WindowTests : IDisposable
{
    private const int Messages = 40;

    private readonly DataFolder _data = new();
    private readonly FileHistoryStore _store;
    private readonly IRoomLog _log;

    public WindowTests()
    {
        _data.Write(Messages, new FileHistoryOptions { SegmentBytes = 1_000 });
        _store = _data.Open();
        _log = _store.Log(DataFolder.Room);
        _log.Open();
    }

    public void Dispose()
    {
        _log.Dispose();
        _store.Dispose();
        _data.Dispose();
    }

    [Theory]
    [InlineData(31, 0, 100, 31)]
    [InlineData(31, 5, 100, 31)]
    [InlineData(31, 20, 100, 21)]
    [InlineData(31, 20, 7, 34)]
    [InlineData(1, 0, 12, 29)]
    [InlineData(1, 0, 100, 1)]
    [InlineData(99, 3, 100, 38)]
    [InlineData(99, 0, 100, 41)]
    [InlineData(99, 1_000, 1_000, 1)]
    public void Should_hold_those_that_are_new_enough_and_the_least_number(long notBefore, int atLeast, int atMost, long first)
    {
        var window = _log.ReadWindow(DataFolder.TimeOf(notBefore), atLeast, atMost);

        Assert.Equal(DataFolder.Seqs(first, Messages), window.Seqs());
        Assert.All(window, entry => Assert.Equal(DataFolder.Entry(entry.Seq).Line.ToArray(), entry.Line.ToArray()));
    }

    [Fact]
    public void Should_hold_what_was_appended_since()
    {
        _log.Append(DataFolder.Entries(41, 43));

        Assert.Equal([40, 41, 42, 43], _log.ReadWindow(DataFolder.TimeOf(40), 0, 100).Seqs());
    }

    [Fact]
    public void Should_leave_damaged_lines_out_and_say_so()
    {
        var last = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().Last();
        var bytes = File.ReadAllBytes(last);
        var first = long.Parse(Path.GetFileNameWithoutExtension(last));
        bytes[50] ^= 4;
        File.WriteAllBytes(last, bytes);

        var window = _log.ReadWindow(DataFolder.TimeOf(first - 2), 0, 100);

        Assert.Equal(DataFolder.Seqs(first - 2, Messages).Where(seq => seq != first), window.Seqs());
        Assert.Contains(_data.Warnings, warning => warning.File == last && warning.Offset == 0);
    }
}
