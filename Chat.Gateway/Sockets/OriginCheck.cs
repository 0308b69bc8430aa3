using Chat.Gateway.Configuration;

namespace Chat.Gateway.Sockets;

/// <summary>
/// Whether a web page may connect. A browser says whose page it is (RFC 6455, section 10.2), and lets any page connect to any
/// server, one on the visitor's own machine too; so the server has to refuse. Programs send no origin.
/// </summary>
public static class OriginCheck
{
    /// <summary>Whether the request has no origin, the server's own (the host was checked before), or one that is allowed.</summary>
    public static bool IsAllowed(HttpRequest request, GatewayOptions options)
    {
        var origins = request.Headers.Origin;
        return origins.Count == 0
            || (origins.Count == 1 && origins[0] is { } origin
                && (IsOwn(origin, request.Host) || options.PublicUrls.Concat(options.AllowedOrigins).Contains(origin, StringComparer.OrdinalIgnoreCase)));
    }

    private static bool IsOwn(string origin, HostString host) =>
        host.HasValue && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
        && uri.Authority.Equals(WithoutDefaultPort(host, uri), StringComparison.OrdinalIgnoreCase);

    private static string WithoutDefaultPort(HostString host, Uri origin) =>
        host.Port is { } port && port == origin.Port && origin.IsDefaultPort ? host.Host : host.Value!;
}
