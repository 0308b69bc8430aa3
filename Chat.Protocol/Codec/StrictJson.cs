using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Chat.Protocol.Codec;

/// <summary>
/// JSON from outside, to the letter of RFC 8259. Newtonsoft.Json alone also reads comments, single quotes, bare names and
/// trailing commas, so the framework's own reader judges the bytes (UTF-8, grammar, depth) before it materialises them.
/// Of a field that is given twice, the last one counts.
/// </summary>
internal static class StrictJson
{
    // Newtonsoft.Json throws on an integer of more than 380 digits.
    public const int NumberLength = 300;

    public static readonly JsonReaderOptions Options = new() { MaxDepth = Limits.JsonDepth };

    private static readonly JsonLoadSettings LoadSettings = new() { LineInfoHandling = LineInfoHandling.Ignore };

    /// <summary>Null where it is no such object; never throws.</summary>
    /// <param name="utf8">The frame.</param>
    /// <param name="maxFields">
    /// Fields in all objects together, at most: Newtonsoft.Json looks for one that is given twice from the first on, so that
    /// thousands in one frame would cost far more than their bytes.
    /// </param>
    public static JObject? Parse(ReadOnlySpan<byte> utf8, int maxFields)
    {
        if (!IsWellFormed(utf8, out var isObject, out var fields) || fields > maxFields || !isObject)
            return null;
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(utf8)))
        {
            DateParseHandling = DateParseHandling.None,
            MaxDepth = Limits.JsonDepth,
        };
        try
        {
            return JObject.Load(reader, LoadSettings);
        }
        catch (Newtonsoft.Json.JsonException)
        {
            // No such frame is known (the tests look for one): a promise not to throw shouldn't hang on that.
            return null;
        }
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> utf8, out bool isObject, out int fields)
    {
        isObject = false;
        fields = 0;
        // The reader leaves the UTF-8 inside strings for whoever asks for the value.
        if (!Utf8.IsValid(utf8))
            return false;
        var reader = new Utf8JsonReader(utf8, Options);
        try
        {
            if (!reader.Read())
                return false;
            isObject = reader.TokenType == JsonTokenType.StartObject;
            do
            {
                if (reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length > NumberLength)
                    return false;
                if (reader.TokenType == JsonTokenType.PropertyName)
                    fields++;
            }
            while (reader.Read());
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
