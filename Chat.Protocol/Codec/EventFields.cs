using Newtonsoft.Json.Linq;

namespace Chat.Protocol.Codec;

/// <summary>The fields of an event, or of an object in one.</summary>
internal sealed class EventFields(JObject json) : FieldReader
{
    public double OptionalNumber(string name, double otherwise) => Token(name) switch
    {
        null => otherwise,
        JValue { Type: JTokenType.Integer or JTokenType.Float, Value: long or double } token => (double)token,
        _ => Wrong(name, "a number", otherwise),
    };

    public bool Flag(string name) => Token(name) switch
    {
        null => false,
        { Type: JTokenType.Boolean } token => (bool)token,
        _ => Wrong(name, "true or false", false),
    };

    public JArray? OptionalArray(string name) => Token(name) switch
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

    public JObject? OptionalObject(string name) => Token(name) switch
    {
        null => null,
        JObject value => value,
        _ => Wrong(name, "an object", (JObject?)null),
    };

    private protected override Scalar Of(string name) => Token(name) switch
    {
        null => default,
        { Type: JTokenType.String } token => Scalar.OfText((string)token!),
        JValue { Type: JTokenType.Integer, Value: long value } => Scalar.OfInteger(value),
        _ => Scalar.Other,
    };

    private JToken? Token(string name) => json.TryGetValue(name, StringComparison.Ordinal, out var token) && token.Type != JTokenType.Null
        ? token
        : null;
}
