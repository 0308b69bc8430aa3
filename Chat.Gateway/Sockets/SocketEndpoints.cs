using System.Globalization;
using System.Net;
using Chat.Actors;
using Chat.Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;

namespace Chat.Gateway.Sockets;

/// <summary>The WebSocket endpoints: <c>/ws</c>, and <c>/</c> for the original's clients.</summary>
internal static class SocketEndpoints
{
    /// <summary>The one that is spoken.</summary>
    public const string Subprotocol = "chat.v1";

    private const string OriginalPath = "/";
    private const string Path = "/ws";

    /// <summary>Puts the endpoints into the pipeline.</summary>
    public static void UseChatSockets(this WebApplication app, GatewayOptions options)
    {
        app.UseForwarded(options.TrustedProxies);
        app.Use((context, next) => IsSocketPath(context.Request.Path) ? CheckOriginAsync(context, next, app.Services, options) : next(context));
        // The WebSocket that comes with the answer is left alone (KestrelHandshake): it must have no timer to ping with.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.Run(context => IsSocketPath(context.Request.Path) ? AcceptAsync(context, app.Services, options.TrustedProxies) : NotFoundAsync(context));
    }

    // Of the addresses in the header, the last that isn't a trusted proxy's is the client's.
    private static void UseForwarded(this WebApplication app, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        if (proxies.Count == 0)
            return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in proxies)
            forwarded.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(forwarded);
    }

    private static bool IsSocketPath(PathString path) => path == Path || path == OriginalPath;

    // Ahead of the handshake: whose page it is.
    private static Task CheckOriginAsync(HttpContext context, RequestDelegate next, IServiceProvider services, GatewayOptions options)
    {
        if (OriginCheck.IsAllowed(context.Request, options.AllowedOrigins))
            return next(context);
        services.GetRequiredService<Rejections>().Add("allowed-origins");
        return AnswerAsync(context, StatusCodes.Status403Forbidden,
            "Pages of this origin may not connect. The server's operator can allow it with --allowed-origins.");
    }

    private static async Task AcceptAsync(HttpContext context, IServiceProvider services, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var handshake = context.Features.GetRequiredFeature<IHandshake>();
        if (!handshake.IsAsked(context))
        {
            await RefuseAsync(context, HandshakeFault.Of(context.Request, Path));
            return;
        }
        var subprotocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol) ? Subprotocol : null;
        var connections = services.GetRequiredService<ClientConnections>();
        var place = services.GetRequiredService<Admission>().Admit(
            context.Connection.RemoteIpAddress ?? IPAddress.None, out var rejection, isForwarded: IsForwarded(context, proxies));
        if (place is null)
        {
            services.GetRequiredService<Rejections>().Add(rejection!.Reason);
            if (rejection.RetryAfter is { } wait)
                context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await AnswerAsync(context, rejection.Status, rejection.Sentence);
            return;
        }
        var isOriginal = context.Request.Path == OriginalPath;
        try
        {
            var socket = await handshake.AcceptAsync(context, subprotocol);
            handshake.Serve(() => connections.ServeAsync(socket, isOriginal, place));
        }
        catch
        {
            place.Dispose();
            throw;
        }
        context.Features.Get<Strangers.Stranger>()?.BecomeKnown();
    }

    // Also where what the proxy was told is no address: whoever told it is no client of this machine.
    private static bool IsForwarded(HttpContext context, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var headers = context.Request.Headers;
        return proxies.Count > 0 && (headers.ContainsKey(ForwardedHeadersDefaults.XOriginalForHeaderName)
            || (headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName)
                && context.Connection.RemoteIpAddress is { } remote && Strangers.IsProxy(proxies, remote)));
    }

    private static Task RefuseAsync(HttpContext context, HandshakeFault fault)
    {
        ChatMeter.Refused("handshake");
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketVersion = HandshakeFault.Version;
        if (fault.Status == StatusCodes.Status405MethodNotAllowed)
            context.Response.Headers.Allow = HttpMethods.Get;
        return AnswerAsync(context, fault.Status, fault.Sentence);
    }

    private static Task NotFoundAsync(HttpContext context) =>
        AnswerAsync(context, StatusCodes.Status404NotFound, $"There is nothing here. WebSocket clients connect to {Path}.");

    private static Task AnswerAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Connection = "close";
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n");
    }
}
