using System.Buffers.Binary;

namespace Chat.Bench.Sockets;

/// <summary>
/// What is ahead of a frame's payload (RFC 6455, section 5.2): <c>FIN + 3 reserved bits + opcode, mask bit + length (7 bits, or 126 and
/// 16, or 127 and 64), 4 bytes of mask where there is one</c>.
/// </summary>
/// <param name="Opcode">What it is.</param>
/// <param name="IsLast">Whether no more fragments of its message follow.</param>
/// <param name="IsMasked">Whether the payload is masked, as a client's must be and a server's must not.</param>
/// <param name="Length">Bytes of the header, the mask included.</param>
/// <param name="PayloadLength">Bytes of the payload.</param>
public readonly record struct FrameHeader(Opcode Opcode, bool IsLast, bool IsMasked, int Length, int PayloadLength)
{
    private const int MaxPayload = 16 * 1024 * 1024;
    private const int MaskBytes = 4;

    /// <summary>Bytes of the whole frame.</summary>
    public int FrameLength => Length + PayloadLength;

    /// <summary>
    /// Reads the header at the beginning of the bytes; false where it isn't whole, of whose end the mask needn't be there. Throws an <see cref="InvalidDataException"/> where it has
    /// reserved bits, or a payload of more than 16 MiB.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
            return false;
        if ((bytes[0] & 0x70) != 0)
            throw new InvalidDataException("A frame has reserved bits.");
        var (payload, length) = ((long)(bytes[1] & 0x7F), 2);
        if (payload == 126)
        {
            if (bytes.Length < 4)
                return false;
            (payload, length) = (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), 4);
        }
        else if (payload == 127)
        {
            if (bytes.Length < 10)
                return false;
            (payload, length) = (BinaryPrimitives.ReadInt64BigEndian(bytes[2..]), 10);
        }
        if (payload is < 0 or > MaxPayload)
            throw new InvalidDataException("A frame is too large.");
        var isMasked = (bytes[1] & 0x80) != 0;
        header = new FrameHeader((Opcode)(bytes[0] & 0x0F), (bytes[0] & 0x80) != 0, isMasked, length + (isMasked ? MaskBytes : 0), (int)payload);
        return true;
    }
}
