using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Chat.Bench.Sockets;

/// <summary>
/// A WebSocket client that costs little, so that it is the server that is measured: a socket, one buffer, no parsing of what it
/// carries. Answers pings and closes by itself.
/// </summary>
public sealed class RawClient : IDisposable
{
    /// <summary>Told each text message as it comes, with the time (<see cref="Stopwatch"/>) at which its bytes were there.</summary>
    public delegate void TextReceived(ReadOnlySpan<byte> text, long receivedAt);

    private const int MaxResponseHead = 8 * 1024;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly FrameReader _frames = new();
    private readonly Lock _sending = new();
    private byte[] _frame = new byte[512];

    private readonly Valve? _valve;

    private RawClient(Valve? valve) => _valve = valve;

    /// <summary>Connects and shakes hands. Throws a <see cref="SocketException"/> or an <see cref="InvalidDataException"/>.</summary>
    public static Task<RawClient> ConnectAsync(Uri server, CancellationToken cancellation) => ConnectAsync(server, null, cancellation);

    /// <summary>The same, and then reads only what a valve lets through.</summary>
    public static async Task<RawClient> ConnectAsync(Uri server, Valve? valve, CancellationToken cancellation)
    {
        var client = new RawClient(valve);
        try
        {
            // Before the connection, whose window it bounds.
            if (valve is not null)
                client._socket.ReceiveBufferSize = valve.ReceiveBuffer;
            await client._socket.ConnectAsync(server.Host, server.Port, cancellation);
            await client.ShakeHandsAsync(server, cancellation);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Sends one text message; may be called from any thread.</summary>
    public void SendText(ReadOnlySpan<byte> text) => Send(Opcode.Text, text);

    /// <summary>
    /// Reads until the connection ends; gives the server's close code, 0 where the close had none, null where it ended without one.
    /// </summary>
    public async Task<int?> ReadAsync(TextReceived received, CancellationToken cancellation)
    {
        while (true)
        {
            int count;
            try
            {
                var most = _valve is null ? int.MaxValue : await _valve.AdmitAsync(cancellation);
                var free = _frames.Free();
                count = await _socket.ReceiveAsync(free[..Math.Min(most, free.Length)], cancellation);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
            if (count == 0)
                return null;
            _frames.Received(count);
            if (Handle(received, Stopwatch.GetTimestamp()) is { } code)
                return code;
        }
    }

    /// <summary>Says that it goes for good.</summary>
    public void Close()
    {
        try
        {
            Send(Opcode.Close, [0x03, 0xE8]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private int? Handle(TextReceived received, long receivedAt)
    {
        while (_frames.TryRead(out var opcode, out var payload))
        {
            switch (opcode)
            {
                case Opcode.Text:
                    received(payload, receivedAt);
                    break;
                case Opcode.Ping:
                    Send(Opcode.Pong, payload);
                    break;
                case Opcode.Close:
                    Send(Opcode.Close, payload.Length >= 2 ? payload[..2] : []);
                    return payload.Length >= 2 ? payload[0] << 8 | payload[1] : 0;
                case Opcode.Pong:
                    break;
                default:
                    throw new InvalidDataException($"The server sent a frame of kind {opcode}, which chat.v1 doesn't have.");
            }
        }
        return null;
    }

    private void Send(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        lock (_sending)
        {
            if (_frame.Length < payload.Length + ClientFrame.MaxHeader)
                _frame = new byte[payload.Length + ClientFrame.MaxHeader];
            var rest = _frame.AsSpan(0, ClientFrame.Write(_frame, opcode, payload));
            while (rest.Length > 0)
                rest = rest[_socket.Send(rest)..];
        }
    }

    private async Task ShakeHandsAsync(Uri server, CancellationToken cancellation)
    {
        var key = Handshake.NewKey();
        var request = $"GET {server.PathAndQuery} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat.v1\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellation);
        Handshake.ThrowUnlessAccepted(await ReadHeadAsync(cancellation), key);
    }

    // Looks ahead first, so that it takes no byte of the first frame, which may be there already.
    private async Task<string> ReadHeadAsync(CancellationToken cancellation)
    {
        var bytes = new byte[MaxResponseHead];
        while (true)
        {
            var seen = await _socket.ReceiveAsync(bytes, SocketFlags.Peek, cancellation);
            if (seen == 0)
                throw new InvalidDataException("The server closed the connection during the handshake.");
            var end = bytes.AsSpan(0, seen).IndexOf(Handshake.HeadEnd);
            if (end < 0)
            {
                if (seen == bytes.Length)
                    throw new InvalidDataException("The server's answer to the handshake is too long.");
                await Task.Delay(1, cancellation);
                continue;
            }
            var length = end + Handshake.HeadEnd.Length;
            await _socket.ReceiveAsync(bytes.AsMemory(0, length), cancellation);
            return Encoding.ASCII.GetString(bytes, 0, length);
        }
    }
}
