using System.Text.Json;
using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>What a window needs of a line: each is null where the line has none, or none that can be read.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Id">Its message's id.</param>
/// <param name="User">Who said it.</param>
/// <param name="Text">The <see cref="TextDigest"/> of its text.</param>
/// <param name="Time">Its time.</param>
internal readonly record struct WindowLine(string? Type, string? Id, string? User, UInt128? Text, DateTime? Time)
{
    private static readonly byte[][] Names = [[.. "type"u8], [.. "id"u8], [.. "user"u8], [.. "message"u8], [.. "timestamp"u8]];

    /// <summary>
    /// Reads it, whatever the bytes are. In one pass, and without a tree: where a room opens, publishes wait until some ten thousand were read.
    /// </summary>
    public static WindowLine Of(ReadOnlySpan<byte> line)
    {
        var values = new string?[Names.Length];
        var json = new Utf8JsonReader(line);
        try
        {
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName)
                    continue;
                var field = FieldOf(ref json);
                if (!json.Read())
                    break;
                if (field >= 0)
                    values[field] ??= TextOf(ref json);
                json.Skip();
            }
        }
        catch (JsonException)
        {
            // What came before is what there is.
        }
        return new WindowLine(
            values[0], values[1], values[2], values[3] is { } text ? TextDigest.Of(text) : null, Timestamps.TryParse(values[4], out var time) ? time : null);
    }

    // Names are written without escapes.
    private static int FieldOf(ref Utf8JsonReader json)
    {
        for (var field = 0; field < Names.Length && !json.ValueIsEscaped; field++)
        {
            if (json.ValueTextEquals(Names[field]))
                return field;
        }
        return -1;
    }

    private static string? TextOf(ref Utf8JsonReader json)
    {
        try
        {
            return json.TokenType == JsonTokenType.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or no UTF-8.
            return null;
        }
    }
}
