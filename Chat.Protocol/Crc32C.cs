using System.Buffers.Binary;
using System.Numerics;

namespace Chat.Protocol;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has one.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
