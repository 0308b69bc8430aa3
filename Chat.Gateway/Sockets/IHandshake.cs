namespace Chat.Gateway.Sockets;

/// <summary>A request that may become a client's socket, whichever server read it.</summary>
internal interface IHandshake
{
    /// <summary>Whether the request asks for a WebSocket (RFC 6455, section 4.2.1).</summary>
    bool IsAsked(HttpContext context);

    /// <summary>Answers that it is one from now on.</summary>
    /// <param name="context">The request.</param>
    /// <param name="subprotocol">The one that was chosen of those offered; null for none.</param>
    /// <param name="serve">What is done with the socket, to its end, once the request is over. Nothing of the request is valid any more then.</param>
    Task AcceptAsync(HttpContext context, string? subprotocol, Func<IClientSocket, Task> serve);
}
