using System.Text.Json;
using Chat.Protocol.Codec;

namespace Chat.Protocol.Client;

/// <summary>Where a line of a type that this program doesn't know belongs.</summary>
internal readonly record struct LoggedLine(string Room, long Seq)
{
    /// <summary>Null where the bytes are no whole line of a log.</summary>
    public static LoggedLine? Read(ReadOnlySpan<byte> json)
    {
        if (!LogLine.IsWhole(json) || LogLine.Seq(json) is not { } seq)
            return null;
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var isRoom = reader.ValueTextEquals("room"u8);
            reader.Read();
            if (isRoom)
                return reader.TokenType == JsonTokenType.String ? new LoggedLine(reader.GetString()!, seq) : null;
            reader.Skip();
        }
        return null;
    }
}
