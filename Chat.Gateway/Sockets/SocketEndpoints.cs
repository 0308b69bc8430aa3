using Chat.Actors;
using Chat.Gateway.Configuration;
using Chat.Gateway.Web;
using Chat.Protocol;
using Microsoft.AspNetCore.Http.Features;

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
        app.Use((context, next) => IsForSocket(context.Request) ? CheckOriginAsync(context, next, app.Services, options) : next(context));
        // The WebSocket that comes with the answer is left alone (KestrelHandshake): it must have no timer to ping with.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.Use((context, next) => IsForSocket(context.Request) ? AcceptAsync(context, app.Services) : next(context));
    }

    // At the root a browser gets the page.
    private static bool IsForSocket(HttpRequest request) =>
        request.Path == Path || (request.Path == OriginalPath && request.Headers.GetCommaSeparatedValues("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase));

    // Ahead of the handshake: whose page it is.
    private static Task CheckOriginAsync(HttpContext context, RequestDelegate next, IServiceProvider services, GatewayOptions options)
    {
        if (OriginCheck.IsAllowed(context.Request, options))
            return next(context);
        services.GetRequiredService<Rejections>().Add("allowed-origins");
        context.Response.Headers.Connection = "close";
        return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "origin_refused",
            "Pages of this origin may not connect. The server's operator can allow it with --allowed-origins.");
    }

    private static async Task AcceptAsync(HttpContext context, IServiceProvider services)
    {
        var handshake = context.Features.GetRequiredFeature<IHandshake>();
        if (!handshake.IsAsked(context))
        {
            await RefuseAsync(context, HandshakeFault.Of(context.Request, Path));
            return;
        }
        var subprotocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol) ? Subprotocol : null;
        var connections = services.GetRequiredService<ClientConnections>();
        if (await services.GetRequiredService<Visitors>().AdmitAsync(context) is not { } place)
            return;
        var isOriginal = context.Request.Path == OriginalPath;
        try
        {
            await handshake.AcceptAsync(context, subprotocol, socket => connections.ServeAsync(socket, isOriginal, place));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private static Task RefuseAsync(HttpContext context, HandshakeFault fault)
    {
        ChatMeter.Refused("handshake");
        var headers = context.Response.Headers;
        (headers.Upgrade, headers.SecWebSocketVersion, headers.Connection) = ("websocket", HandshakeFault.Version, "close");
        if (fault.Status == StatusCodes.Status405MethodNotAllowed)
            headers.Allow = HttpMethods.Get;
        return Problems.WriteAsync(context, fault.Status, ErrorCodes.BadRequest, fault.Sentence);
    }
}
