using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.History;

/// <summary>What a line of a log says of itself.</summary>
internal static class StoredLine
{
    /// <summary>The seq of a whole line; null where it is damaged.</summary>
    public static long? WholeSeq(ReadOnlySpan<byte> line) => LogLine.IsWhole(line) ? LogLine.Seq(line) : null;

    /// <summary>The time of a whole line; null where it has none.</summary>
    public static DateTime? Time(ReadOnlySpan<byte> line) =>
        TopLevel.Text(line, "timestamp"u8) is { } text && Timestamps.TryParse(text, out var time) ? time : null;
}
