using Newtonsoft.Json.Linq;

namespace Chat.Protocol.Codec;

/// <summary>
/// Reads the fields of one JSON object and remembers the first that is missing or of the wrong type, so that a decoder
/// reads all that it needs and asks once. A <c>null</c> is as an absent field.
/// </summary>
internal sealed class FieldReader(JObject json)
{
    public const long GreatestSeq = (1L << 53) - 1;

    /// <summary>What is wrong with the first bad field; null while all were good.</summary>
    public string? Problem { get; private set; }

    public string Text(string name) => OptionalText(name) ?? Missing(name, "");

    public string? OptionalText(string name) => Of(name) switch
    {
        null => null,
        { Type: JTokenType.String } token => (string?)token,
        _ => Wrong(name, "a string", (string?)null),
    };

    public long Integer(string name) => OptionalInteger(name) ?? Missing(name, 0L);

    public long? OptionalInteger(string name) => Of(name) switch
    {
        null => null,
        JValue { Type: JTokenType.Integer, Value: long value } => value,
        _ => Wrong(name, "an integer", (long?)null),
    };

    public int? OptionalInteger(string name, int least, int most)
    {
        var value = OptionalInteger(name);
        return value is null ? null
            : value < least || value > most ? Wrong(name, $"an integer from {least} to {most}", (int?)null)
            : (int)value;
    }

    /// <summary>The seq of a message, 1 or more.</summary>
    public long Seq(string name) => OptionalSeq(name, 1) ?? Missing(name, 0L);

    /// <summary>A seq in a question: from <paramref name="least"/> to the greatest integer that every JSON reader can hold.</summary>
    public long? OptionalSeq(string name, long least = 0)
    {
        var value = OptionalInteger(name);
        return value is null ? null
            : value < least || value > GreatestSeq ? Wrong(name, $"an integer from {least} to {GreatestSeq}", (long?)null)
            : value;
    }

    public double OptionalNumber(string name, double otherwise) => Of(name) switch
    {
        null => otherwise,
        JValue { Type: JTokenType.Integer or JTokenType.Float, Value: long or double } token => (double)token,
        _ => Wrong(name, "a number", otherwise),
    };

    public bool Flag(string name) => Of(name) switch
    {
        null => false,
        { Type: JTokenType.Boolean } token => (bool)token,
        _ => Wrong(name, "true or false", false),
    };

    public JArray? OptionalArray(string name) => Of(name) switch
    {
        null => null,
        JArray array => array,
        _ => Wrong(name, "an array", (JArray?)null),
    };

    public IReadOnlyList<string> Texts(string name)
    {
        var array = OptionalArray(name);
        if (array is null)
            return [];
        return array.All(token => token.Type == JTokenType.String)
            ? [.. array.Select(token => (string)token!)]
            : Wrong<IReadOnlyList<string>>(name, "an array of strings", []);
    }

    public JObject? OptionalObject(string name) => Of(name) switch
    {
        null => null,
        JObject value => value,
        _ => Wrong(name, "an object", (JObject?)null),
    };

    public DateTime? OptionalTimestamp(string name)
    {
        var text = OptionalText(name);
        return text is null ? null : Timestamps.TryParse(text, out var utc) ? utc : Wrong(name, "a time", (DateTime?)null);
    }

    public DateTime Timestamp(string name) => OptionalTimestamp(name) ?? Missing(name, default(DateTime));

    public TimeSpan? OptionalMilliseconds(string name) =>
        OptionalInteger(name) is not { } value ? null
        : value is >= 0 and <= int.MaxValue ? TimeSpan.FromMilliseconds(value)
        : Wrong(name, "a number of milliseconds", (TimeSpan?)null);

    private JToken? Of(string name) => json.TryGetValue(name, StringComparison.Ordinal, out var token) && token.Type != JTokenType.Null
        ? token
        : null;

    private T Missing<T>(string name, T value)
    {
        Problem ??= $"The field \"{name}\" is missing.";
        return value;
    }

    private T Wrong<T>(string name, string expected, T value)
    {
        Problem ??= $"The field \"{name}\" must be {expected}.";
        return value;
    }
}
