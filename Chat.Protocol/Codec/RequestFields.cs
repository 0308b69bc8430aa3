using System.Text.Json;
using System.Text.Unicode;

namespace Chat.Protocol.Codec;

/// <summary>
/// The fields of a request, read in one pass over the frame to the letter of RFC 8259: what the protocol doesn't name is checked and passed over,
/// whatever it holds, at no more than its bytes' cost. Of a field that is given twice, the last one counts.
/// </summary>
internal sealed class RequestFields : FieldReader
{
    // No request has a tenth of them.
    private const int MaxFields = 256;

    private const string HalfCharacter = "\ud800";

    private static readonly string Unreadable =
        $"The frame is not valid JSON in UTF-8, is nested deeper than {Limits.JsonDepth}, or holds a number of more than " +
        $"{StrictJson.NumberLength} characters. Send one JSON object in each text frame.";

    private static readonly string[] Names =
        ["type", "id", "username", "session", "token", "room", "since", "epoch", "history", "message", "before", "after", "limit"];

    private readonly Scalar[] _values = new Scalar[Names.Length];

    private RequestFields() { }

    /// <summary>Null where the frame is no JSON object: never throws, what is wrong is said in <paramref name="problem"/>.</summary>
    public static RequestFields? Read(ReadOnlySpan<byte> utf8, out string problem)
    {
        problem = Unreadable;
        // The reader leaves the UTF-8 inside strings for whoever asks for the value.
        if (!Utf8.IsValid(utf8))
            return null;
        var (fields, count) = (new RequestFields(), 0);
        var reader = new Utf8JsonReader(utf8, StrictJson.Options);
        try
        {
            if (!reader.Read())
                return null;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            do
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    count++;
                    if (isObject && reader.CurrentDepth == 1 && IndexOf(ref reader) is var index and >= 0 && reader.Read())
                        fields._values[index] = ValueOf(ref reader);
                }
                if (reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length > StrictJson.NumberLength)
                    return null;
            }
            while (reader.Read());
            problem = !isObject
                ? "The frame is JSON but not an object. Send one JSON object in each text frame."
                : count > MaxFields
                    ? $"The frame has {count} fields; at most {MaxFields} are read. Leave out those that the protocol doesn't name."
                    : "";
            return problem == "" ? fields : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private protected override Scalar Of(string name) => _values[Array.IndexOf(Names, name)];

    private static int IndexOf(ref Utf8JsonReader reader)
    {
        var name = Text(ref reader);
        return name is null ? -1 : Array.IndexOf(Names, name);
    }

    private static Scalar ValueOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => default,
        // What holds half a surrogate pair is refused like that half alone, by whoever judges names and messages.
        JsonTokenType.String => Scalar.OfText(Text(ref reader) ?? HalfCharacter),
        JsonTokenType.Number when reader.TryGetInt64(out var integer) => Scalar.OfInteger(integer),
        _ => Scalar.Other,
    };

    // Null where an escape stands for half a surrogate pair.
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
