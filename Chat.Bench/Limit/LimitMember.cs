using System.Text;
using Chat.Bench.Load;
using Chat.Bench.Sockets;

namespace Chat.Bench.Limit;

/// <summary>A connection to the limit: a handshake whose path is the room, then texts for it.</summary>
internal sealed class LimitMember : PolledSocket
{
    private const int MaxText = ushort.MaxValue;

    private readonly LimitServer _server;
    private LimitRoom? _room;
    private byte[] _text = [];

    public LimitMember(Poller poller, LimitServer server, int descriptor)
        : base(poller)
    {
        _server = server;
        Open(descriptor, isConnecting: false);
    }

    /// <summary>Frames as they are.</summary>
    public void Send(ReadOnlySpan<byte> frames) => Write(frames);

    private protected override int Received(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        try
        {
            if (_room is null && (used = ShakeHands(bytes)) == 0)
                return 0;
            while (IsOpen && FrameHeader.TryRead(bytes[used..], out var header) && bytes.Length - used >= header.FrameLength)
            {
                if (!header.IsLast || !header.IsMasked || header.PayloadLength > MaxText)
                    throw new InvalidDataException("A client's frame isn't masked, not whole, or too large.");
                Take(header.Opcode, bytes.Slice(used + header.Length - 4, 4), bytes.Slice(used + header.Length, header.PayloadLength));
                used += header.FrameLength;
            }
        }
        catch (InvalidDataException e)
        {
            End(e.Message);
        }
        return used;
    }

    private protected override void Ended(string why) => _room?.Remove(this);

    private int ShakeHands(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf(Handshake.HeadEnd);
        if (end < 0)
            return 0;
        var lines = Encoding.ASCII.GetString(bytes[..end]).Split("\r\n");
        var key = Array.Find(lines, line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))?.Split(':', 2)[1].Trim();
        if (key is null || lines[0].Split(' ') is not ["GET", { } path, _])
            throw new InvalidDataException("That is no WebSocket handshake.");
        Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Handshake.Accept(key)}\r\n\r\n"));
        _room = _server.Enter(path, this);
        return end + Handshake.HeadEnd.Length;
    }

    private void Take(Opcode opcode, ReadOnlySpan<byte> mask, ReadOnlySpan<byte> payload)
    {
        if (opcode == Opcode.Close)
        {
            End("it said goodbye");
            return;
        }
        if (opcode != Opcode.Text)
            return;
        if (_text.Length < payload.Length)
            _text = new byte[payload.Length];
        for (var i = 0; i < payload.Length; i++)
            _text[i] = (byte)(payload[i] ^ mask[i & 3]);
        _server.Say(_room!, _text.AsSpan(0, payload.Length));
    }
}
