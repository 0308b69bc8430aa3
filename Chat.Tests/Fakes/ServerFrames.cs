using System.Buffers.Binary;
using System.Text;
using Chat.Protocol.Codec;

namespace Chat.Tests.Fakes;

/// <summary>What a client sees that isn't an event.</summary>
internal abstract record OtherFrame
{
    public sealed record Closed(int Code, string Reason) : OtherFrame;

    public sealed record Ping : OtherFrame;
}

/// <summary>Reads the frames that a server writes, wherever its writes cut them.</summary>
internal sealed class ServerFrames
{
    private byte[] _bytes = new byte[1024];
    private int _from;
    private int _to;

    /// <summary>Bytes of the whole frames that were read.</summary>
    public long Read { get; private set; }

    /// <summary>Adds what was written.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_to + bytes.Length > _bytes.Length)
        {
            var held = _bytes.AsSpan(_from, _to - _from);
            var room = new byte[Math.Max(_bytes.Length, 2 * (held.Length + bytes.Length))];
            held.CopyTo(room);
            (_bytes, _from, _to) = (room, 0, held.Length);
        }
        bytes.CopyTo(_bytes.AsSpan(_to));
        _to += bytes.Length;
    }

    /// <summary>The next whole frame, an event or an <see cref="OtherFrame"/>; null where none is there yet.</summary>
    public object? Next()
    {
        var bytes = _bytes.AsMemory(_from, _to - _from);
        if (bytes.Length < 2)
            return null;
        var (header, length) = bytes.Span[1] switch
        {
            126 => (4, bytes.Length < 4 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[2..])),
            127 => (10, bytes.Length < 10 ? int.MaxValue : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.Span[2..])),
            var small => (2, small),
        };
        if (bytes.Length - header < length)
            return null;
        _from += header + length;
        Read += header + length;
        ReadOnlyMemory<byte> payload = bytes.Slice(header, length).ToArray();
        return bytes.Span[0] switch
        {
            0x81 => EventCodec.Decode(payload) ?? throw new InvalidDataException(Encoding.UTF8.GetString(payload.Span)),
            0x88 => new OtherFrame.Closed(BinaryPrimitives.ReadUInt16BigEndian(payload.Span), Encoding.ASCII.GetString(payload.Span[2..])),
            0x89 => new OtherFrame.Ping(),
            var other => throw new InvalidDataException($"No server sends a frame that begins with {other:x2}."),
        };
    }
}
