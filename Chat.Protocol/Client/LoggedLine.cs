using Chat.Protocol.Codec;

namespace Chat.Protocol.Client;

/// <summary>Where a line of a type that this program doesn't know belongs.</summary>
internal readonly record struct LoggedLine(string Room, long Seq)
{
    /// <summary>Null where the bytes are no whole line of a log.</summary>
    public static LoggedLine? Read(ReadOnlySpan<byte> json) =>
        LogLine.IsWhole(json) && LogLine.Seq(json) is { } seq && TopLevel.Text(json, "room"u8) is { } room ? new LoggedLine(room, seq) : null;
}
