using System.Buffers.Binary;
using System.Text.Unicode;
using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;

namespace Chat.Tests.EndToEnd.Mutation;

/// <summary>
/// What RFC 6455 and the protocol have a server do about bytes of a client's, read by rules of its own: which close code is due, and whether
/// more bytes are waited for.
/// </summary>
internal sealed class FrameModel
{
    private const int Limit = 65_536;
    private const int MaxControl = 125;

    private readonly List<byte> _text = [];
    private readonly List<byte> _bytes = [];
    private bool _isFragmented;

    /// <summary>The codes of which one is due; none where the connection goes on.</summary>
    public IReadOnlyList<int> Due { get; private set; } = [];

    /// <summary>What came can't become UTF-8 any more: that may be seen now, or with the bytes that follow.</summary>
    public bool MayBeNotUtf8 { get; private set; }

    /// <summary>The header that has begun breaks the protocol: that may be seen now, or with the bytes that follow.</summary>
    public bool MayBeBroken { get; private set; }

    /// <summary>A frame or a message has begun and isn't whole: what comes next belongs to it.</summary>
    public bool IsWithin => Due.Count == 0 && (_bytes.Count > 0 || _isFragmented);

    /// <summary>These came.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        while (Due.Count == 0 && TakeFrame())
        {
        }
    }

    private bool TakeFrame()
    {
        var bytes = _bytes.ToArray().AsSpan();
        if (bytes.Length < 2)
            return false;
        var (isFinal, opcode) = ((bytes[0] & 0x80) != 0, bytes[0] & 0x0F);
        // Kestrel's judges a header together with the four bytes behind it, masked or not; Fleck's as soon as it can.
        var lengthBytes = (bytes[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
        if (bytes.Length < 6 + lengthBytes)
        {
            MayBeBroken = IsBroken(bytes[0], isMasked: (bytes[1] & 0x80) != 0, opcode, isFinal, (ulong)(bytes[1] & 0x7F));
            return false;
        }
        var length = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)(bytes[1] & 0x7F),
        };
        if (IsBroken(bytes[0], isMasked: (bytes[1] & 0x80) != 0, opcode, isFinal, length))
            return Ends(CloseCodes.ProtocolError);
        if (opcode == RawWire.Binary)
            return Ends(CloseCodes.Unsupported);
        var payload = bytes[(6 + lengthBytes)..];
        payload = payload[..(int)Math.Min((ulong)payload.Length, length)];
        for (var i = 0; i < payload.Length; i++)
            payload[i] ^= bytes[2 + lengthBytes + i % 4];
        var isWhole = (ulong)payload.Length == length;
        if (opcode is RawWire.Text or RawWire.Continuation)
            return TakeText(payload, isWhole, isFinal, 6 + lengthBytes);
        if (!isWhole)
            return false;
        _bytes.RemoveRange(0, 6 + lengthBytes + payload.Length);
        return opcode != RawWire.Close || Ends(CloseAnswer(payload));
    }

    private bool IsBroken(byte first, bool isMasked, int opcode, bool isFinal, ulong length) =>
        !isMasked || (first & 0x70) != 0 || length > long.MaxValue || opcode switch
        {
            RawWire.Continuation => !_isFragmented,
            RawWire.Text or RawWire.Binary => _isFragmented,
            // Its code has two bytes: with one, its header says so.
            RawWire.Close when length == 1 => true,
            RawWire.Close or RawWire.Ping or RawWire.Pong => !isFinal || length > MaxControl,
            _ => true,
        };

    private bool TakeText(ReadOnlySpan<byte> payload, bool isWhole, bool isFinal, int header)
    {
        byte[] text = [.. _text, .. payload];
        var isText = isWhole && isFinal ? Utf8.IsValid(text) : CanBecomeUtf8(text);
        // A character that is cut and can't be made whole may be seen now, or with the fragment that follows.
        if (isWhole && !isFinal && !isText && IsCut(text))
            MayBeNotUtf8 = isText = true;
        // Which of the two is seen first depends on how the bytes come.
        if (text.Length > Limit)
            return Ends(isText ? [CloseCodes.TooLarge] : [CloseCodes.TooLarge, CloseCodes.NotUtf8]);
        if (isWhole && !isText)
            return Ends(CloseCodes.NotUtf8);
        if (!isWhole)
        {
            MayBeNotUtf8 |= !isText;
            return false;
        }
        _bytes.RemoveRange(0, header + payload.Length);
        _isFragmented = !isFinal;
        _text.Clear();
        if (!isFinal)
            _text.AddRange(text);
        return true;
    }

    private static bool IsCut(byte[] text) =>
        Enumerable.Range(1, Math.Min(3, text.Length)).Any(cut => Utf8.IsValid(text.AsSpan(0, text.Length - cut)));

    // Whether up to three more bytes make it whole.
    private static bool CanBecomeUtf8(byte[] text)
    {
        for (var cut = 0; cut <= Math.Min(3, text.Length); cut++)
        {
            var rest = text.AsSpan(text.Length - cut);
            if (Utf8.IsValid(text.AsSpan(0, text.Length - cut)) && (cut == 0 || IsBeginning(rest)))
                return true;
        }
        return false;
    }

    private static bool IsBeginning(ReadOnlySpan<byte> rest)
    {
        foreach (var end in (byte[][])[[0x80], [0xBF], [0x80, 0x80], [0xBF, 0x80], [0x80, 0x80, 0x80], [0xBF, 0x80, 0x80]])
        {
            if (Utf8.IsValid([.. rest, .. end]))
                return true;
        }
        return false;
    }

    private static int CloseAnswer(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 0)
            return CloseCodes.Normal;
        if (payload.Length == 1 || !Utf8.IsValid(payload[2..]))
            return CloseCodes.ProtocolError;
        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        return code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999) ? code : CloseCodes.ProtocolError;
    }

    private bool Ends(params IReadOnlyList<int> codes)
    {
        Due = MayBeNotUtf8 ? [.. codes, CloseCodes.NotUtf8] : codes;
        return false;
    }
}
