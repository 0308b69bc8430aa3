using System.Text;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.History.Contract;

/// <summary>The window of ids, of any store.</summary>
public abstract class WindowContract : IDisposable
{
    private protected const int Messages = 40;

    private readonly IStoredLogs _logs;
    private readonly IHistoryStore _store;

    private protected WindowContract(IStoredLogs logs)
    {
        _logs = logs;
        _logs.Write(Messages, new FileHistoryOptions { SegmentBytes = 1_000 });
        _store = _logs.Open();
        Log = _store.Log(DataFolder.Room);
        Log.Open();
    }

    private protected IRoomLog Log { get; }

    public void Dispose()
    {
        Log.Dispose();
        _store.Dispose();
        _logs.Dispose();
        GC.SuppressFinalize(this);
    }

    [StoreTheory]
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
        var window = Read(notBefore, atLeast, atMost);

        Assert.Equal(DataFolder.Seqs(first, Messages), window.Ids.Select(id => id.Seq));
        Assert.All(window.Ids, id => Assert.Equal(
            new LoggedId(id.Seq, "ana", $"id-{id.Seq}", DataFolder.TimeOf(id.Seq), TextDigest.Of($"message {id.Seq}")), id));
    }

    [StoreTheory]
    [InlineData(3, 100_000, 3)]
    [InlineData(0, 100_000, 0)]
    [InlineData(100, 100_000, 20)]
    [InlineData(100, 0, 1)]
    [InlineData(100, 350, 2)]
    public void Should_hold_whole_lines_for_the_newest_alone_within_their_bounds(int lines, int bytes, int expected)
    {
        var window = Read(1, 0, 20, lines, bytes);

        Assert.Equal(20, window.Ids.Count);
        Assert.Equal(DataFolder.Seqs(Messages - expected + 1, Messages), window.Recent.Seqs());
        Assert.All(window.Recent, entry => Assert.Equal(DataFolder.Entry(entry.Seq).Line.ToArray(), entry.Line.ToArray()));
    }

    [StoreTheory]
    [InlineData("ANA", "ana")]
    [InlineData("Not a name!", "Not a name!")]
    public void Should_fold_the_users_that_are_names(string user, string folded)
    {
        Log.Append([new LogEntry(41, LogLine.Encode(DataFolder.Room, 41, "x", user, "hello", DataFolder.TimeOf(41)))]);

        Assert.Equal(folded, Assert.Single(Read(41, 0, 100).Ids).User);
    }

    [StoreTheory]
    [InlineData("say \"id\":\"x\" \\ and\nnext")]
    [InlineData("\u00e9\u2028\ud83d\ude00")]
    public void Should_hold_the_digest_of_a_text_that_was_escaped_or_is_not_ascii(string text)
    {
        Log.Append([new LogEntry(41, LogLine.Encode(DataFolder.Room, 41, "x", "ana", text, DataFolder.TimeOf(41)))]);

        Assert.Equal(new LoggedId(41, "ana", "x", DataFolder.TimeOf(41), TextDigest.Of(text)), Assert.Single(Read(41, 0, 100).Ids));
    }

    [StoreTheory]
    [InlineData("""{"type":"edit","seq":41,"id":"x","user":"ana","message":"new","timestamp":"2026-01-01T12:00:41.000Z" """)]
    [InlineData("""{"type":"message","seq":41,"user":"ana","message":"new","timestamp":"2026-01-01T12:00:41.000Z" """)]
    [InlineData("""{"type":"message","seq":41,"id":7,"user":"ana","message":"new","timestamp":"2026-01-01T12:00:41.000Z" """)]
    public void Should_count_but_remember_no_id_of_a_line_of_another_type_or_without_one(string before)
    {
        var bytes = Encoding.UTF8.GetBytes(before);
        Log.Append([new LogEntry(41, Encoding.UTF8.GetBytes($"{before},\"crc\":\"{Crc32C.Of(bytes):x8}\"}}"))]);

        var window = Read(41, 2, 100);

        Assert.Equal([40], window.Ids.Select(id => id.Seq));
        Assert.Equal([40, 41], window.Recent.Seqs());
    }

    [StoreFact]
    public void Should_hold_what_was_appended_since()
    {
        Log.Append(DataFolder.Entries(41, 43));

        Assert.Equal([40, 41, 42, 43], Read(40, 0, 100).Ids.Select(id => id.Seq));
    }

    [StoreFact]
    public void Should_leave_damaged_lines_out_and_say_so()
    {
        _logs.Damage(38);

        var window = Read(36, 0, 100);

        Assert.Equal([36, 37, 39, 40], window.Recent.Seqs());
        Assert.Equal(window.Recent.Seqs(), window.Ids.Select(id => id.Seq));
        Assert.Single(_logs.Warnings);
    }

    private protected LogWindow Read(long notBefore, int atLeast, int atMost, int lines = 100, int bytes = 100_000) =>
        Log.ReadWindow(new WindowQuery(DataFolder.TimeOf(notBefore), atLeast, atMost, lines, bytes));
}
