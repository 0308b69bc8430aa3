using System.Text.Json;

namespace Chat.Protocol.Codec;

/// <summary>Finds one property of a JSON object without reading the rest, in bytes that may be anything. Never throws.</summary>
public static class TopLevel
{
    /// <summary>Finds a property: <paramref name="value"/> then stands on its value.</summary>
    public static bool TryFind(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out Utf8JsonReader value)
    {
        value = new Utf8JsonReader(json);
        try
        {
            while (value.Read())
            {
                if (value.CurrentDepth != 1 || value.TokenType != JsonTokenType.PropertyName)
                    continue;
                // A server writes its names without escapes; ValueTextEquals throws on one that is half a surrogate pair.
                var isFound = !value.ValueIsEscaped && value.ValueTextEquals(name);
                if (!value.Read())
                    return false;
                if (isFound)
                    return true;
                value.Skip();
            }
        }
        catch (JsonException)
        {
            // Not JSON, so there is nothing to find.
        }
        return false;
    }

    /// <summary>A property's text; null where there is none, or none that can be read.</summary>
    public static string? Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (!TryFind(json, name, out var value) || value.TokenType != JsonTokenType.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or no UTF-8.
            return null;
        }
    }
}
