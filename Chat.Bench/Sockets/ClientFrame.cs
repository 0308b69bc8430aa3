using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Chat.Bench.Sockets;

/// <summary>
/// A client's frame (RFC 6455, section 5.2), masked as it must be:
/// <c>FIN+opcode, mask bit + length (7 bits, or 126 and 16, or 127 and 64), 4 bytes of mask, payload xor mask</c>.
/// </summary>
public static class ClientFrame
{
    /// <summary>Bytes that a frame may have beside its payload.</summary>
    public const int MaxHeader = 14;

    /// <summary>Writes a whole frame; gives its length.</summary>
    public static int Write(Span<byte> frame, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        frame[0] = (byte)(0x80 | (byte)opcode);
        int at;
        switch (payload.Length)
        {
            case < 126:
                frame[1] = (byte)(0x80 | payload.Length);
                at = 2;
                break;
            case <= ushort.MaxValue:
                frame[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)payload.Length);
                at = 4;
                break;
            default:
                frame[1] = 0x80 | 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)payload.Length);
                at = 10;
                break;
        }
        var mask = frame.Slice(at, 4);
        RandomNumberGenerator.Fill(mask);
        at += 4;
        for (var i = 0; i < payload.Length; i++)
            frame[at + i] = (byte)(payload[i] ^ mask[i & 3]);
        return at + payload.Length;
    }
}

/// <summary>What a frame is.</summary>
public enum Opcode : byte
{
    /// <summary>More of the message before.</summary>
    Continuation = 0x0,

    /// <summary>Text, or its beginning.</summary>
    Text = 0x1,

    /// <summary>Bytes, or their beginning.</summary>
    Binary = 0x2,

    /// <summary>The end; nothing follows.</summary>
    Close = 0x8,

    /// <summary>To be answered by a <see cref="Pong"/> with the same payload.</summary>
    Ping = 0x9,

    /// <summary>The answer.</summary>
    Pong = 0xA,
}
