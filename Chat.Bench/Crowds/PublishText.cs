using System.Globalization;
using System.Text;

namespace Chat.Bench.Crowds;

/// <summary>The publishes of one room, written into the same bytes again and again: only the number in the id changes.</summary>
public sealed class PublishText
{
    /// <summary>Digits of a number at the end of an id.</summary>
    public const int Digits = 8;

    private static ReadOnlySpan<byte> IdField => "\"id\":\"b-"u8;

    private readonly byte[] _bytes;
    private readonly int _numberAt;

    /// <param name="room">The room.</param>
    /// <param name="characters">How long the messages' text is.</param>
    public PublishText(string room, int characters)
    {
        _bytes = Encoding.UTF8.GetBytes(
            $$"""{"type":"publish","room":"{{room}}","id":"b-{{new string('0', Digits)}}","message":"{{new string('x', characters)}}"}""");
        _numberAt = _bytes.AsSpan().IndexOf(IdField) + IdField.Length;
    }

    /// <summary>The request with this number in its id; valid until the next.</summary>
    public ReadOnlySpan<byte> Numbered(int number)
    {
        number.TryFormat(_bytes.AsSpan(_numberAt, Digits), out _, "D8", CultureInfo.InvariantCulture);
        return _bytes;
    }

    /// <summary>The number in an id; null where it is none of these.</summary>
    public static int? Number(ReadOnlySpan<byte> id) =>
        id.Length == Digits + 2 && int.TryParse(id[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
