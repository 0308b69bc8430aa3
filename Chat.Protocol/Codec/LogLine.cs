using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Chat.Protocol.Codec;

/// <summary>
/// A line of a room's log, which is the bytes of a <c>message</c> event exactly as the wire carries them:
/// <c>{"type":"message","room":…,"seq":…,"id":…,"user":…,"message":…,"timestamp":…,"crc":"xxxxxxxx"}</c>, without the line
/// feed. Lines of other types may come; all have a <c>seq</c> and end in the <c>crc</c>.
/// </summary>
public static class LogLine
{
    // ,"crc":"xxxxxxxx"}
    internal const int CrcFieldLength = 18;

    private static ReadOnlySpan<byte> CrcFieldStart => ",\"crc\":\""u8;

    /// <summary>Encodes a message, once for file and wire.</summary>
    public static byte[] Encode(RoomName room, long seq, string id, string user, string text, DateTime timestamp) =>
        JsonLine.Start("message")
            .Text("room", room.Value)
            .Integer("seq", seq)
            .Text("id", id)
            .Text("user", user)
            .Text("message", text)
            .Time("timestamp", timestamp)
            .ToUtf8WithCrc();

    /// <summary>Whether the line ends in a <c>crc</c> that holds for all bytes before it.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> line)
    {
        if (line.Length <= CrcFieldLength)
            return false;
        Span<byte> expected = stackalloc byte[CrcFieldLength];
        WriteCrcField(line[..^CrcFieldLength], expected);
        return line[^CrcFieldLength..].SequenceEqual(expected);
    }

    /// <summary>The <c>seq</c> of a line, without checking its <c>crc</c>; null where it has none.</summary>
    public static long? Seq(ReadOnlySpan<byte> line) =>
        TopLevel.TryFind(line, "seq"u8, out var value) && value.TokenType == JsonTokenType.Number && value.TryGetInt64(out var seq) && seq > 0
            ? seq
            : null;

    /// <summary>Reads a whole line back; null where it is damaged or of another type than <c>message</c>.</summary>
    public static ServerEvent.Message? Decode(ReadOnlyMemory<byte> line) =>
        EventCodec.Decode(line) as ServerEvent.Message;

    internal static void WriteCrcField(ReadOnlySpan<byte> before, Span<byte> field)
    {
        CrcFieldStart.CopyTo(field);
        Utf8Formatter.TryFormat(Crc32C.Of(before), field[CrcFieldStart.Length..], out _, new('x', 8));
        "\"}"u8.CopyTo(field[(CrcFieldStart.Length + 8)..]);
    }

    internal static string Crc(ReadOnlySpan<byte> line) => Encoding.ASCII.GetString(line[^10..^2]);
}
