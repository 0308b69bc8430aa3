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
        var folder = Path.Combine(data, room);
        var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.jsonl") : [];
        foreach (var path in paths.Order(StringComparer.Ordinal))
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

    /// <summary>Unfinished writes that were cut off and kept beside the logs.</summary>
    public static int Cuts(string data) =>
        Directory.Exists(data) ? Directory.GetFiles(data, "*.cut", SearchOption.AllDirectories).Length : 0;
}
