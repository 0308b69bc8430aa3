using System.Net.WebSockets;
using System.Threading.Channels;

namespace Chat.Protocol.Client;

/// <summary>What a <see cref="ChatSocket"/> tells; never two at a time for one socket.</summary>
internal interface IChatSocketOwner
{
    /// <summary>The connection is made.</summary>
    void OnOpened(ChatSocket socket);

    /// <summary>A part of a frame came.</summary>
    void OnHeard(ChatSocket socket);

    /// <summary>A frame came; the next is read when the task completes.</summary>
    ValueTask OnFrameAsync(ChatSocket socket, byte[] frame);

    /// <summary>The connection is gone, or couldn't be made; the last that is told.</summary>
    void OnLost(ChatSocket socket, int? code, string reason);
}

/// <summary>One connection: frames in, frames out, and how it ended.</summary>
internal sealed class ChatSocket(IChatSocketOwner owner)
{
    private const string SubProtocol = "chat.v1";
    private const int LargestFrame = 16 * 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly Channel<byte[]> _outgoing = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private int? _closeWith;

    /// <summary>Cancelled when the connection is to end at once.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Puts a frame at the end of what is sent.</summary>
    public void Send(byte[] frame) => _outgoing.Writer.TryWrite(frame);

    /// <summary>Sends a close frame after all else.</summary>
    public void Close(int code)
    {
        _closeWith = code;
        _outgoing.Writer.TryComplete();
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        // Not here and now: what is cancelled goes on at once, and the caller may hold a lock.
        _ = _aborted.CancelAsync();
        _socket.Abort();
    }

    /// <summary>Connects, and carries frames until the connection is gone. Never throws.</summary>
    public async Task RunAsync(Uri server)
    {
        // Started under its owner's lock: nothing may be told before that is released.
        await Task.Yield();
        var sending = Task.CompletedTask;
        int? code = null;
        string reason;
        try
        {
            _socket.Options.AddSubProtocol(SubProtocol);
            _socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
            await _socket.ConnectAsync(server, _aborted.Token).ConfigureAwait(false);
            owner.OnOpened(this);
            sending = SendAllAsync();
            await ReceiveAllAsync().ConfigureAwait(false);
            code = (int?)_socket.CloseStatus;
            // What stands for "no code" in the API is no code on the wire.
            if (code == (int)WebSocketCloseStatus.Empty)
                code = null;
            reason = Sentence(code, _socket.CloseStatusDescription);
        }
        catch (Exception e)
        {
            // Whatever it was, the connection is lost, and the owner, who waits for nothing else, must hear of it.
            reason = Cause(e).Message;
        }
        _outgoing.Writer.TryComplete();
        if (code is null)
            _socket.Abort();
        await sending.ConfigureAwait(false);
        _socket.Dispose();
        await _aborted.CancelAsync().ConfigureAwait(false);
        owner.OnLost(this, code, reason);
    }

    private async Task ReceiveAllAsync()
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= LargestFrame)
                    throw new WebSocketException($"The server sent a frame of more than {LargestFrame} bytes.");
                Array.Resize(ref buffer, length * 2);
            }
            var received = await _socket.ReceiveAsync(buffer.AsMemory(length), _aborted.Token).ConfigureAwait(false);
            switch (received.MessageType)
            {
                case WebSocketMessageType.Close:
                    return;
                case WebSocketMessageType.Binary:
                    throw new WebSocketException("The server sent a binary frame.");
            }
            length += received.Count;
            if (!received.EndOfMessage)
            {
                owner.OnHeard(this);
                continue;
            }
            await owner.OnFrameAsync(this, buffer.AsSpan(0, length).ToArray()).ConfigureAwait(false);
            length = 0;
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var frame in _outgoing.Reader.ReadAllAsync(_aborted.Token).ConfigureAwait(false))
                await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, _aborted.Token).ConfigureAwait(false);
            // Also the answer to the server's own close.
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                var code = (WebSocketCloseStatus?)_closeWith ?? _socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure;
                await _socket.CloseOutputAsync(code, null, _aborted.Token).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The reading side notices too, and tells.
            _socket.Abort();
        }
    }

    // What HTTP says of a connection that couldn't be made names it and its cause; of one that could, such as with a certificate that isn't trusted,
    // the cause alone tells anything.
    private static Exception Cause(Exception e) => e.InnerException is HttpRequestException { HttpRequestError: not HttpRequestError.ConnectionError, InnerException: { } cause }
        ? cause
        : e.InnerException ?? e;

    private static string Sentence(int? code, string? description) => code switch
    {
        null => "The server closed the connection.",
        CloseCodes.Normal => "The session was ended.",
        CloseCodes.GoingAway => "The server is going away.",
        CloseCodes.ProtocolError => "The server closed the connection because it could not read what came.",
        CloseCodes.Policy => "The server closed the connection for a breach of its rules.",
        CloseCodes.Internal => "The server had an internal fault.",
        CloseCodes.Replaced => "Another connection took the session over.",
        CloseCodes.ReadsNothing => "The server closed the connection because nothing was read from it.",
        CloseCodes.Dead => "The server heard nothing of this client for too long.",
        _ => $"The server closed the connection with code {code}.",
    } + (string.IsNullOrWhiteSpace(description) ? "" : $" ({description})");
}
