using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>Bare TCP to the gateway: any handshake, any frame, right or wrong (RFC 6455, section 5.2).</summary>
public sealed class RawWire : IDisposable
{
    public const int Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private readonly GatewayProcess _gateway;
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawWire(GatewayProcess gateway, Socket socket) =>
        (_gateway, _socket, _stream) = (gateway, socket, new NetworkStream(socket));

    /// <summary>The status line and headers that answered the handshake.</summary>
    public string Response { get; private set; } = "";

    /// <summary>The answer's status.</summary>
    public int Status => int.Parse(Response.AsSpan(9, 3));

    /// <summary>Connects without sending anything.</summary>
    public static async Task<RawWire> ConnectAsync(GatewayProcess gateway, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
            socket.ReceiveBufferSize = bytes;
        await Patience.OfAsync(socket.ConnectAsync(IPAddress.Loopback, gateway.Port), "a connection", () => gateway.Report);
        return new RawWire(gateway, socket);
    }

    /// <summary>Connects and shakes hands, with more headers where they are given.</summary>
    public static async Task<RawWire> UpgradeAsync(
        GatewayProcess gateway, string path = "/ws", string headers = "", int? receiveBuffer = null, string host = "127.0.0.1")
    {
        var wire = await ConnectAsync(gateway, receiveBuffer);
        await wire.ShakeHandsAsync(path, headers, host);
        return wire;
    }

    private async Task ShakeHandsAsync(string path, string headers, string host)
    {
        await WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {host}:{_gateway.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"));
        await ReadHeadAsync();
    }

    /// <summary>Reads the answer to a handshake that was sent by other means.</summary>
    public async Task ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head.Append((char)(await ReadAsync(1))[0]);
        Response = head.ToString();
    }

    /// <summary>Sends bytes as they are.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes) =>
        Patience.OfAsync(_stream.WriteAsync(bytes).AsTask(), "room to send in", () => _gateway.Report);

    /// <summary>Sends a frame, masked as a client's must be.</summary>
    public Task SendAsync(int opcode, ReadOnlyMemory<byte> payload, bool isFinal = true) => WriteAsync(Encode(opcode, payload.Span, isFinal));

    /// <summary>Sends a whole text.</summary>
    public Task SendAsync(string text) => SendAsync(Text, Encoding.UTF8.GetBytes(text));

    /// <summary>A client's frame.</summary>
    public static byte[] Encode(int opcode, ReadOnlySpan<byte> payload, bool isFinal = true) =>
        new RawFrame(opcode, payload.ToArray()) { IsFinal = isFinal }.ToBytes();

    /// <summary>Reads the next frame of the server's; null at the end of the connection.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReadFrameAsync()
    {
        try
        {
            var head = await ReadAsync(2);
            if ((head[0] & 0x80) == 0 || (head[1] & 0x80) != 0)
                throw new XunitException("A frame of the server's that is fragmented or masked.");
            var length = head[1] switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)),
                127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(8)),
                var small => small,
            };
            return (head[0] & 0x0F, await ReadAsync(length));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads on to a text that fits.</summary>
    public Task<Frame> ExpectAsync(Func<Frame, bool> isIt, string awaited) =>
        // Pings alone keep a connection alive.
        Patience.OfAsync(FindAsync(isIt, awaited), awaited, () => _gateway.Report);

    private async Task<Frame> FindAsync(Func<Frame, bool> isIt, string awaited)
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == Close)
                throw new XunitException($"Closed with {CodeOf(frame.Payload)} before {awaited} came.\n{_gateway.Report}");
            if (frame.Opcode == Text && new Frame(Encoding.UTF8.GetString(frame.Payload)) is var text && isIt(text))
                return text;
        }
        throw new XunitException($"The connection was lost before {awaited} came.\n{_gateway.Report}");
    }

    /// <summary>Reads on to the close frame; gives its code, null where the connection ended without one.</summary>
    public Task<int?> ClosedAsync() => Patience.OfAsync(FindCloseAsync(), "the close frame", () => _gateway.Report);

    private async Task<int?> FindCloseAsync()
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == Close)
                return CodeOf(frame.Payload);
        }
        return null;
    }

    /// <summary>Sends no more.</summary>
    public void EndWriting() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Loses the connection as a machine does that was switched off and on: the peer is told by a reset alone.</summary>
    public void Reset() => _socket.Close(timeout: 0);

    /// <summary>Reads all there is to the end of the connection, as text.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(_stream, Encoding.UTF8, leaveOpen: true);
        return await Patience.OfAsync(reader.ReadToEndAsync(), "the end of the answer", () => _gateway.Report);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    /// <summary>The code in a close frame; 0 where it has none.</summary>
    public static int CodeOf(byte[] payload) => payload.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload);

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Patience.OfAsync(_stream.ReadExactlyAsync(bytes).AsTask(), "bytes from the gateway", () => _gateway.Report);
        return bytes;
    }
}
