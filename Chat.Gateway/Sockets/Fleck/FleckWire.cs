using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fleck;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>
/// What Fleck takes for a client's TCP connection. It is fed what it is to read, on the thread of whoever reads the socket, and what it writes is
/// handed over; so there is one reader and one writer. Fleck is told nothing of the connection's end, which it may report twice or not at all.
/// </summary>
internal sealed class FleckWire(IPEndPoint remote) : ISocket
{
    private readonly record struct Reading(byte[] Buffer, Action<int> Done, Action<Exception> Failed);

    private Reading? _reading;

    /// <summary>Takes what Fleck writes: the answer to the handshake, then whole frames, in arrays that are nobody else's.</summary>
    public required Action<byte[]> Written { get; init; }

    /// <summary>Fleck's side of the connection, once the handshake was read.</summary>
    public IWebSocketConnection? Connection { get; set; }

    /// <summary>Has Fleck read these bytes, unless it wants no more.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0 && _reading is { } reading)
        {
            // It asks again when it has read them.
            _reading = null;
            var count = Math.Min(bytes.Length, reading.Buffer.Length);
            bytes[..count].CopyTo(reading.Buffer);
            bytes = bytes[count..];
            try
            {
                reading.Done(count);
            }
            catch (Exception e)
            {
                reading.Failed(e);
            }
        }
    }

    Task<int> ISocket.Receive(byte[] buffer, Action<int> callback, Action<Exception> error, int offset)
    {
        _reading = new(buffer, callback, error);
        return Task.FromResult(0);
    }

    Task ISocket.Send(byte[] buffer, Action callback, Action<Exception> error)
    {
        Written(buffer);
        callback();
        return Task.CompletedTask;
    }

    bool ISocket.Connected => true;

    string ISocket.RemoteIpAddress => remote.Address.ToString();

    int ISocket.RemotePort => remote.Port;

    bool ISocket.NoDelay { get; set; }

    void ISocket.Close() { }

    void ISocket.Dispose() { }

    Stream ISocket.Stream => throw new NotSupportedException();

    EndPoint ISocket.LocalEndPoint => throw new NotSupportedException();

    void ISocket.Bind(EndPoint ipLocal) => throw new NotSupportedException();

    void ISocket.Listen(int backlog) => throw new NotSupportedException();

    Task<ISocket> ISocket.Accept(Action<ISocket> callback, Action<Exception> error) => throw new NotSupportedException();

    Task ISocket.Authenticate(X509Certificate2 certificate, SslProtocols enabledSslProtocols, Action callback, Action<Exception> error) =>
        throw new NotSupportedException();
}
