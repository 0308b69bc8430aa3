using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Microsoft.AspNetCore.Http.Features;

namespace Chat.Gateway.Sockets;

/// <summary>A client's socket that is a request yet, in the place of its upgrade. Whichever server read the request shakes hands.</summary>
internal interface IHandshake : IClientSocket, IHttpUpgradeFeature, IDisposable
{
    /// <summary>Whether the request asks for a WebSocket (RFC 6455, section 4.2.1).</summary>
    bool IsAsked(HttpContext context);

    /// <summary>Answers that it is one from now on.</summary>
    /// <param name="context">The request.</param>
    /// <param name="subprotocol">The one that was chosen of those offered; null for none.</param>
    Task AcceptAsync(HttpContext context, string? subprotocol);

    /// <summary>Gives it the way out for what it writes by itself, and what its address may do, before the first read.</summary>
    void Start(Outbox outbox, AddressBudget? address);

    /// <summary>Drops what still comes of a peer of which nothing more is wanted, so that the system doesn't end the connection with a reset.</summary>
    Task DrainAsync();
}
