using System.Text;
using System.Text.Json;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>A text frame from the server: its bytes as text, and its fields.</summary>
public sealed class Frame
{
    private const uint Castagnoli = 0x82F63B78;

    public Frame(string text)
    {
        Text = text;
        Json = JsonDocument.Parse(text).RootElement;
        foreach (var message in Type == "message" ? [Json] : Type == "history" ? Json.GetProperty("messages").EnumerateArray().ToArray() : [])
            CheckCrc(message.GetRawText());
    }

    /// <summary>As it came.</summary>
    public string Text { get; }

    /// <summary>Its fields.</summary>
    public JsonElement Json { get; }

    /// <summary>The field <c>type</c>.</summary>
    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>A text field; null where there is none.</summary>
    public string? this[string field] => Json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The field <c>id</c>.</summary>
    public string? Id => this["id"];

    /// <summary>A number; -1 where there is none.</summary>
    public long Number(string field) => Json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : -1;

    /// <summary>A flag, false where there is none.</summary>
    public bool Flag(string field) => Json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Whether there is such a field.</summary>
    public bool Has(string field) => Json.TryGetProperty(field, out _);

    /// <summary>An array of texts.</summary>
    public IReadOnlyList<string> Texts(string field) => [.. Json.GetProperty(field).EnumerateArray().Select(value => value.GetString()!)];

    /// <summary>The messages of a <c>history</c>.</summary>
    public IReadOnlyList<Frame> Messages => [.. Json.GetProperty("messages").EnumerateArray().Select(message => new Frame(message.GetRawText()))];

    /// <summary>The <c>seq</c>s that it delivers: a <c>message</c>'s, or those of a <c>history</c>.</summary>
    public IReadOnlyList<long> Seqs => Type switch
    {
        "message" => [Number("seq")],
        "history" => [.. Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("seq").GetInt64())],
        _ => [],
    };

    /// <summary>Whether it is a system event of this name, of this room where one is given.</summary>
    public bool IsSystem(string name, string? room = null) =>
        Type == "system" && this["event"] == name && (room is null || this["room"] == room);

    /// <summary>Whether it is this message.</summary>
    public bool IsMessage(string room, string text) => Type == "message" && this["room"] == room && this["message"] == text;

    public override string ToString() => Text;

    // Bit by bit, so that it shares nothing with the server's own.
    private static void CheckCrc(string message)
    {
        var at = message.LastIndexOf(",\"crc\":\"", StringComparison.Ordinal);
        if (at < 0 || message.Length != at + 18)
            throw new FormatException($"A message that doesn't end in its crc: {message}");
        var crc = uint.MaxValue;
        foreach (var b in Encoding.UTF8.GetBytes(message[..at]))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? crc >> 1 ^ Castagnoli : crc >> 1;
        }
        if (message[(at + 8)..^2] != (~crc).ToString("x8"))
            throw new FormatException($"A message whose crc doesn't hold: {message}");
    }
}
