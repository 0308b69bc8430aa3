using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Client;

/// <summary>A real socket on the loopback, on which the test itself plays the server.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<ScriptedConnection> _connections = [];

    public ScriptedServer() => _listener.Start();

    public Uri Address => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/ws");

    public async Task<ScriptedConnection> AcceptAsync()
    {
        var tcp = await _listener.AcceptSocketAsync().WaitAsync(Patience.Long);
        var stream = new NetworkStream(tcp, ownsSocket: true);
        var head = await ReadHeadAsync(stream);
        Assert.Contains("Sec-WebSocket-Protocol: chat.v1\r\n", head);
        var key = head.Split("\r\n").First(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase)).Split(':')[1].Trim();
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: chat.v1\r\n"
            + $"Sec-WebSocket-Accept: {accept}\r\n\r\n"));
        var socket = WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = "chat.v1", KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var connection = new ScriptedConnection(tcp, socket);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Accepts, and welcomes whoever logs in.</summary>
    public async Task<ScriptedConnection> WelcomeAsync()
    {
        var connection = await AcceptAsync();
        connection.Login = await connection.ReceiveAsync<Request.Login>();
        await connection.SendAsync(new ServerEvent.Welcome(
            connection.Login.Username, ScriptedConnection.Secret, connection.Login.Session is not null, [], new ServerInfo("test", "1"), new Limits(), "Welcome!", null)
        { Id = connection.Login.Id });
        return connection;
    }

    /// <summary>Stops listening, and breaks what is open.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (var connection in _connections)
            connection.Break();
    }

    private static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }
        return head.ToString();
    }
}

/// <summary>The server's end of one connection.</summary>
internal sealed class ScriptedConnection(Socket tcp, WebSocket socket)
{
    public const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly byte[] _buffer = new byte[128 * 1024];

    public Request.Login Login { get; set; } = null!;

    public async Task<T> ReceiveAsync<T>() where T : Request
    {
        var received = await socket.ReceiveAsync(_buffer, CancellationToken.None).WaitAsync(Patience.Long);
        Assert.Equal(WebSocketMessageType.Text, received.MessageType);
        var (request, error) = RequestCodec.Decode(_buffer.AsSpan(0, received.Count));
        Assert.Null(error);
        return Assert.IsType<T>(request);
    }

    /// <summary>The code of the client's close.</summary>
    public async Task<int?> ReceiveCloseAsync()
    {
        var received = await socket.ReceiveAsync(_buffer, CancellationToken.None).WaitAsync(Patience.Long);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        return (int?)received.CloseStatus;
    }

    public Task SendAsync(ServerEvent e) => SendAsync(EventCodec.Encode(e));

    public async Task SendAsync(byte[] frame) => await socket.SendAsync(frame, WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Sends a frame in pieces.</summary>
    public async Task SendInPiecesAsync(byte[] frame, int size)
    {
        for (var at = 0; at < frame.Length; at += size)
        {
            var piece = frame.AsMemory(at, Math.Min(size, frame.Length - at));
            await socket.SendAsync(piece, WebSocketMessageType.Text, at + size >= frame.Length, CancellationToken.None);
        }
    }

    public Task SendBinaryAsync() => socket.SendAsync(new byte[1], WebSocketMessageType.Binary, true, CancellationToken.None);

    public Task CloseAsync(int code) => socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);

    /// <summary>Breaks the connection without a word.</summary>
    public void Break() => tcp.Close(0);
}
