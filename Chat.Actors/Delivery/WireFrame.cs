using System.Buffers.Binary;

namespace Chat.Actors.Delivery;

/// <summary>Frames of a server to a client (RFC 6455, section 5.2): final, not masked.</summary>
public static class WireFrame
{
    private const byte Final = 0x80;
    private const byte TextCode = 0x1;
    private const byte CloseCode = 0x8;
    private const byte PingCode = 0x9;

    /// <summary>Bytes that the longest header takes: two, and eight of length.</summary>
    public const int Headroom = 10;

    /// <summary>A text frame.</summary>
    public static byte[] Text(ReadOnlySpan<byte> utf8)
    {
        var frame = new byte[TextLength(utf8.Length)];
        WriteText(utf8, frame);
        return frame;
    }

    /// <summary>A text frame of what stands behind the first <see cref="Headroom"/> bytes, made in place.</summary>
    public static ReadOnlyMemory<byte> TextInPlace(byte[] bytes)
    {
        var length = bytes.Length - Headroom;
        var start = Headroom - HeaderLength(length);
        WriteHeader(length, bytes.AsSpan(start));
        return bytes.AsMemory(start);
    }

    /// <summary>Bytes of a text frame with a payload of <paramref name="length"/> bytes.</summary>
    public static int TextLength(int length) => HeaderLength(length) + length;

    /// <summary>Writes a text frame, and returns its length.</summary>
    public static int WriteText(ReadOnlySpan<byte> utf8, Span<byte> frame)
    {
        var header = WriteHeader(utf8.Length, frame);
        utf8.CopyTo(frame[header..]);
        return header + utf8.Length;
    }

    /// <summary>A close frame (section 5.5.1); the reason is ASCII and at most 123 bytes.</summary>
    public static byte[] Close(int code, string reason)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reason.Length, 123);
        var frame = new byte[4 + reason.Length];
        frame[0] = Final | CloseCode;
        frame[1] = (byte)(2 + reason.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        System.Text.Encoding.ASCII.GetBytes(reason, frame.AsSpan(4));
        return frame;
    }

    /// <summary>A ping without payload (section 5.5.2).</summary>
    public static readonly ReadOnlyMemory<byte> Ping = new byte[] { Final | PingCode, 0 };

    private static int HeaderLength(int length) => length < 126 ? 2 : length <= ushort.MaxValue ? 4 : Headroom;

    private static int WriteHeader(int length, Span<byte> frame)
    {
        frame[0] = Final | TextCode;
        var header = HeaderLength(length);
        switch (header)
        {
            case 2:
                frame[1] = (byte)length;
                break;
            case 4:
                frame[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)length);
                break;
            default:
                frame[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)length);
                break;
        }
        return header;
    }
}
