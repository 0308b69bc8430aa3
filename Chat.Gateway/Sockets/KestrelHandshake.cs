using Chat.Actors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Chat.Gateway.Sockets;

/// <summary>
/// A connection on Kestrel, whose HTTP reads and answers the handshake, ends its request and is forgotten: only then the connection is served as a
/// WebSocket. A request that lasted as long would hold 5 KiB more for each.
/// </summary>
internal sealed class KestrelHandshake(ConnectionContext connection, ChatOptions chat) : IHandshake
{
    // How long what waits in the pipe may take to get out, once nothing more comes.
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(5);

    private KestrelSocket? _socket;
    private Func<IClientSocket, Task>? _serve;

    /// <summary>Puts it before the HTTP of an endpoint, and last: behind TLS, whose bytes it serves.</summary>
    public static void Use(ListenOptions listen, ChatOptions chat) => listen.Use(next => async connection =>
    {
        var heartbeat = new Heartbeat(connection.Features.GetRequiredFeature<IConnectionHeartbeatFeature>());
        var handshake = new KestrelHandshake(connection, chat);
        connection.Features.Set<IConnectionHeartbeatFeature>(heartbeat);
        connection.Features.Set<IHandshake>(handshake);
        await next(connection);
        if (handshake is { _serve: { } serve, _socket: { } socket })
        {
            heartbeat.Forget();
            await serve(socket);
            if (socket.IsPastPipe)
                return;
        }
        // Kestrel waits for it for ever where the peer takes nothing, and nobody counts the connection any more.
        _ = Task.Delay(EndTime, chat.Time).ContinueWith(_ => connection.Abort(), TaskScheduler.Default);
    });

    /// <inheritdoc/>
    public bool IsAsked(HttpContext context) => HandshakeFault.CanUpgrade(context.Request) && context.WebSockets.IsWebSocketRequest;

    /// <inheritdoc/>
    public async Task AcceptAsync(HttpContext context, string? subprotocol, Func<IClientSocket, Task> serve)
    {
        // Before the answer, as others may have gone before it on this connection.
        var socket = new KestrelSocket(connection, chat);
        // The framework's own lasts as long as the request.
        await context.WebSockets.AcceptWebSocketAsync(subprotocol);
        (_socket, _serve) = (socket, serve);
    }

    // Kestrel's HTTP asks to be called once a second for its timeouts, and for as long as the connection is there.
    private sealed class Heartbeat(IConnectionHeartbeatFeature of) : IConnectionHeartbeatFeature
    {
        // One reference, as it is forgotten while another thread may beat.
        private Action? _beat;

        public void OnHeartbeat(Action<object> action, object state)
        {
            _beat = () => action(state);
            of.OnHeartbeat(static heartbeat => ((Heartbeat)heartbeat)._beat?.Invoke(), this);
        }

        public void Forget() => _beat = null;
    }
}
