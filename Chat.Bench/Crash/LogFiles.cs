using Chat.Protocol.Codec;

namespace Chat.Bench.Crash;

/// <summary>Reads a room's log as it lies on the disk.</summary>
public static class LogFiles
{
    private const byte LineFeed = (byte)'\n';

    /// <summary>The lines of a room whose name is its folder's, in the order in which they stand; what is no line of a message is an offence.</summary>
    public static IReadOnlyList<LoggedMessage> Read(string data, string room, Offences offences)
    {
        var log = new List<LoggedMessage>();
        foreach (var path in Segments(data, room))
        {
            ReadOnlyMemory<byte> rest = File.ReadAllBytes(path);
            while (rest.Length > 0)
            {
                var end = rest.Span.IndexOf(LineFeed);
                var line = end < 0 ? rest : rest[..end];
                rest = end < 0 ? default : rest[(end + 1)..];
                if (end >= 0 && LogLine.Decode(line) is { Id: { } id } message)
                    log.Add(new LoggedMessage(message.Seq, message.User, id, ContentDigest.Of(message.Text), ContentDigest.Of(line.Span)));
                else
                    offences.Add(Offence.Wrong, $"{room}: the log has a line after {log.Count} others that can't be read");
            }
        }
        return log;
    }

    /// <summary>
    /// Leaves the beginning of a line behind a room's last one, as a write leaves it that a kill stops in the middle; false where there
    /// is no line yet, or such a beginning already.
    /// </summary>
    /// <param name="data">The data folder, which no gateway has.</param>
    /// <param name="room">The room.</param>
    /// <param name="share">How much of the line, from 0 to 1: at least a byte, and never all of it.</param>
    public static bool Tear(string data, string room, double share)
    {
        if (Segments(data, room).LastOrDefault() is not { } path || File.ReadAllBytes(path) is not [.. var lines, LineFeed])
            return false;
        var line = lines.AsSpan(lines.AsSpan().LastIndexOf(LineFeed) + 1);
        using var file = new FileStream(path, FileMode.Append);
        file.Write(line[..Math.Clamp((int)(line.Length * share), 1, line.Length - 1)]);
        return true;
    }

    private static string[] Segments(string data, string room)
    {
        var folder = Path.Combine(data, room);
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Unfinished writes that were cut off and kept beside the logs.</summary>
    public static int Cuts(string data) =>
        Directory.Exists(data) ? Directory.GetFiles(data, "*.cut", SearchOption.AllDirectories).Length : 0;
}
