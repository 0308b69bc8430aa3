using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Chat.Actors.Delivery;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Chat.Gateway.Sockets;

/// <summary>
/// A client's socket on ASP.NET Core: the framework's WebSocket does handshake, parsing and control frames; whole frames are
/// written beside it, to the same bytes.
/// </summary>
internal sealed class KestrelSocket : IHandshake, IHttpRequestLifetimeFeature
{
    // A quiet connection rents nothing: the first read waits with an empty buffer.
    private const int ReadBytes = 4 * 1024;

    private readonly IHttpUpgradeFeature _upgrade;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly Socket? _tcp;
    private readonly bool _isTls;
    private readonly int _maxMessage;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stream _wire = Stream.Null;
    private OutboxStream? _stream;
    private WebSocket? _webSocket;
    private byte[] _buffer = [];
    private Socket? _direct;
    private bool _hasWritten;

    public KestrelSocket(HttpContext context, IHttpUpgradeFeature upgrade, int maxMessage, TimeProvider time)
    {
        (_upgrade, _maxMessage, _time) = (upgrade, maxMessage, time);
        // Nothing may be asked of the context from other threads, nor when the request has ended.
        _tcp = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        _isTls = context.Features.Get<ITlsConnectionFeature>() is not null;
        _lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
    }

    // The kernel is asked only about those from whom nothing came for a while: asking costs a system call.
    private static readonly TimeSpan AskKernelAfter = TimeSpan.FromSeconds(10);

    // How long a peer may take to answer a close frame.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    bool IHttpUpgradeFeature.IsUpgradableRequest => _upgrade.IsUpgradableRequest;

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        _wire = await _upgrade.UpgradeAsync();
        return _stream = new OutboxStream(_wire, _time);
    }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => _lifetime.RequestAborted;
        set => _lifetime.RequestAborted = value;
    }

    // The framework's WebSocket aborts the request where the peer broke the protocol, and the close frame that says so would be lost
    // with it. It goes out first here; this socket ends the connection by itself.
    void IHttpRequestLifetimeFeature.Abort() { }

    /// <inheritdoc/>
    public bool IsAsked(HttpContext context) => context.WebSockets.IsWebSocketRequest;

    /// <inheritdoc/>
    public async Task AcceptAsync(HttpContext context, string? subprotocol) =>
        _webSocket = await context.WebSockets.AcceptWebSocketAsync(subprotocol);

    /// <inheritdoc/>
    public void Start(Outbox outbox) => _stream!.Outbox = outbox;

    /// <inheritdoc/>
    public Task Finished => _finished.Task;

    /// <inheritdoc/>
    public CancellationToken Ended => _ended.Token;

    /// <inheritdoc/>
    public TimeSpan Quiet
    {
        get
        {
            var received = _stream!.SinceReceived;
            return received > AskKernelAfter && TcpAcknowledged.Since(_tcp) is { } taken && taken < received ? taken : received;
        }
    }

    /// <inheritdoc/>
    public long? Taken => TcpAcknowledged.Bytes(_tcp);

    /// <inheritdoc/>
    public async ValueTask<ReceivedMessage> ReceiveAsync()
    {
        Return();
        var length = 0;
        while (true)
        {
            var result = await _webSocket!.ReceiveAsync(_buffer.AsMemory(length), Ended).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close)
                return new(ReceivedKind.Close, default, (int?)_webSocket.CloseStatus is { } code and not (int)WebSocketCloseStatus.Empty ? code : 0);
            if (result.MessageType == WebSocketMessageType.Binary)
                return new(ReceivedKind.Binary, default, 0);
            length += result.Count;
            if (length > _maxMessage)
                return new(ReceivedKind.TooLarge, default, 0);
            if (result.EndOfMessage)
                return new(ReceivedKind.Text, _buffer.AsMemory(0, length), 0);
            if (length == _buffer.Length)
                Grow(length);
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        (_hasWritten, _direct) = (true, _hasWritten ? _direct : DirectWay());
        return _direct is { } socket ? SendAsync(socket, bytes) : _wire.WriteAsync(bytes);
    }

    /// <inheritdoc/>
    public void CloseSent()
    {
        _ended.CancelAfter(CloseTime);
        _finished.TrySetResult();
    }

    /// <inheritdoc/>
    public void Abort()
    {
        _finished.TrySetResult();
        _lifetime.Abort();
        _ended.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return();
        _webSocket?.Dispose();
    }

    // What the last message was read into.
    private void Return()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // Through Kestrel's pipe each write costs a copy and a turn of the thread pool, twice the CPU of the send itself. Nothing but this
    // writes after the handshake, whose answer is out where the peer has sent a frame; one that hasn't keeps the pipe for good.
    private Socket? DirectWay() => _stream!.HasReceived && !_isTls ? _tcp : null;

    /// <summary>Sends all of it.</summary>
    internal static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes).ConfigureAwait(false)..];
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(ReadBytes, length * 2));
        _buffer.AsSpan(0, length).CopyTo(larger);
        Return();
        _buffer = larger;
    }
}

/// <summary>What the peer's kernel acknowledged: it took what was sent, or answered that it is there.</summary>
internal static class TcpAcknowledged
{
    private const int TcpLevel = 6;
    private const int TcpInfoOption = 11;

    // tcpi_last_ack_recv and tcpi_bytes_acked of linux/tcp.h: milliseconds, and bytes.
    private const int LastAckReceivedAt = 56;
    private const int BytesAckedAt = 120;
    private const int InfoLength = BytesAckedAt + sizeof(ulong);

    /// <summary>How long ago; null where the system doesn't tell.</summary>
    public static TimeSpan? Since(Socket? socket)
    {
        Span<byte> info = stackalloc byte[InfoLength];
        return Read(socket, info) ? TimeSpan.FromMilliseconds(BitConverter.ToUInt32(info[LastAckReceivedAt..])) : null;
    }

    /// <summary>How many bytes; null where the system doesn't tell.</summary>
    public static long? Bytes(Socket? socket)
    {
        Span<byte> info = stackalloc byte[InfoLength];
        return Read(socket, info) ? (long)BitConverter.ToUInt64(info[BytesAckedAt..]) : null;
    }

    private static bool Read(Socket? socket, Span<byte> info)
    {
        if (socket is null || !OperatingSystem.IsLinux())
            return false;
        try
        {
            return socket.GetRawSocketOption(TcpLevel, TcpInfoOption, info) == info.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
