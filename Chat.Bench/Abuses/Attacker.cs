using System.Net.Sockets;
using System.Text;
using Chat.Bench.Sockets;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Bench.Abuses;

/// <summary>One connection of somebody who means harm: does what it is told, and counts what the server does about it.</summary>
public sealed class Attacker : IDisposable
{
    /// <summary>The first lines of a handshake, which lacks its end.</summary>
    public const string HandshakeBegun = "GET /ws HTTP/1.1\r\nHost: localhost\r\n";

    private const string Ended = "ended";

    private static int _names;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly FrameReader _frames = new();
    private readonly AbuseTarget _target;
    private readonly Tally _tally;

    internal Attacker(AbuseTarget target, Tally tally, int number) => (_target, _tally, Number) = (target, tally, number);

    /// <summary>Which of the attackers, from 0.</summary>
    public int Number { get; }

    /// <summary>Whom it meets.</summary>
    public AbuseTarget Target => _target;

    /// <summary>A name that nobody had before.</summary>
    public static string NewName(string start) => $"{start}{Environment.ProcessId}-{Interlocked.Increment(ref _names)}";

    /// <summary>It was done so often.</summary>
    public void Did(string what, long count = 1) => _tally.Add(what, count);

    /// <summary>Connects, and says nothing.</summary>
    /// <param name="receiveBuffer">Bytes that may come before it reads any; null for as many as the system thinks right.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task ConnectAsync(int? receiveBuffer, CancellationToken cancellation)
    {
        if (receiveBuffer is { } bytes)
            _socket.ReceiveBufferSize = bytes;
        await _socket.ConnectAsync(_target.Server.Host, _target.Server.Port, cancellation);
    }

    /// <summary>Connects and shakes hands; false where the server doesn't take it, which is counted.</summary>
    public async Task<bool> OpenAsync(CancellationToken cancellation, int? receiveBuffer = null)
    {
        await ConnectAsync(receiveBuffer, cancellation);
        var from = _target.Address is { } address ? $"X-Forwarded-For: {address}\r\n" : "";
        await SendAsync(Encoding.ASCII.GetBytes(
            $"{HandshakeBegun}Upgrade: websocket\r\nConnection: Upgrade\r\n{from}Sec-WebSocket-Key: {Handshake.NewKey()}\r\nSec-WebSocket-Version: 13\r\n\r\n"), cancellation);
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _socket.ReceiveAsync(next, cancellation) == 0)
            {
                Did("closed unread");
                return false;
            }
            head.Append((char)next[0]);
        }
        var status = head.ToString(9, 3);
        if (status == "101")
            return true;
        Did($"answered {status}");
        return false;
    }

    /// <summary>The same, and logs in under a new name; false where it isn't let in.</summary>
    public async Task<bool> EnterAsync(CancellationToken cancellation, int? receiveBuffer = null)
    {
        if (!await OpenAsync(cancellation, receiveBuffer))
            return false;
        await SendTextAsync($$"""{"type":"login","username":"{{NewName("eve")}}"}""", cancellation);
        return await ReadAsync(text => text.StartsWith("{\"type\":\"rooms\""u8), cancellation);
    }

    /// <summary>Sends bytes, as fast as the server takes them.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        // Where it always takes them, nothing else in this process would have its turn.
        await Task.Yield();
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
    }

    /// <summary>Sends one text.</summary>
    public Task SendTextAsync(string text, CancellationToken cancellation) => SendAsync(FrameBytes.Of(Opcode.Text, Encoding.UTF8.GetBytes(text)), cancellation);

    /// <summary>Reads the frames that come, to the end of the connection.</summary>
    public Task ReadToEndAsync(CancellationToken cancellation) => ReadAsync(_ => false, cancellation);

    /// <summary>Waits for the end of a connection that is no WebSocket, whatever comes before it.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        var buffer = new byte[512];
        try
        {
            while (await _socket.ReceiveAsync(buffer, cancellation) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // As good an end.
        }
        Did(Ended);
    }

    /// <summary>Reads on to a text that is waited for; false where the connection ends before. Counts refusals, and how it ended.</summary>
    public async Task<bool> ReadAsync(Func<ReadOnlySpan<byte>, bool> isIt, CancellationToken cancellation)
    {
        while (true)
        {
            while (_frames.TryRead(out var opcode, out var payload))
            {
                if (opcode == Opcode.Close)
                {
                    Did($"closed {(payload.Length >= 2 ? payload[0] << 8 | payload[1] : 0)}");
                    return false;
                }
                if (opcode != Opcode.Text)
                    continue;
                if (payload.StartsWith("{\"type\":\"error\""u8) && EventCodec.Decode(payload.ToArray()) is ServerEvent.Error error)
                    Did(error.Code);
                if (isIt(payload))
                    return true;
            }
            var count = await _socket.ReceiveAsync(_frames.Free(), cancellation);
            if (count == 0)
            {
                Did(Ended);
                return false;
            }
            _frames.Received(count);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
