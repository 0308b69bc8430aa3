namespace Chat.Protocol.Codec;

/// <summary>
/// Reads the fields of one JSON object and remembers the first that is missing or of the wrong type, so that a decoder
/// reads all that it needs and asks once. A <c>null</c> is as an absent field.
/// </summary>
internal abstract class FieldReader
{
    public const long GreatestSeq = (1L << 53) - 1;

    /// <summary>What is wrong with the first bad field; null while all were good.</summary>
    public string? Problem { get; private set; }

    /// <summary>A field that is neither array nor object.</summary>
    private protected abstract Scalar Of(string name);

    public string Text(string name) => OptionalText(name) ?? Missing(name, "");

    public string? OptionalText(string name)
    {
        var value = Of(name);
        return value.IsAbsent ? null : value.Text ?? Wrong(name, "a string", (string?)null);
    }

    public long Integer(string name) => OptionalInteger(name) ?? Missing(name, 0L);

    public long? OptionalInteger(string name)
    {
        var value = Of(name);
        return value.IsAbsent ? null : value.Integer ?? Wrong(name, "an integer", (long?)null);
    }

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

    private protected T Missing<T>(string name, T value)
    {
        Problem ??= $"The field \"{name}\" is missing.";
        return value;
    }

    private protected T Wrong<T>(string name, string expected, T value)
    {
        Problem ??= $"The field \"{name}\" must be {expected}.";
        return value;
    }

    /// <summary>A value without others in it.</summary>
    private protected readonly record struct Scalar(ScalarKind Kind, string? Text = null, long? Integer = null)
    {
        /// <summary>Neither text nor integer.</summary>
        public static readonly Scalar Other = new(ScalarKind.Other);

        public bool IsAbsent => Kind == ScalarKind.Absent;

        public static Scalar OfText(string text) => new(ScalarKind.Text, text);

        public static Scalar OfInteger(long integer) => new(ScalarKind.Integer, Integer: integer);
    }

    private protected enum ScalarKind : byte
    {
        Absent,
        Text,
        Integer,
        Other,
    }
}
