using System.Buffers.Binary;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>What came of the bytes that a gate was given.</summary>
internal enum GateStep
{
    /// <summary>All were taken; it takes more of them to make a frame.</summary>
    More,

    /// <summary>A whole message, or a control frame: <see cref="FrameGate.Frame"/>.</summary>
    Whole,

    /// <summary>A binary message begins.</summary>
    Binary,

    /// <summary>A message grows over the limit, or says that it is going to.</summary>
    TooLarge,

    /// <summary>A frame breaks the protocol.</summary>
    Broken,
}

/// <summary>
/// Reads a client's frames (RFC 6455, section 5) ahead of Fleck, which gathers whatever comes without a bound, mixes up a fragmented message and a
/// control frame inside it, and takes some frames that are none. It passes on each message as one frame. Without I/O.
/// </summary>
/// <param name="maxMessage">Bytes of one message.</param>
internal sealed class FrameGate(int maxMessage)
{
    private const byte Bit = 0x80, Reserved = 0x70, OpcodeMask = 0x0F, LengthMask = 0x7F;
    private const int Continuation = 0x0, Text = 0x1, Binary = 0x2, Close = 0x8, Pong = 0xA;
    private const int Short = 126, Long = 127;
    private const int MaxControl = 125;
    private const int MaskBytes = 4;

    // Two bytes, eight of length, the mask.
    private const int Headroom = 14;

    // What a long message's buffer begins with: who only says that it is long is given no more.
    private const int FirstBytes = 4 * 1024;

    private readonly byte[] _header = new byte[Headroom];
    private int _headerLength;
    private int _payload;
    private int _taken;
    private byte[] _control = [];
    private byte[] _message = [];
    private int _messageLength;
    private bool _isFragmented;

    /// <summary>A whole frame with a mask of zeros: what <see cref="GateStep.Whole"/> is about. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Frame { get; private set; }

    /// <summary>The code of the last close frame; 0 where it had none.</summary>
    public int CloseCode { get; private set; }

    private int Opcode => _header[0] & OpcodeMask;

    private bool IsFinal => (_header[0] & Bit) != 0;

    private bool IsControl => Opcode >= Close;

    private int LengthEnd => 2 + (_header[1] & LengthMask) switch { Short => sizeof(ushort), Long => sizeof(ulong), _ => 0 };

    /// <summary>Takes bytes up to the first step that isn't <see cref="GateStep.More"/>, or all. After one of the last three steps, nothing is to follow.</summary>
    /// <param name="bytes">What came; what is left of it.</param>
    public GateStep Take(ref ReadOnlyMemory<byte> bytes)
    {
        while (true)
        {
            if (TakeHeader(ref bytes) is { } step)
                return step;
            TakePayload(ref bytes);
            if (_taken < _payload)
                return GateStep.More;
            _headerLength = 0;
            if (IsControl)
            {
                CloseCode = Opcode != Close ? CloseCode : _payload < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_control.AsSpan(Headroom));
                Frame = Encode(Opcode, _control, _payload);
                return GateStep.Whole;
            }
            _messageLength += _payload;
            _isFragmented = !IsFinal;
            if (_isFragmented)
                continue;
            Frame = Encode(Text, _message, _messageLength);
            (_message, _messageLength) = ([], 0);
            return GateStep.Whole;
        }
    }

    // Null where the header is whole and right. Each part is judged as soon as it is there.
    private GateStep? TakeHeader(ref ReadOnlyMemory<byte> bytes)
    {
        if (_headerLength >= 2 && _headerLength == LengthEnd + MaskBytes)
            return null;
        if (!Fill(ref bytes, 2))
            return GateStep.More;
        if (IsBroken())
            return GateStep.Broken;
        if (Opcode == Binary)
            return GateStep.Binary;
        if (!Fill(ref bytes, LengthEnd))
            return GateStep.More;
        var length = Length();
        if (length > long.MaxValue)
            return GateStep.Broken;
        if (!IsControl && length > (ulong)(maxMessage - _messageLength))
            return GateStep.TooLarge;
        if (!Fill(ref bytes, LengthEnd + MaskBytes))
            return GateStep.More;
        (_payload, _taken) = ((int)length, 0);
        return null;
    }

    private bool Fill(ref ReadOnlyMemory<byte> bytes, int upTo)
    {
        var count = Math.Clamp(upTo - _headerLength, 0, bytes.Length);
        bytes[..count].CopyTo(_header.AsMemory(_headerLength));
        bytes = bytes[count..];
        _headerLength += count;
        return _headerLength >= upTo;
    }

    private bool IsBroken() =>
        (_header[0] & Reserved) != 0
        || (_header[1] & Bit) == 0
        || Opcode switch
        {
            Continuation => !_isFragmented,
            Text or Binary => _isFragmented,
            // A close's code has two bytes, where it has one.
            Close when (_header[1] & LengthMask) == 1 => true,
            >= Close and <= Pong => !IsFinal || (_header[1] & LengthMask) > MaxControl,
            _ => true,
        };

    private ulong Length() => (_header[1] & LengthMask) switch
    {
        Short => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
        Long => BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
        var length => (ulong)length,
    };

    private void TakePayload(ref ReadOnlyMemory<byte> bytes)
    {
        var count = Math.Min(_payload - _taken, bytes.Length);
        var start = Headroom + (IsControl ? 0 : _messageLength) + _taken;
        var target = IsControl ? Grown(ref _control, start + count, _payload) : Grown(ref _message, start + count, _messageLength + _payload);
        var mask = _header.AsSpan(LengthEnd, MaskBytes);
        var source = bytes.Span;
        for (var i = 0; i < count; i++)
            target[start + i] = (byte)(source[i] ^ mask[(_taken + i) % MaskBytes]);
        bytes = bytes[count..];
        _taken += count;
    }

    private static byte[] Grown(ref byte[] bytes, int least, int whole)
    {
        if (bytes.Length < least)
            Array.Resize(ref bytes, Math.Max(least, Math.Min(Headroom + whole, Math.Max(Headroom + FirstBytes, bytes.Length * 2))));
        return bytes;
    }

    // In place: the payload stands behind the headroom, and with that mask it is as it is.
    private static ReadOnlyMemory<byte> Encode(int opcode, byte[] bytes, int length)
    {
        var lengthBytes = length <= MaxControl ? 0 : length <= ushort.MaxValue ? sizeof(ushort) : sizeof(ulong);
        var start = Headroom - MaskBytes - lengthBytes - 2;
        bytes[start] = (byte)(Bit | opcode);
        bytes[start + 1] = (byte)(Bit | lengthBytes switch { 0 => length, sizeof(ushort) => Short, _ => Long });
        if (lengthBytes == sizeof(ushort))
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(start + 2), (ushort)length);
        if (lengthBytes == sizeof(ulong))
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(start + 2), (ulong)length);
        bytes.AsSpan(Headroom - MaskBytes, MaskBytes).Clear();
        return bytes.AsMemory(start, Headroom - start + length);
    }
}
