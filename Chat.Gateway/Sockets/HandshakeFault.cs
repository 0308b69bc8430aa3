namespace Chat.Gateway.Sockets;

/// <summary>What keeps a request from being a WebSocket's opening handshake (RFC 6455, section 4.2.1), and how it is answered.</summary>
internal sealed record HandshakeFault(int Status, string Sentence)
{
    /// <summary>The version of the protocol that is spoken; there is no other.</summary>
    public const string Version = "13";

    private const int KeyBytes = 16;

    /// <summary>Of a request that is none.</summary>
    public static HandshakeFault Of(HttpRequest request, string path)
    {
        if (!HttpMethods.IsGet(request.Method))
            return new(StatusCodes.Status405MethodNotAllowed, "A WebSocket is opened with GET.");
        if (!CanUpgrade(request) || !request.Headers.GetCommaSeparatedValues("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase))
            return new(StatusCodes.Status426UpgradeRequired, $"This is a chat server. Connect with a WebSocket client to {path}, with the program `chat` for one.");
        if (!request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Version").Contains(Version))
            return new(StatusCodes.Status426UpgradeRequired, $"This server speaks version {Version} of the WebSocket protocol. Connect with a client that does.");
        return IsKey(request.Headers.SecWebSocketKey.ToString())
            ? new(StatusCodes.Status426UpgradeRequired, "A WebSocket's handshake has the header \"Connection: Upgrade\", and no body.")
            : new(StatusCodes.Status400BadRequest, $"A WebSocket's handshake has one Sec-WebSocket-Key, {KeyBytes} bytes in base64.");
    }

    /// <summary>In HTTP/1.0 an <c>Upgrade</c> means nothing (RFC 9110, section 7.8).</summary>
    public static bool CanUpgrade(HttpRequest request) => !HttpProtocol.IsHttp10(request.Protocol);

    private static bool IsKey(string key) => Convert.TryFromBase64String(key, new byte[key.Length], out var length) && length == KeyBytes;
}
