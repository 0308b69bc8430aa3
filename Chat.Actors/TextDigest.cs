using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Chat.Actors;

/// <summary>What stands for a message's text where only equality counts.</summary>
public static class TextDigest
{
    /// <summary>128 bits of the SHA-256 of a text: equal where the texts are.</summary>
    public static UInt128 Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
