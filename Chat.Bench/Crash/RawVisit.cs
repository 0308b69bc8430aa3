using System.Net.Sockets;
using Chat.Bench.Sockets;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Bench.Crash;

/// <summary>One connection of a user on raw sockets. It ends when the gateway is killed, and is left in order or without a word.</summary>
internal sealed class RawVisit : IDisposable
{
    private readonly RawClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<bool> _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private RawVisit(RawClient client, Action<ServerEvent?> take)
    {
        _client = client;
        _reading = ReadAsync(take);
    }

    /// <summary>Whether the connection is gone.</summary>
    public bool IsOver => _reading.IsCompleted;

    /// <summary>Connects; null where nobody listens, or the connection is lost again before it is one.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="take">Is told each event, null for one that can't be read; one at a time, and never after <see cref="EndAsync"/>.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<RawVisit?> ConnectAsync(Uri server, Action<ServerEvent?> take, CancellationToken cancellation)
    {
        try
        {
            return new RawVisit(await RawClient.ConnectAsync(server, cancellation), take);
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Sends a request; false where the connection is gone.</summary>
    public bool Send(Request request)
    {
        try
        {
            _client.SendText(RequestCodec.Encode(request));
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The server let the user in, or didn't.</summary>
    public void Welcomed(bool isIn) => _welcomed.TrySetResult(isIn);

    /// <summary>Whether the server let the user in before the connection was lost.</summary>
    public async Task<bool> WelcomedAsync(CancellationToken cancellation)
    {
        await Task.WhenAny(_welcomed.Task, _reading).WaitAsync(cancellation);
        return _welcomed.Task.IsCompletedSuccessfully && _welcomed.Task.Result;
    }

    /// <summary>Ends the session, so that the name is free, or leaves the connection without a word; nothing is taken any more.</summary>
    public async Task EndAsync(bool isLogout)
    {
        if (isLogout && !IsOver)
        {
            _client.Close();
            // Until the server has closed, so that the name is free; or was killed.
            await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(2)));
        }
        await _end.CancelAsync();
        _client.Dispose();
        await _reading;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _client.Dispose();
    }

    private async Task ReadAsync(Action<ServerEvent?> take)
    {
        // Not within the constructor: what is told may want this visit.
        await Task.Yield();
        try
        {
            await _client.ReadAsync((text, _) => take(EventCodec.Decode(text.ToArray())), _end.Token);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It is over.
        }
        catch (InvalidDataException)
        {
            // Bytes that are no frames: as what can't be read.
            take(null);
        }
    }
}
