using System.Buffers;
using System.Text;
using Chat.Bench.Sockets;

namespace Chat.Bench.Load;

/// <summary>Told each message that a client gets; what it is given is valid during the call.</summary>
public delegate void MessageHeard(LoadClient client, ReadOnlySpan<byte> message);

/// <summary>One user of the load: connects, shakes hands, goes into a room and counts what comes. All on its poller's thread.</summary>
public sealed class LoadClient : PolledSocket
{
    private static readonly byte[] Goodbye = [0x03, 0xE8];

    private readonly IDialect _dialect;
    private readonly int _port;
    private byte[] _frame = [];
    private string? _key;
    private IReadOnlyList<EntryStep>? _steps;
    private int _step;
    private string? _session;
    private bool _isLeaving;
    private ArrayBufferWriter<byte>? _fragments;

    /// <param name="poller">On whose thread all happens.</param>
    /// <param name="dialect">How it speaks.</param>
    /// <param name="port">The server's, on the loopback address.</param>
    /// <param name="number">Which of the load's clients it is, from 0.</param>
    /// <param name="room">Where it goes.</param>
    public LoadClient(Poller poller, IDialect dialect, int port, int number, string room)
        : base(poller) => (_dialect, _port, Number, Room) = (dialect, port, number, room);

    /// <summary>Which of the load's clients it is, from 0.</summary>
    public int Number { get; }

    /// <summary>Its name.</summary>
    public string User => $"m{Number}";

    /// <summary>Where it is, or wants to.</summary>
    public string Room { get; }

    /// <summary>Whether it is in its room.</summary>
    public bool IsIn { get; private set; }

    /// <summary>Messages that it got.</summary>
    public long Delivered { get; private set; }

    /// <summary>Why it isn't there any more, or what was refused; null where all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>Told each message; null where they are only counted.</summary>
    public MessageHeard? Heard { get; set; }

    /// <summary>Connects, and from then on goes by itself into its room; a second time with what the server gave it at the first.</summary>
    public void Enter()
    {
        Dispose();
        (_steps, _step, _isLeaving, IsIn) = (null, 0, false, false);
        _fragments?.ResetWrittenCount();
        Connect(_port);
    }

    /// <summary>Sends a request.</summary>
    public void Send(ReadOnlySpan<byte> request) => Send(_dialect.Requests, request);

    /// <summary>Says something, where the server wants to hear from a client now and then.</summary>
    public void KeepAlive()
    {
        if (IsIn && _dialect.KeepAlive is { } text)
            Send(text);
    }

    /// <summary>Says goodbye; what the server still sends is read, and it is the server that closes.</summary>
    public void Leave()
    {
        (_isLeaving, IsIn) = (true, false);
        if (_steps is null)
            Dispose();
        else
            Send(Opcode.Close, Goodbye);
    }

    /// <summary>Is lost without a word.</summary>
    public void BreakOff()
    {
        IsIn = false;
        Drop();
    }

    private protected override void Connected()
    {
        _key = Handshake.NewKey();
        var subprotocol = _dialect.Subprotocol is { } name ? $"Sec-WebSocket-Protocol: {name}\r\n" : "";
        Write(Encoding.ASCII.GetBytes(
            $"GET {_dialect.Path(Room)} HTTP/1.1\r\nHost: 127.0.0.1:{_port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: {_key}\r\nSec-WebSocket-Version: 13\r\n{subprotocol}\r\n"));
    }

    private protected override int Received(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        try
        {
            if (_key is not null && (used = FinishHandshake(bytes)) == 0)
                return 0;
            while (IsOpen && FrameHeader.TryRead(bytes[used..], out var header) && bytes.Length - used >= header.FrameLength)
            {
                if (header.IsMasked)
                    throw new InvalidDataException("The server sent a frame with a mask.");
                Take(header, bytes.Slice(used + header.Length, header.PayloadLength));
                used += header.FrameLength;
            }
        }
        catch (InvalidDataException e)
        {
            End(e.Message);
        }
        return used;
    }

    private protected override void Ended(string why)
    {
        if (!_isLeaving)
            Fault ??= why;
        IsIn = false;
    }

    private int FinishHandshake(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf(Handshake.HeadEnd);
        if (end < 0)
            return 0;
        Handshake.ThrowUnlessAccepted(Encoding.ASCII.GetString(bytes[..end]), _key!);
        _key = null;
        _steps = _dialect.Entry(User, Room, _session);
        BeginStep();
        return end + Handshake.HeadEnd.Length;
    }

    private void BeginStep()
    {
        if (_step == _steps!.Count)
        {
            IsIn = true;
            _steps = [];
            return;
        }
        foreach (var request in _steps[_step].Requests)
            Send(request);
    }

    // Who sends what waits in several buffers may send it in as many fragments.
    private void Take(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Opcode >= Opcode.Close || (header.IsLast && header.Opcode != Opcode.Continuation))
        {
            Take(header.Opcode, payload);
            return;
        }
        _fragments ??= new ArrayBufferWriter<byte>();
        _fragments.Write(payload);
        if (!header.IsLast)
            return;
        Take(Opcode.Text, _fragments.WrittenSpan);
        _fragments.ResetWrittenCount();
    }

    private void Take(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case Opcode.Text or Opcode.Binary:
                while (payload.Length > 0)
                    Take(_dialect.Next(ref payload, out var part), part);
                break;
            case Opcode.Ping:
                Send(Opcode.Pong, payload);
                break;
            case Opcode.Close:
                End($"closed with {(payload.Length >= 2 ? payload[0] << 8 | payload[1] : 0)}");
                break;
        }
    }

    private void Take(Incoming kind, ReadOnlySpan<byte> part)
    {
        switch (kind)
        {
            case Incoming.Message:
                // What was said before it was in, it may get with its way in.
                if (!IsIn)
                    break;
                Delivered++;
                Heard?.Invoke(this, part);
                break;
            case Incoming.Ping:
                Send(_dialect.Pong);
                break;
            case Incoming.Refusal:
                Fault ??= "refused: " + Encoding.UTF8.GetString(part[..Math.Min(part.Length, 200)]);
                break;
            case Incoming.Other when !IsIn && !_isLeaving:
                _session = _dialect.Session(part) ?? _session;
                if (part.StartsWith(_steps![_step].Answer))
                {
                    _step++;
                    BeginStep();
                }
                break;
        }
    }

    private void Send(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (_frame.Length < payload.Length + ClientFrame.MaxHeader)
            _frame = new byte[payload.Length + ClientFrame.MaxHeader];
        Write(_frame.AsSpan(0, ClientFrame.Write(_frame, opcode, payload)));
    }
}
