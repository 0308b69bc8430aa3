using System.Net;
using System.Net.Sockets;
using Chat.Actors;
using Chat.Gateway.Configuration;
using Fleck;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using FleckLevel = Fleck.LogLevel;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>
/// Fleck in Kestrel's place, as a server of ASP.NET Core: so the pipeline judges a handshake here as it does there, and answers what is none. Fleck makes the
/// WebSockets of those that it lets in. No TLS: what Fleck has of it is 1.0 unless told otherwise; a proxy does it better.
/// </summary>
/// <param name="options">Where to listen, how long a handshake may take, how large a message may be.</param>
/// <param name="backlog">Connections that may wait to be accepted.</param>
/// <param name="strangers">Counts the connections that aren't WebSockets yet.</param>
/// <param name="rejections">Told of those that are closed unread.</param>
/// <param name="chat">The limits, and the time.</param>
/// <param name="logger">Told what went wrong.</param>
internal sealed partial class FleckServer(
    GatewayOptions options, int backlog, Strangers strangers, Rejections rejections, ChatOptions chat, ILogger<FleckServer> logger) : IServer
{
    // How long nothing is accepted where the system has no more files to give.
    private static readonly TimeSpan FullTime = TimeSpan.FromMilliseconds(100);

    private readonly FleckListener _listener = new(backlog);
    private readonly CancellationTokenSource _stopping = new();

    private readonly TimeSpan _handshakeTime =
        options.HandshakeSeconds > 0 ? TimeSpan.FromSeconds(options.HandshakeSeconds) : Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc/>
    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull
    {
        FleckLog.LogAction = Log;
        var fleck = new WebSocketServer($"ws://{new IPEndPoint(options.Host, options.Port)}") { SupportedSubProtocols = [SocketEndpoints.Subprotocol] };
        fleck.ListenerSocket.Dispose();
        fleck.ListenerSocket = _listener;
        try
        {
            fleck.Start(connection => ((FleckWire)((WebSocketConnection)connection).Socket).Connection = connection);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // As Kestrel does.
            throw new IOException(e.Message, e);
        }
        var addresses = new ServerAddressesFeature();
        addresses.Addresses.Add($"http://{_listener.LocalEndPoint}");
        Features.Set<IServerAddressesFeature>(addresses);
        _ = AcceptAsync(features => ProcessAsync(application, features));
        return Task.CompletedTask;
    }

    /// <summary>Takes no more connections; those that are open go on.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
    }

    private static async Task ProcessAsync<TContext>(IHttpApplication<TContext> application, IFeatureCollection features) where TContext : notnull
    {
        var context = application.CreateContext(features);
        Exception? failure = null;
        try
        {
            await application.ProcessRequestAsync(context);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            application.DisposeContext(context, failure);
        }
    }

    private async Task AcceptAsync(Func<IFeatureCollection, Task> process)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stopping.Token), process);
            }
            catch (SocketException)
            {
                await Task.Delay(FullTime, chat.Time);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket tcp, Func<IFeatureCollection, Task> process)
    {
        using var _ = tcp;
        try
        {
            using var stranger = strangers.Add((tcp.RemoteEndPoint as IPEndPoint)?.Address);
            if (stranger is null)
            {
                rejections.Add("handshakes");
                tcp.Close(timeout: 0);
                return;
            }
            tcp.NoDelay = true;
            using var socket = new FleckSocket(tcp, _listener, chat);
            try
            {
                await AnswerAsync(socket, tcp, stranger, process);
            }
            finally
            {
                // Also then: its place is given back there.
                await socket.ServeAsync();
            }
            await socket.EndAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone, or sent nothing in time.
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    private async Task AnswerAsync(FleckSocket socket, Socket tcp, Strangers.Stranger stranger, Func<IFeatureCollection, Task> process)
    {
        var (head, status) = await socket.ReadHeadAsync(_handshakeTime, _stopping.Token);
        if (head is null)
        {
            await socket.WriteAsync(HttpExchange.Refusal(status));
            return;
        }
        var exchange = new HttpExchange(head, (IPEndPoint)tcp.RemoteEndPoint!, (IPEndPoint)tcp.LocalEndPoint!);
        exchange.Features.Set<IHandshake>(socket);
        exchange.Features.Set(stranger);
        await process(exchange.Features);
        if (!socket.IsAccepted)
            await socket.WriteAsync(exchange.Answer());
    }

    // The rest is about single connections, which the gateway looks after by itself.
    private void Log(FleckLevel level, string message, Exception? cause)
    {
        if (level == FleckLevel.Error)
            LogFleck(logger, message, cause);
    }

    [LoggerMessage(EventId = 1, Level = Microsoft.Extensions.Logging.LogLevel.Error, Message = "A connection failed and is closed")]
    private static partial void LogFailed(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 2, Level = Microsoft.Extensions.Logging.LogLevel.Error, Message = "Fleck: {Message}")]
    private static partial void LogFleck(ILogger logger, string message, Exception? cause);
}
