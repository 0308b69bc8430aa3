using System.Buffers.Text;
using Chat.Protocol.Codec;

namespace Chat.Bench.Crowds;

/// <summary>
/// A <c>history</c> event, read by its bytes for the reason that <see cref="Delivery"/> gives: who was away for long gets gigabytes of
/// them. The server writes <c>messages</c> before all that tells of the page, and a quote within a text never stands unescaped.
/// </summary>
public ref struct HistoryPage
{
    // ,"crc":"xxxxxxxx"}
    private const int EndLength = 18;

    private ReadOnlySpan<byte> _rest;

    private HistoryPage(ReadOnlySpan<byte> rest) => _rest = rest;

    private static ReadOnlySpan<byte> Start => "{\"type\":\"history\","u8;

    private static ReadOnlySpan<byte> MessagesField => "\"messages\":["u8;

    private static ReadOnlySpan<byte> EndField => ",\"crc\":\""u8;

    /// <summary>False where it is another event.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> text, out HistoryPage page)
    {
        var at = text.StartsWith(Start) ? text.IndexOf(MessagesField) : -1;
        page = new HistoryPage(at < 0 ? default : text[(at + MessagesField.Length)..]);
        return at >= 0;
    }

    /// <summary>
    /// The next message; false at their end, from which on the properties tell of the page. Throws an <see cref="InvalidDataException"/>
    /// where a message isn't whole by its <c>crc</c>.
    /// </summary>
    public bool TryNext(out ReadOnlySpan<byte> message)
    {
        message = default;
        if (_rest.StartsWith(","u8))
            _rest = _rest[1..];
        if (!_rest.StartsWith("{"u8))
            return false;
        var end = _rest.IndexOf(EndField);
        if (end < 0 || end + EndLength > _rest.Length || !LogLine.IsWhole(message = _rest[..(end + EndLength)]))
            throw new InvalidDataException("A message in a history page isn't whole.");
        _rest = _rest[message.Length..];
        return true;
    }

    /// <summary>Whether live events follow.</summary>
    public readonly bool IsLive => _rest.IndexOf("\"live\":true"u8) >= 0;

    /// <summary>Whether the server says that not all can be had.</summary>
    public readonly bool HasGap => _rest.IndexOf("\"gap\":true"u8) >= 0;

    /// <summary>The room's newest seq.</summary>
    public readonly long Last
    {
        get
        {
            var at = _rest.IndexOf("\"last\":"u8);
            return at >= 0 && Utf8Parser.TryParse(_rest[(at + 7)..], out long last, out _) ? last : 0;
        }
    }
}
