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
    private Func<Task>? _serve;

    /// <summary>Puts it before the HTTP of an endpoint, behind TLS.</summary>
    public static void Use(ListenOptions listen, ChatOptions chat) => listen.Use(next => async connection =>
    {
        var heartbeat = new Heartbeat(connection.Features.GetRequiredFeature<IConnectionHeartbeatFeature>());
        var handshake = new KestrelHandshake(connection, chat);
        connection.Features.Set<IConnectionHeartbeatFeature>(heartbeat);
        connection.Features.Set<IHandshake>(handshake);
        await next(connection);
        if (handshake._serve is not { } serve)
            return;
        heartbeat.Forget();
        await serve();
    });

    /// <inheritdoc/>
    public bool IsAsked(HttpContext context) => HandshakeFault.CanUpgrade(context.Request) && context.WebSockets.IsWebSocketRequest;

    /// <inheritdoc/>
    public async Task<IClientSocket> AcceptAsync(HttpContext context, string? subprotocol)
    {
        // The framework's own lasts as long as the request.
        await context.WebSockets.AcceptWebSocketAsync(subprotocol);
        return new KestrelSocket(connection, chat);
    }

    /// <inheritdoc/>
    public void Serve(Func<Task> serve) => _serve = serve;

    // Kestrel's HTTP asks to be called once a second for its timeouts, and for as long as the connection is there.
    private sealed class Heartbeat(IConnectionHeartbeatFeature of) : IConnectionHeartbeatFeature
    {
        private (Action<object> Action, object State)? _listener;

        public void OnHeartbeat(Action<object> action, object state)
        {
            _listener = (action, state);
            of.OnHeartbeat(static heartbeat => ((Heartbeat)heartbeat).Beat(), this);
        }

        public void Forget() => _listener = null;

        private void Beat()
        {
            if (_listener is { } listener)
                listener.Action(listener.State);
        }
    }
}
