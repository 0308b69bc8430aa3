using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fleck;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>
/// What Fleck takes for its listening socket. Connections are accepted by whoever judges them first, and handed on: Fleck by itself stops accepting for good
/// at the first failure, such as that no more files may be opened.
/// </summary>
/// <param name="backlog">Connections that may wait to be accepted; Fleck's own is 100.</param>
internal sealed class FleckListener(int backlog) : ISocket, IDisposable
{
    private Socket? _socket;
    private Action<ISocket> _connected = _ => { };

    /// <summary>Where it listens.</summary>
    public EndPoint LocalEndPoint => _socket!.LocalEndPoint!;

    /// <summary>The next connection. Throws a <see cref="SocketException"/> where there is one that can't be accepted.</summary>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellation) => _socket!.AcceptAsync(cancellation);

    /// <summary>Fleck has a client. Safe from any thread, as Fleck keeps nothing of its clients together.</summary>
    public void Hand(FleckWire wire) => _connected(wire);

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    void ISocket.Bind(EndPoint ipLocal)
    {
        _socket = new Socket(ipLocal.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (((IPEndPoint)ipLocal).Address.Equals(IPAddress.IPv6Any))
            _socket.DualMode = true;
        _socket.Bind(ipLocal);
    }

    void ISocket.Listen(int _) => _socket!.Listen(backlog);

    // It asks again from within each call.
    Task<ISocket> ISocket.Accept(Action<ISocket> callback, Action<Exception> error)
    {
        _connected = callback;
        return Task.FromResult<ISocket>(this);
    }

    void ISocket.Close() => Dispose();

    bool ISocket.Connected => false;

    bool ISocket.NoDelay { get; set; }

    string ISocket.RemoteIpAddress => throw new NotSupportedException();

    int ISocket.RemotePort => throw new NotSupportedException();

    Stream ISocket.Stream => throw new NotSupportedException();

    Task<int> ISocket.Receive(byte[] buffer, Action<int> callback, Action<Exception> error, int offset) => throw new NotSupportedException();

    Task ISocket.Send(byte[] buffer, Action callback, Action<Exception> error) => throw new NotSupportedException();

    Task ISocket.Authenticate(X509Certificate2 certificate, SslProtocols enabledSslProtocols, Action callback, Action<Exception> error) =>
        throw new NotSupportedException();
}
