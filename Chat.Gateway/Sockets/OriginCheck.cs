using System.Net;

namespace Chat.Gateway.Sockets;

/// <summary>
/// Whether a web page may connect. A browser says whose page it is (RFC 6455, section 10.2), and lets any page connect to any
/// server, one on the visitor's own machine too; so the server has to refuse. Programs send no origin.
/// </summary>
public static class OriginCheck
{
    /// <summary>Whether the request has no origin, the server's own, or one that is allowed.</summary>
    public static bool IsAllowed(HttpRequest request, IReadOnlyList<string> allowed)
    {
        var origins = request.Headers.Origin;
        return origins.Count == 0
            || (origins.Count == 1 && origins[0] is { } origin
                && (IsOwn(origin, request.Host, request.HttpContext.Connection.LocalIpAddress) || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)));
    }

    // Anybody's name may be made to lead to this machine (DNS rebinding): on its loopback address, only its own names are the server's.
    private static bool IsOwn(string origin, HostString host, IPAddress? local) =>
        host.HasValue && (local is null || !IPAddress.IsLoopback(local) || IsLoopback(host.Host)) && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
        && uri.Authority.Equals(WithoutDefaultPort(host, uri), StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string WithoutDefaultPort(HostString host, Uri origin) =>
        host.Port is { } port && port == origin.Port && origin.IsDefaultPort ? host.Host : host.Value!;
}
