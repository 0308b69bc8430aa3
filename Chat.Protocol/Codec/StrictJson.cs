using System.Text;
using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Chat.Protocol.Codec;

/// <summary>
/// JSON from outside, to the letter of RFC 8259. Newtonsoft.Json alone also reads comments, single quotes, bare names and
/// trailing commas, so the framework's own reader judges the bytes (UTF-8, grammar, depth) before it materialises them.
/// </summary>
internal static class StrictJson
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = Limits.JsonDepth };

    private static readonly JsonLoadSettings LoadSettings = new() { LineInfoHandling = LineInfoHandling.Ignore };

    /// <summary>Never throws: what is wrong is said in <paramref name="problem"/>.</summary>
    public static JObject? Parse(ReadOnlySpan<byte> utf8, out string problem)
    {
        problem = "";
        if (!IsWellFormed(utf8, out var isObject))
        {
            problem = $"The frame is not valid JSON, or is nested deeper than {Limits.JsonDepth}. Send one JSON object in each text frame.";
            return null;
        }
        if (!isObject)
        {
            problem = "The frame is JSON but not an object. Send one JSON object in each text frame.";
            return null;
        }
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(utf8)))
        {
            DateParseHandling = DateParseHandling.None,
            MaxDepth = Limits.JsonDepth,
        };
        return JObject.Load(reader, LoadSettings);
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> utf8, out bool isObject)
    {
        isObject = false;
        var reader = new Utf8JsonReader(utf8, Options);
        try
        {
            if (!reader.Read())
                return false;
            isObject = reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
                // The reader leaves escapes and UTF-8 inside strings for whoever asks for the value.
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsUtf8(reader.ValueSpan))
                    return false;
            }
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);
}
