using System.Net;
using Chat.Gateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Chat.Gateway.Sockets;

/// <summary>
/// All TCP connections, from the moment that they are accepted: one that never ends its handshake takes no place, and many of them would take up
/// the server's. Those past the bound are closed unread: of all, or of those of one address that aren't WebSockets yet.
/// </summary>
internal sealed class Strangers(GatewayOptions options, int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private int _count;

    /// <summary>Puts it before all that reads.</summary>
    public void Guard(ListenOptions listen)
    {
        var rejections = listen.ApplicationServices.GetRequiredService<Rejections>();
        listen.Use(next => async connection =>
        {
            using var stranger = Add((connection.RemoteEndPoint as IPEndPoint)?.Address);
            if (stranger is null)
            {
                rejections.Add("handshakes");
                connection.Abort();
                return;
            }
            connection.Features.Set(stranger);
            await next(connection);
        });
    }

    /// <summary>One was accepted, and is counted until it is disposed of; null where there are too many.</summary>
    public Stranger? Add(IPAddress? remote)
    {
        // A proxy brings many clients.
        var address = remote is null || IPAddress.IsLoopback(remote) || IsProxy(options.TrustedProxies, remote)
            ? null
            : Admission.Network(remote);
        lock (_gate)
        {
            var here = address is null ? 0 : _ofAddress.GetValueOrDefault(address);
            if (_count >= most || (options.MaxConnectionsPerAddress > 0 && here >= options.MaxConnectionsPerAddress))
                return null;
            _count++;
            if (address is not null)
                _ofAddress[address] = here + 1;
        }
        return new Stranger(this, address);
    }

    private void Remove(IPAddress? address)
    {
        if (address is null)
            return;
        lock (_gate)
        {
            if (--_ofAddress[address] == 0)
                _ofAddress.Remove(address);
        }
    }

    /// <summary>Whether an address is one of those proxies'.</summary>
    public static bool IsProxy(IReadOnlyList<IPNetwork> proxies, IPAddress remote)
    {
        var address = Unmapped(remote);
        return proxies.Any(proxy => proxy.Contains(address));
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>One that isn't a WebSocket yet.</summary>
    internal sealed class Stranger(Strangers of, IPAddress? address) : IDisposable
    {
        private int _isKnown;

        /// <summary>It is a WebSocket now, and has a place of its own.</summary>
        public void BecomeKnown()
        {
            if (Interlocked.Exchange(ref _isKnown, 1) == 0)
                of.Remove(address);
        }

        /// <summary>It is gone.</summary>
        public void Dispose()
        {
            BecomeKnown();
            lock (of._gate)
                of._count--;
        }
    }
}
