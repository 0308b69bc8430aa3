using System.Globalization;
using System.Text;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Bench.Gateways;

/// <summary>What a log is made of.</summary>
/// <param name="Room">The room, its name no more than lower-case letters, digits and hyphens, which is a folder's name too.</param>
/// <param name="Messages">How many it has, from seq 1.</param>
/// <param name="Recent">How many of them are from the last minutes, so that a gateway takes their ids into its window; the others are an hour old.</param>
/// <param name="Characters">Of each message's text.</param>
public sealed record RoomLogContents(string Room, int Messages, int Recent, int Characters)
{
    private const int Users = 100;

    /// <summary>The id of a message.</summary>
    public static string Id(int seq) => $"m-{seq}";

    /// <summary>Who wrote a message.</summary>
    public static string User(int seq) => $"user{seq % Users}";

    /// <summary>Bytes after which it goes on in a new segment.</summary>
    public long SegmentBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The text of every message.</summary>
    public string Text { get; } = new('x', Characters);
}

/// <summary>
/// Writes a room's log as a gateway leaves it that ended in order (docs/ARCHITECTURE.md tells its files): a million messages in seconds,
/// and of the age that is wanted. All is synced, so that no gateway waits for it.
/// </summary>
public static class RoomLog
{
    private const int BufferBytes = 1024 * 1024;

    private static readonly TimeSpan RecentTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OldAge = TimeSpan.FromHours(1);

    /// <summary>Writes it into a data folder.</summary>
    /// <param name="data">The folder of the rooms' folders.</param>
    /// <param name="contents">What is in it.</param>
    /// <param name="now">The time that it ends at.</param>
    /// <param name="cancellation">Gives up between two segments.</param>
    public static void Write(string data, RoomLogContents contents, DateTime now, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(data, contents.Room)).FullName;
        for (var seq = 1; seq <= contents.Messages;)
        {
            cancellation.ThrowIfCancellationRequested();
            seq = WriteSegment(folder, contents, seq, now);
        }
        File.WriteAllText(Path.Combine(folder, "room.json"), $$"""{"epoch":"bench","last":{{contents.Messages}}}""");
    }

    private static int WriteSegment(string folder, RoomLogContents contents, int first, DateTime now)
    {
        var room = RoomName.Trusted(contents.Room);
        var path = Path.Combine(folder, first.ToString("D20", CultureInfo.InvariantCulture) + ".jsonl");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        var seq = first;
        for (var length = 0L; seq <= contents.Messages && length < contents.SegmentBytes; seq++)
        {
            var line = LogLine.Encode(
                room, seq, RoomLogContents.Id(seq), RoomLogContents.User(seq), contents.Text, Timestamp(contents, seq, now));
            file.Write(line);
            file.WriteByte((byte)'\n');
            length += line.Length + 1;
        }
        file.Flush(flushToDisk: true);
        return seq;
    }

    private static DateTime Timestamp(RoomLogContents contents, int seq, DateTime now)
    {
        var younger = contents.Messages - seq;
        return younger < contents.Recent
            ? now - (RecentTime * ((double)younger / contents.Recent))
            : now - OldAge - TimeSpan.FromMilliseconds(younger);
    }
}
