using System.Security.Cryptography;
using System.Text;

namespace Chat.Bench.Sockets;

/// <summary>The proof of a WebSocket handshake (RFC 6455, section 4.2.2).</summary>
public static class Handshake
{
    private const string Suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>The end of a request's or a response's head.</summary>
    public static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>A fresh <c>Sec-WebSocket-Key</c>.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    /// <summary>The <c>Sec-WebSocket-Accept</c> that answers a key.</summary>
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Suffix)));

    /// <summary>Throws an <see cref="InvalidDataException"/> unless the head of a response accepts a key.</summary>
    public static void ThrowUnlessAccepted(string head, string key)
    {
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) || !head.Contains(Accept(key), StringComparison.Ordinal))
            throw new InvalidDataException($"The server didn't accept the WebSocket: {head.Split('\r')[0]}");
    }
}
