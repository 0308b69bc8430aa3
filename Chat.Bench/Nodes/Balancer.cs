using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Chat.Bench.Nodes;

/// <summary>What stands before the nodes: gives each connection to the next that takes it, as a load balancer does that looks whether they live.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(1);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IReadOnlyList<IPEndPoint> _nodes;
    private readonly bool[] _isOut;
    private readonly ConcurrentDictionary<Socket, int> _open = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private int _next;

    /// <summary>Begins at once.</summary>
    public Balancer(IReadOnlyList<IPEndPoint> nodes)
    {
        (_nodes, _isOut) = (nodes, new bool[nodes.Count]);
        _listener.Start(1_000);
        _accepting = AcceptAsync();
    }

    /// <summary>Where users connect.</summary>
    public Uri Server => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/ws");

    /// <summary>A node can't be reached, or can again: its connections are closed, as a balancer closes those of a node that it finds dead.</summary>
    public void TakeOut(int node, bool isOut)
    {
        Volatile.Write(ref _isOut[node], isOut);
        foreach (var (socket, _) in _open.Where(open => isOut && open.Value == node))
            socket.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        foreach (var socket in _open.Keys)
            socket.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var one = client;
        for (var tried = 0; tried < _nodes.Count; tried++)
        {
            var node = (int)((uint)Interlocked.Increment(ref _next) % (uint)_nodes.Count);
            if (Volatile.Read(ref _isOut[node]) || await ConnectAsync(_nodes[node]) is not { } found)
                continue;
            using var other = found;
            (_open[client], _open[found]) = (node, node);
            (client.NoDelay, found.NoDelay) = (true, true);
            await Task.WhenAny(PumpAsync(client, found), PumpAsync(found, client));
            _open.TryRemove(client, out _);
            _open.TryRemove(found, out _);
            return;
        }
    }

    private async Task<Socket?> ConnectAsync(IPEndPoint node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        time.CancelAfter(ConnectTime);
        try
        {
            await socket.ConnectAsync(node, time.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
                await SendAllAsync(to, buffer.AsMemory(0, length));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // So does the other side.
        }
    }

    private static async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await to.SendAsync(bytes)..];
    }
}
