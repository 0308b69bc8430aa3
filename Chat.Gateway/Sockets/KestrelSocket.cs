using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Unicode;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Chat.Gateway.Sockets;

/// <summary>
/// A client's socket on Kestrel, once its handshake is answered: the framework's WebSocket does parsing and control frames; whole frames are
/// written beside it, to the same bytes.
/// </summary>
internal sealed class KestrelSocket : IClientSocket
{
    // A quiet connection rents nothing: the first read waits with an empty buffer.
    private const int ReadBytes = 4 * 1024;

    private readonly ConnectionContext _connection;
    private readonly Socket? _tcp;
    private readonly ChatOptions _chat;
    private readonly PipeWriter _output;
    private readonly long? _acknowledgedBefore;
    private readonly OutboxStream _stream;
    private readonly WebSocket _webSocket;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = [];
    private Socket? _direct;
    private bool _hasWritten;
    private ITimer? _closing;

    /// <summary>Before the handshake's answer.</summary>
    public KestrelSocket(ConnectionContext connection, ChatOptions chat)
    {
        (_connection, _chat) = (connection, chat);
        _tcp = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        _acknowledgedBefore = TcpAcknowledged.Bytes(_tcp);
        // Kept, as TLS gives the connection its bare pipe back when it ends.
        _output = connection.Transport.Output;
        _stream = new OutboxStream(connection.Transport.Input, chat, connection.ConnectionClosed);
        _webSocket = WebSocket.CreateFromStream(_stream, new() { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
    }

    // How much is read on of one of which nothing more is wanted, and for how long.
    private const int MostDrained = 256 * 1024;
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    // How long a peer may take to answer a close frame.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public void Start(Outbox outbox, AddressBudget? address) => _stream.Start(outbox, address);

    /// <summary>Nothing waits in Kestrel's pipe.</summary>
    public bool IsPastPipe => _direct is not null;

    /// <inheritdoc/>
    public Task Finished => _finished.Task;

    /// <inheritdoc/>
    public CancellationToken Ended => _connection.ConnectionClosed;

    /// <inheritdoc/>
    public TimeSpan Quiet
    {
        get
        {
            var received = _stream.SinceReceived;
            // Asking costs a system call: only where it makes a difference.
            return received >= _chat.PingAfter && TcpAcknowledged.Since(_tcp) is { } taken && taken < received ? taken : received;
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
            // It waits for as many bytes as there is room for: no more than show that the message is too large.
            var room = _buffer.AsMemory(length, Math.Min(_buffer.Length - length, _chat.Limits.FrameBytes + 1 - length));
            var result = await _webSocket.ReceiveAsync(room, CancellationToken.None).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close)
                return new(ReceivedKind.Close, default, (int?)_webSocket.CloseStatus is { } code and not (int)WebSocketCloseStatus.Empty ? code : 0);
            if (result.MessageType == WebSocketMessageType.Binary)
                return new(ReceivedKind.Binary, default, 0);
            length += result.Count;
            if (length > _chat.Limits.FrameBytes)
                return new(ReceivedKind.TooLarge, default, 0);
            if (result.EndOfMessage)
            {
                var text = _buffer.AsMemory(0, length);
                // The framework checks each piece that has bytes: what an empty last one leaves cut it doesn't see.
                return result.Count == 0 && !Utf8.IsValid(text.Span) ? new(ReceivedKind.NotUtf8, default, 0) : new(ReceivedKind.Text, text, 0);
            }
            if (length == _buffer.Length)
                Grow(length);
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        (_hasWritten, _direct) = (true, _hasWritten ? _direct : DirectWay());
        return _direct is { } socket ? SendAsync(socket, bytes) : WriteToPipeAsync(bytes);
    }

    /// <inheritdoc/>
    public void CloseSent()
    {
        // Reading ends with the connection: a token for it would be held by each that is quiet.
        _closing = _chat.Time.CreateTimer(static connection => ((ConnectionContext)connection!).Abort(), _connection, CloseTime, Timeout.InfiniteTimeSpan);
        // Behind that: who waits for this lets go of it.
        _finished.TrySetResult();
    }

    /// <inheritdoc/>
    public void Abort()
    {
        _finished.TrySetResult();
        _connection.Abort();
    }

    /// <inheritdoc/>
    public async Task DrainAsync()
    {
        if (_webSocket.CloseStatus is not null || !_finished.Task.IsCompleted)
            return;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        using var time = new CancellationTokenSource(DrainTime, _chat.Time);
        using var ended = Ended.Register(time.Cancel);
        try
        {
            // Through Kestrel's pipe the close frame may still be on its way.
            _direct?.Shutdown(SocketShutdown.Send);
            for (int count, drained = 0; drained < MostDrained; drained += count)
            {
                count = await _stream.ReadAsync(buffer, time.Token).ConfigureAwait(false);
                if (count == 0)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It had its time, or is gone.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return();
        _closing?.Dispose();
        _webSocket.Dispose();
    }

    // What the last message was read into.
    private void Return()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // Through Kestrel's pipe each write costs a copy and a turn of the thread pool, twice the CPU of the send itself. Nothing but this
    // writes after the handshake, but the handshake's answer may still be in the pipe, as frames may come right behind their handshake: it
    // is out where the peer has acknowledged bytes since, more than the one that a SYN counts for. One that hasn't by the first write keeps
    // the pipe for good, and so do all where the system doesn't tell.
    private Socket? DirectWay() =>
        _connection.Features.Get<ITlsConnectionFeature>() is null && TcpAcknowledged.Bytes(_tcp) > _acknowledgedBefore + 1 ? _tcp : null;

    private async ValueTask WriteToPipeAsync(ReadOnlyMemory<byte> bytes)
    {
        var flushed = await _output.WriteAsync(bytes).ConfigureAwait(false);
        if (flushed.IsCompleted)
            throw new IOException("The connection is lost.");
    }

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
