using System.Text.Json;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.History;

/// <summary>What a line of a log says of itself.</summary>
internal static class StoredLine
{
    /// <summary>The seq of a whole line; null where it is damaged.</summary>
    public static long? WholeSeq(ReadOnlySpan<byte> line) => LogLine.IsWhole(line) ? LogLine.Seq(line) : null;

    /// <summary>The time of a whole line; null where it has none.</summary>
    public static DateTime? Time(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var isTime = reader.ValueTextEquals("timestamp"u8);
                reader.Read();
                if (isTime)
                {
                    return reader.TokenType == JsonTokenType.String && Timestamps.TryParse(reader.GetString(), out var time)
                        ? time
                        : null;
                }
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not JSON, so it has no time.
        }
        return null;
    }
}
