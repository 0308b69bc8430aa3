using Chat.Bench.Sockets;

namespace Chat.Bench.Abuses;

/// <summary>Frames as they go over the wire, made once and sent again and again.</summary>
internal static class FrameBytes
{
    private const byte Final = 0x80, LongMask = 0xFF;

    /// <summary>A whole frame.</summary>
    public static byte[] Of(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[payload.Length + ClientFrame.MaxHeader];
        return frame[..ClientFrame.Write(frame, opcode, payload)];
    }

    /// <summary>One that isn't its message's last.</summary>
    public static byte[] Fragment(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = Of(opcode, payload);
        frame[0] &= unchecked((byte)~Final);
        return frame;
    }

    /// <summary>The header of a text that promises 2^62 bytes, none of them masked to anything else.</summary>
    public static byte[] HugeText => [Final | (byte)Opcode.Text, LongMask, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The same frame so often.</summary>
    public static byte[] Times(byte[] frame, int count)
    {
        var all = new byte[frame.Length * count];
        for (var i = 0; i < count; i++)
            frame.CopyTo(all, i * frame.Length);
        return all;
    }
}
