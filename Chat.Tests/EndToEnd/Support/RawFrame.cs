using System.Buffers.Binary;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>A client's frame, right or wrong in any part of it (RFC 6455, section 5.2).</summary>
public sealed record RawFrame(int Opcode, byte[] Payload)
{
    private const int InTwoBytes = 126, InEightBytes = 127;

    /// <summary>No fragment follows.</summary>
    public bool IsFinal { get; init; } = true;

    /// <summary>RSV1 (4), RSV2 (2), RSV3 (1).</summary>
    public int Reserved { get; init; }

    /// <summary>The masking key; null where the frame isn't masked, as a client's must be.</summary>
    public uint? Mask { get; init; } = 0x12345678;

    /// <summary>Bytes that the length has beside its seven bits: 0, 2 or 8; null for the fewest.</summary>
    public int? LengthBytes { get; init; }

    /// <summary>The length that it tells; null for the payload's.</summary>
    public ulong? Length { get; init; }

    /// <summary>As it goes over the wire.</summary>
    public byte[] ToBytes()
    {
        var length = Length ?? (ulong)Payload.Length;
        var lengthBytes = LengthBytes ?? (length < InTwoBytes ? 0 : length <= ushort.MaxValue ? 2 : 8);
        var start = 2 + lengthBytes + (Mask is null ? 0 : 4);
        var frame = new byte[start + Payload.Length];
        frame[0] = (byte)(Opcode | Reserved << 4 | (IsFinal ? 0x80 : 0));
        frame[1] = (byte)((Mask is null ? 0 : 0x80) | lengthBytes switch { 0 => (int)length, 2 => InTwoBytes, _ => InEightBytes });
        if (lengthBytes == 2)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)length);
        if (lengthBytes == 8)
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), length);
        Payload.CopyTo(frame, start);
        if (Mask is not { } mask)
            return frame;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(start - 4), mask);
        for (var i = 0; i < Payload.Length; i++)
            frame[start + i] ^= frame[start - 4 + i % 4];
        return frame;
    }
}
