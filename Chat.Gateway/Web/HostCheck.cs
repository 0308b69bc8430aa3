using System.Net;
using Chat.Gateway.Configuration;

namespace Chat.Gateway.Web;

/// <summary>
/// Whether a request is for this server. Anybody's name can be made to lead here (DNS rebinding), and then his page's requests come from the
/// visitor's own machine with that page as their origin: only the name that they were sent to gives them away.
/// </summary>
public sealed class HostCheck(GatewayOptions options)
{
    private readonly HashSet<string?> _names = new([.. options.PublicUrls.Select(url => new Uri(url).IdnHost), options.ClusterHost], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the host is the address that is listened on, this machine's own names, as a node's too, or one of <c>--public-url</c>; programs may send none.</summary>
    public bool IsOurs(HostString host) =>
        !host.HasValue
        || _names.Contains(host.Host)
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IsOurs(address));

    // An address is nobody's name: where all are listened on, any may be this machine's, or that of what forwards to it.
    private bool IsOurs(IPAddress address) =>
        IPAddress.IsLoopback(address) || options.Host.Equals(IPAddress.Any) || options.Host.Equals(IPAddress.IPv6Any) || options.Host.Equals(address);
}
