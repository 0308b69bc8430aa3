using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.History;

/// <summary>A fresh data folder, and what a test does with the log of the one room in it.</summary>
internal sealed class DataFolder : IStoredLogs
{
    public static readonly RoomName Room = RoomName.Trusted("general");

    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly bool _delete;

    public DataFolder() : this(Directory.CreateTempSubdirectory("chat-history-").FullName, delete: true)
    {
    }

    public DataFolder(string path, bool delete)
    {
        Path = path;
        _delete = delete;
    }

    public string Path { get; }

    public string RoomPath => System.IO.Path.Combine(Path, "general");

    public string RoomFile => System.IO.Path.Combine(RoomPath, "room.json");

    public ConcurrentQueue<StorageWarning> Warnings { get; } = new();

    public FileHistoryStore Open(FileHistoryOptions? options = null) => FileHistoryStore.Open(Path, options, Warnings.Enqueue);

    IHistoryStore IStoredLogs.Open(FileHistoryOptions? options) => Open(options);

    public void Damage(long seq)
    {
        foreach (var path in Directory.GetFiles(RoomPath, "*.jsonl"))
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"seq\":{seq},")) is var at and >= 0)
            {
                var start = bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
                bytes[start + 50] ^= 4;
                File.WriteAllBytes(path, bytes);
            }
        }
    }

    public string Segment(long first = 1) => System.IO.Path.Combine(RoomPath, first.ToString("D20") + ".jsonl");

    public string[] Cuts() => Directory.GetFiles(RoomPath, "*.cut");

    public static DateTime TimeOf(long seq) => Noon.AddSeconds(seq);

    public static LogEntry Entry(long seq, string? text = null) =>
        new(seq, LogLine.Encode(Room, seq, $"id-{seq}", "ana", text ?? $"message {seq}", TimeOf(seq)));

    public static LogEntry[] Entries(long from, long to) => [.. Seqs(from, to).Select(seq => Entry(seq))];

    public static IEnumerable<long> Seqs(long from, long to)
    {
        for (var seq = from; seq <= to; seq++)
            yield return seq;
    }

    /// <summary>The lines of entries as a file holds them.</summary>
    public static byte[] Bytes(params LogEntry[] entries) =>
        Encoding.UTF8.GetBytes(string.Concat(entries.Select(entry => Encoding.UTF8.GetString(entry.Line.Span) + "\n")));

    public static LogQuery Oldest(long from, long to, int messages = 100, int bytes = 64 * 1024) =>
        new(from, to, PageEnd.Oldest, messages, bytes);

    public static LogQuery Newest(long from, long to, int messages = 100, int bytes = 64 * 1024) =>
        new(from, to, PageEnd.Newest, messages, bytes);

    /// <summary>Leaves the room's file as a kill would have: it says nothing of an end.</summary>
    public void ForgetCleanEnd() => File.WriteAllText(RoomFile, Regex.Replace(File.ReadAllText(RoomFile), ",\"last\":[0-9]+", ""));

    public void Dispose()
    {
        if (_delete)
            Directory.Delete(Path, recursive: true);
    }
}

internal static class PageAssertions
{
    public static long[] Seqs(this IEnumerable<LogEntry> entries) => [.. entries.Select(entry => entry.Seq)];

    /// <summary>Each entry is byte for byte the message that was appended with its seq.</summary>
    public static void ShouldBeAsWritten(this LogPage page)
    {
        foreach (var entry in page.Entries)
            Assert.True(entry.Line.Span.SequenceEqual(DataFolder.Entry(entry.Seq).Line.Span), $"seq {entry.Seq} is not what was written");
    }

    /// <summary>The page speaks of every seq of its range, as an entry or as missing, of each once.</summary>
    public static void ShouldSpeakOfAll(this LogPage page)
    {
        var missing = page.Missing.SelectMany(range => DataFolder.Seqs(range.From, range.To));
        Assert.Equal(DataFolder.Seqs(page.From, page.Through), page.Entries.Seqs().Concat(missing).Order());
    }
}
