using System.Buffers.Text;

namespace Chat.Bench.Crowds;

/// <summary>
/// What a load generator needs of a <c>message</c> event, found by its bytes: parsing the JSON of every delivery would measure the
/// parser. The fields that the server writes come before the user's text, and contain no quotes.
/// </summary>
public static class Delivery
{
    private static ReadOnlySpan<byte> Start => "{\"type\":\"message\","u8;

    private static ReadOnlySpan<byte> AckStart => "{\"type\":\"ack\",\"id\":\""u8;

    private static ReadOnlySpan<byte> RoomField => "\"room\":\""u8;

    private static ReadOnlySpan<byte> SeqField => "\"seq\":"u8;

    private static ReadOnlySpan<byte> IdField => "\"id\":\""u8;

    /// <summary>False where it is another event.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out long seq, out ReadOnlySpan<byte> id)
    {
        seq = 0;
        id = default;
        if (!text.StartsWith(Start) || text.IndexOf(SeqField) is var seqAt && seqAt < 0 || text.IndexOf(IdField) is var idAt && idAt < 0)
            return false;
        var rest = text[(idAt + IdField.Length)..];
        var end = rest.IndexOf((byte)'"');
        if (end < 0 || !Utf8Parser.TryParse(text[(seqAt + SeqField.Length)..], out seq, out _))
            return false;
        id = rest[..end];
        return true;
    }

    /// <summary>The id and the seq of an <c>ack</c>; false where it is another event.</summary>
    public static bool TryReadAck(ReadOnlySpan<byte> text, out long seq, out ReadOnlySpan<byte> id)
    {
        seq = 0;
        id = default;
        if (!text.StartsWith(AckStart) || text.IndexOf(SeqField) is var seqAt && seqAt < 0)
            return false;
        var rest = text[AckStart.Length..];
        id = rest[..rest.IndexOf((byte)'"')];
        return Utf8Parser.TryParse(text[(seqAt + SeqField.Length)..], out seq, out _);
    }

    /// <summary>The number that ends the name of an event's room, where the rooms are numbered; -1 where it is none of these.</summary>
    public static int RoomNumber(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf(RoomField);
        var rest = at < 0 ? default : text[(at + RoomField.Length)..];
        var end = rest.IndexOf((byte)'"');
        var name = end < 0 ? default : rest[..end];
        return Utf8Parser.TryParse(name[(name.LastIndexOf((byte)'-') + 1)..], out int number, out _) ? number : -1;
    }
}
