using System.Buffers;
using System.Globalization;
using System.Text;
using Newtonsoft.Json;

namespace Chat.Protocol.Codec;

/// <summary>
/// Writes one JSON object as UTF-8 without a line break in it. Fields that are null are left out.
/// One is kept for each thread, so that encoding an event allocates its bytes alone.
/// </summary>
internal sealed class JsonLine
{
    // A lone surrogate can't be encoded; it becomes U+FFFD rather than an exception.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private const int KeptCapacity = 16 * 1024;

    [ThreadStatic]
    private static JsonLine? _kept;

    private readonly StringBuilder _text = new(256);
    private readonly Encoder _encoder = Utf8.GetEncoder();
    private readonly JsonTextWriter _writer;

    private JsonLine()
    {
        _writer = new JsonTextWriter(new StringWriter(_text, CultureInfo.InvariantCulture)) { Formatting = Formatting.None };
    }

    /// <summary>Starts <c>{"type":…</c>; one at a time for each thread.</summary>
    public static JsonLine Start(string type)
    {
        var line = _kept ?? new JsonLine();
        _kept = null;
        line._writer.WriteStartObject();
        return line.Text("type", type);
    }

    public JsonLine Text(string name, string? value)
    {
        if (value is null)
            return this;
        _writer.WritePropertyName(name);
        _writer.WriteValue(value);
        return this;
    }

    public JsonLine Integer(string name, long? value)
    {
        if (value is null)
            return this;
        _writer.WritePropertyName(name);
        _writer.WriteValue(value.Value);
        return this;
    }

    public JsonLine Number(string name, double value)
    {
        if (value == Math.Floor(value) && Math.Abs(value) < 1e15)
            return Integer(name, (long)value);
        _writer.WritePropertyName(name);
        _writer.WriteValue(value);
        return this;
    }

    public JsonLine Flag(string name, bool value)
    {
        _writer.WritePropertyName(name);
        _writer.WriteValue(value);
        return this;
    }

    /// <summary>Written only where true.</summary>
    public JsonLine FlagIf(string name, bool value) => value ? Flag(name, value) : this;

    public JsonLine Time(string name, DateTime? utc) => Text(name, utc is { } time ? Timestamps.Format(time) : null);

    public JsonLine Milliseconds(string name, TimeSpan? value) =>
        Integer(name, value is { } span ? (long)Math.Ceiling(span.TotalMilliseconds) : null);

    public JsonLine Texts(string name, IEnumerable<string> values)
    {
        _writer.WritePropertyName(name);
        _writer.WriteStartArray();
        foreach (var value in values)
            _writer.WriteValue(value);
        _writer.WriteEndArray();
        return this;
    }

    public JsonLine Counts(string name, IEnumerable<KeyValuePair<string, int>> values)
    {
        _writer.WritePropertyName(name);
        _writer.WriteStartObject();
        foreach (var (key, value) in values)
        {
            _writer.WritePropertyName(key);
            _writer.WriteValue(value);
        }
        _writer.WriteEndObject();
        return this;
    }

    public JsonLine Ranges(string name, IReadOnlyList<SeqRange> ranges)
    {
        if (ranges.Count == 0)
            return this;
        _writer.WritePropertyName(name);
        _writer.WriteStartArray();
        foreach (var (from, to) in ranges)
        {
            _writer.WriteStartArray();
            _writer.WriteValue(from);
            _writer.WriteValue(to);
            _writer.WriteEndArray();
        }
        _writer.WriteEndArray();
        return this;
    }

    public JsonLine Object(string name, Action<JsonLine> fields)
    {
        _writer.WritePropertyName(name);
        _writer.WriteStartObject();
        fields(this);
        _writer.WriteEndObject();
        return this;
    }

    /// <summary>Closes the object and gives its bytes.</summary>
    public byte[] ToUtf8()
    {
        _writer.WriteEndObject();
        var bytes = Encode(spare: 0);
        Keep();
        return bytes;
    }

    /// <summary>Closes the object with the <c>crc</c> of all that stands before it, as its last field.</summary>
    public byte[] ToUtf8WithCrc()
    {
        var bytes = Encode(spare: LogLine.CrcFieldLength);
        LogLine.WriteCrcField(bytes.AsSpan(0, bytes.Length - LogLine.CrcFieldLength), bytes.AsSpan(bytes.Length - LogLine.CrcFieldLength));
        _writer.WriteEndObject();
        Keep();
        return bytes;
    }

    // One pass into a buffer that is large enough for any text of this length. Counting first would need an encoder that
    // remembers half a surrogate pair from one chunk to the next, and Encoder.GetByteCount doesn't.
    private byte[] Encode(int spare)
    {
        _writer.Flush();
        var buffer = ArrayPool<byte>.Shared.Rent(Utf8.GetMaxByteCount(_text.Length));
        try
        {
            var length = 0;
            foreach (var chunk in _text.GetChunks())
                length += _encoder.GetBytes(chunk.Span, buffer.AsSpan(length), flush: false);
            length += _encoder.GetBytes([], buffer.AsSpan(length), flush: true);
            var bytes = new byte[length + spare];
            buffer.AsSpan(0, length).CopyTo(bytes);
            return bytes;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Keep()
    {
        if (_text.Capacity > KeptCapacity)
            return;
        _text.Clear();
        _kept = this;
    }
}
