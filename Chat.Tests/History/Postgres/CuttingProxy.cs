using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Chat.Tests.History.Postgres;

/// <summary>Between a client and a server: passes all on, but loses what it is told to.</summary>
internal sealed class CuttingProxy : IDisposable
{
    /// <summary>A request that was kept back while its sender lost the connection.</summary>
    public sealed class Held(Socket server, Task ended)
    {
        private readonly TaskCompletionSource<byte[]> _bytes = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Hands it to the server, late, and waits until that has done with it.</summary>
        public async Task DeliverAsync()
        {
            await server.SendAsync(await _bytes.Task);
            // What answers it is read by nobody, and comes before the session's end.
            server.Shutdown(SocketShutdown.Send);
            await ended;
            server.Dispose();
        }

        internal void Take(byte[] bytes) => _bytes.SetResult(bytes);
    }

    private sealed class Passage(Socket client, Socket server)
    {
        public Socket Client => client;

        public Socket Server => server;

        public volatile bool LosesAnswer;

        public volatile bool IsHeld;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Cut()
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _to;
    private readonly ConcurrentDictionary<Passage, bool> _open = new();
    private int _answersToLose;
    private TaskCompletionSource<Held>? _hold;
    private volatile bool _isDown;
    private int _arrivals;

    public CuttingProxy(int to)
    {
        _to = to;
        _listener.Start();
        _ = TakeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Nobody gets through, from now on or no more.</summary>
    public bool IsDown
    {
        get => _isDown;
        set
        {
            _isDown = value;
            if (value)
                CutAll();
        }
    }

    /// <summary>How many connections were made to it.</summary>
    public int Arrivals => Volatile.Read(ref _arrivals);

    /// <summary>The next request gets to the server, and its answer to nobody: the connection is cut.</summary>
    public void LoseNextAnswer() => Interlocked.Increment(ref _answersToLose);

    /// <summary>The next request is kept back, and nobody gets through any more.</summary>
    public Task<Held> HoldNextAsync() => (_hold = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void CutAll()
    {
        foreach (var passage in _open.Keys)
            passage.Cut();
    }

    public void Dispose()
    {
        _listener.Dispose();
        CutAll();
    }

    private async Task TakeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _arrivals);
                if (_isDown)
                    client.Dispose();
                else
                    _ = PassAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task PassAsync(Socket client)
    {
        var passage = new Passage(client, new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        client.NoDelay = true;
        _open.TryAdd(passage, true);
        try
        {
            await passage.Server.ConnectAsync(IPAddress.Loopback, _to);
            await Task.WhenAny(RequestsAsync(passage), AnswersAsync(passage));
            if (passage.IsHeld)
                return;
        }
        catch (SocketException)
        {
            // The server is down.
        }
        if (_open.TryRemove(passage, out _))
            passage.Cut();
    }

    private async Task RequestsAsync(Passage passage)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await passage.Client.ReceiveAsync(buffer)) > 0;)
            {
                if (Interlocked.Exchange(ref _hold, null) is { } hold)
                {
                    passage.IsHeld = true;
                    _isDown = true;
                    _open.TryRemove(passage, out _);
                    var held = new Held(passage.Server, passage.Ended.Task);
                    held.Take(buffer[..read]);
                    passage.Client.Dispose();
                    CutAll();
                    hold.SetResult(held);
                    return;
                }
                if (Volatile.Read(ref _answersToLose) > 0)
                {
                    Interlocked.Decrement(ref _answersToLose);
                    passage.LosesAnswer = true;
                }
                await passage.Server.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut.
        }
    }

    private static async Task AnswersAsync(Passage passage)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await passage.Server.ReceiveAsync(buffer)) > 0 && !passage.LosesAnswer;)
            {
                if (!passage.IsHeld)
                    await passage.Client.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was cut.
        }
        passage.Ended.SetResult();
    }
}
