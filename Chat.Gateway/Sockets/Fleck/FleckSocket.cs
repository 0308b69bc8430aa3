using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Fleck;
using Microsoft.Net.Http.Headers;
using WebSocketException = System.Net.WebSockets.WebSocketException;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>
/// A client's socket on Fleck, which answers the handshake, and reads messages, pings and close frames. It is given only what it reads right: a request
/// of our own making, and frames that passed a <see cref="FrameGate"/>. What it writes goes to the outbox, which writes to the connection itself.
/// </summary>
internal sealed class FleckSocket : IHandshake, IClientSocket
{
    private const int ReadBytes = 4 * 1024;
    private const int KeyBytes = 16;
    private const string Version = "13";
    private const byte OpcodeMask = 0x0F;
    private const byte CloseOpcode = 0x8;

    // How long a peer may take to answer a close frame.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    // How long is read on behind the last that was sent.
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly Socket _tcp;
    private readonly FleckListener _listener;
    private readonly TimeProvider _time;
    private readonly FrameGate _gate;
    private readonly FleckWire _wire;
    private readonly ChatOptions _chat;
    private ReadPace? _pace;
    private Func<Task>? _serve;
    private readonly byte[] _buffer = new byte[ReadBytes];
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<byte> _unread;
    private long _lastReceived;
    private byte[]? _answer;
    private Outbox? _outbox;
    private ReceivedMessage? _received;
    private bool _isBroken;

    /// <param name="tcp">The connection.</param>
    /// <param name="listener">Gives it to Fleck, once it is accepted.</param>
    /// <param name="chat">The limits, and the time.</param>
    public FleckSocket(Socket tcp, FleckListener listener, ChatOptions chat)
    {
        (_tcp, _listener, _chat, _time, _gate) = (tcp, listener, chat, chat.Time, new FrameGate(chat.Limits.FrameBytes));
        _lastReceived = _time.GetTimestamp();
        _wire = new FleckWire((IPEndPoint)tcp.RemoteEndPoint!) { Written = Write };
    }

    /// <summary>Whether it is a WebSocket by now.</summary>
    public bool IsAccepted => _answer is not null;

    /// <inheritdoc/>
    public Task Finished => _finished.Task;

    /// <inheritdoc/>
    public CancellationToken Ended => _ended.Token;

    /// <inheritdoc/>
    public TimeSpan Quiet
    {
        get
        {
            var received = _time.GetElapsedTime(Interlocked.Read(ref _lastReceived));
            return received >= _chat.PingAfter && TcpAcknowledged.Since(_tcp) is { } taken && taken < received ? taken : received;
        }
    }

    /// <inheritdoc/>
    public long? Taken => TcpAcknowledged.Bytes(_tcp);

    /// <summary>
    /// Reads the request. Gives the status to refuse it with where it is none, or doesn't end in time; throws where the connection is lost, or not a
    /// byte came in time.
    /// </summary>
    /// <param name="atMost">The time to the first byte, and from there to the end.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(RequestHead? Head, int Status)> ReadHeadAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var head = new ArrayBufferWriter<byte>();
        try
        {
            for (var length = -1; length < 0;)
            {
                var bytes = await ReadAsync(either.Token);
                if (head.WrittenCount == 0)
                    timeout.CancelAfter(atMost);
                // The end may have begun in what was read before.
                var from = Math.Max(0, head.WrittenCount - RequestHead.End.Length + 1);
                head.Write(bytes.Span);
                length = head.WrittenSpan[from..].IndexOf(RequestHead.End) is >= 0 and var at ? from + at + RequestHead.End.Length : -1;
                if ((length < 0 ? head.WrittenCount : length) > RequestHead.MaxBytes)
                    return (null, StatusCodes.Status431RequestHeaderFieldsTooLarge);
                if (length >= 0)
                    _unread = head.WrittenMemory[length..];
            }
        }
        catch (OperationCanceledException) when (head.WrittenCount > 0 && !cancellation.IsCancellationRequested)
        {
            return (null, StatusCodes.Status408RequestTimeout);
        }
        var parsed = RequestHead.Parse(head.WrittenSpan[..^_unread.Length]);
        return (parsed, parsed is null ? StatusCodes.Status400BadRequest : 0);
    }

    /// <inheritdoc/>
    public bool IsAsked(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Request.Headers);
        Span<byte> key = stackalloc byte[KeyBytes + 2];
        return HttpMethods.IsGet(request.Method)
            && request.Protocol == HttpProtocol.Http11
            && headers.GetCommaSeparatedValues(HeaderNames.Connection).Contains(HeaderNames.Upgrade, StringComparer.OrdinalIgnoreCase)
            && headers.GetCommaSeparatedValues(HeaderNames.Upgrade).Contains("websocket", StringComparer.OrdinalIgnoreCase)
            && headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketVersion).Contains(Version)
            && headers.SecWebSocketKey.Count == 1
            && Convert.TryFromBase64String(headers.SecWebSocketKey.ToString(), key, out var bytes) && bytes == KeyBytes
            && headers.ContentLength is null or 0
            && headers.TransferEncoding.Count == 0;
    }

    /// <inheritdoc/>
    public async Task AcceptAsync(HttpContext context, string? subprotocol, Func<IClientSocket, Task> serve)
    {
        var headers = context.Request.Headers;
        _listener.Hand(_wire);
        _wire.Feed(Encoding.ASCII.GetBytes(
            $"GET / HTTP/1.1\r\nHost: chat\r\nSec-WebSocket-Version: {Version}\r\nSec-WebSocket-Key: {headers.SecWebSocketKey.ToString().Trim()}\r\n"
            + (subprotocol is null ? "" : $"Sec-WebSocket-Protocol: {subprotocol}\r\n") + "\r\n"));
        var connection = _wire.Connection!;
        connection.OnMessage = text => _received = new(ReceivedKind.Text, Encoding.UTF8.GetBytes(text), 0);
        connection.OnError = _ => _isBroken = true;
        await WriteAsync(_answer!);
        _serve = () => serve(this);
    }

    /// <summary>Serves it, to its end, where it was accepted.</summary>
    public Task ServeAsync() => _serve?.Invoke() ?? Task.CompletedTask;

    /// <inheritdoc/>
    public void Start(Outbox outbox, AddressBudget? address) => (_outbox, _pace) = (outbox, new ReadPace(_chat, readsOfFrame: 1, address));

    /// <inheritdoc/>
    public async ValueTask<ReceivedMessage> ReceiveAsync()
    {
        while (true)
        {
            switch (_gate.Take(ref _unread))
            {
                case GateStep.More:
                    // Many frames may be in what is read at once. Who sends without end is always ready to be read: others have their turn in between.
                    await _pace!.NextAsync(Ended);
                    var reading = ReadAsync(Ended);
                    if (reading.IsCompleted)
                        await Task.Yield();
                    _unread = await reading;
                    break;
                case GateStep.Whole:
                    _wire.Feed(_gate.Frame.Span);
                    if (_isBroken)
                        throw new WebSocketException(WebSocketError.Faulted);
                    if (_received is { } message)
                    {
                        _received = null;
                        return message;
                    }
                    break;
                case GateStep.Binary:
                    return new(ReceivedKind.Binary, default, 0);
                case GateStep.TooLarge:
                    return new(ReceivedKind.TooLarge, default, 0);
                default:
                    _isBroken = true;
                    _wire.Connection!.Close(WebSocketStatusCodes.ProtocolError);
                    throw new WebSocketException(WebSocketError.HeaderError);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => KestrelSocket.SendAsync(_tcp, bytes);

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
        _tcp.Close(timeout: 0);
        _ended.Cancel();
    }

    /// <summary>
    /// Sends no more, and reads what still comes, for a moment: where bytes are unread, the system resets the connection, and the last that was sent is
    /// lost with it.
    /// </summary>
    public async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(LingerTime, _time);
        try
        {
            _tcp.Shutdown(SocketShutdown.Send);
            while (true)
                await ReadAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer's end, or that of its time.
        }
    }

    // Its server does that, for those that are refused as well.
    Task IClientSocket.DrainAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _ended.Cancel();

    // Its answer to a close frame is the chat's to give, as that may have more to say before. A close frame of its own says what the peer broke.
    private void Write(byte[] bytes)
    {
        if (_outbox is null)
            _answer = bytes;
        else if ((bytes[0] & OpcodeMask) != CloseOpcode)
            _outbox.Control(bytes);
        else if (_isBroken)
            _outbox.Close(bytes, atOnce: true);
        else
            _received = new(ReceivedKind.Close, default, _gate.CloseCode);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
    {
        int count;
        try
        {
            count = await _tcp.ReceiveAsync(_buffer, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException("The connection is lost.", e);
        }
        if (count == 0)
            throw new EndOfStreamException("The peer sends no more.");
        Interlocked.Exchange(ref _lastReceived, _time.GetTimestamp());
        return _buffer.AsMemory(0, count);
    }
}
