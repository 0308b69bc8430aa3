using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Actors.Nodes;
using Chat.Gateway.Configuration;

namespace Chat.Gateway.Hosting;

/// <summary>This gateway's place in a cluster, from its options.</summary>
internal static class ClusterNode
{
    /// <summary>Null for a single gateway. Throws a <see cref="CertificateException"/> where its certificate can't be had.</summary>
    /// <param name="options">The gateway's.</param>
    /// <param name="address">Where it listens, as <see cref="WhyNot"/> found.</param>
    public static ClusterOptions? Of(GatewayOptions options, IPAddress? address) => options.ClusterHost is { } host
        ? new ClusterOptions { Host = host, Port = options.ClusterPort, Seeds = options.ClusterSeeds, Tls = Tls(options), IsIPv6 = address?.AddressFamily == AddressFamily.InterNetworkV6 }
        : null;

    /// <summary>
    /// Why it can't listen where it is to, and the exit code for that; null where it can. Asked before it joins: one that took the place of a node that lives, and only then
    /// found its other port in use, would have the others give both up.
    /// </summary>
    public static (string Why, int ExitCode)? WhyNot(GatewayOptions options, out IPAddress? address)
    {
        address = null;
        if (options.ClusterHost is not { } host)
            return null;
        try
        {
            if (options.Port != 0)
                Try(options.Host, options.Port);
        }
        catch (SocketException e)
        {
            return ($"--port: {options.Port} on {options.Host} is in use by another program, or not this machine's. Choose another port, 0 for any free one.", CodeOf(e));
        }
        try
        {
            address = AddressOf(host);
            Try(address, options.ClusterPort);
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return ($"--cluster-port: {options.ClusterPort} on {host} is in use by another program, maybe this node itself. Choose another port.", CodeOf(e));
        }
        catch (SocketException e)
        {
            return ($"--cluster-host: {host} can't be listened on: {e.Message}. It must be a name or an address of this machine, by which the other nodes reach it.", CodeOf(e));
        }
    }

    /// <summary>Whether it is a name that leads to this machine alone, and doesn't look so: Debian has 127.0.1.1 as the address of a machine's own name.</summary>
    public static bool IsLoopbackUnawares(string host, IPAddress address) =>
        IPAddress.IsLoopback(address) && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(host, out _);

    // A machine that has lost its network, or has just started, may have neither addresses nor names, and gets them again: it is worth another start.
    private static int CodeOf(SocketException e) => e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
        or SocketError.NetworkDown or SocketError.NetworkUnreachable
        ? ExitCodes.Failed
        : ExitCodes.Usage;

    // As Akka takes it: the last, of the sixth version only where there is no other.
    private static IPAddress AddressOf(string host)
    {
        var addresses = Dns.GetHostAddresses(host);
        return addresses.LastOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses.LastOrDefault() ?? throw new SocketException((int)SocketError.HostNotFound);
    }

    private static void Try(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        listener.Start();
        listener.Stop();
    }

    private static ClusterTls? Tls(GatewayOptions options)
    {
        if (options.ClusterCertificate is not { } path)
            return null;
        var certificate = ServerCertificate.Load("--cluster-certificate", path, options.ClusterCertificateKey).Leaf;
        var trusted = new X509Certificate2Collection();
        try
        {
            if (options.ClusterTrust is { } trust)
                trusted.ImportFromPemFile(trust);
            else
                trusted.Add(X509CertificateLoader.LoadCertificate(certificate.RawData));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CertificateException($"--cluster-trust: {options.ClusterTrust} can't be used: {e.Message}");
        }
        if (trusted.Count == 0)
            throw new CertificateException($"--cluster-trust: {options.ClusterTrust} has no certificate in PEM.");
        var tls = new ClusterTls(certificate, trusted);
        return tls.IsGood(certificate)
            ? tls
            : throw new CertificateException($"--cluster-certificate: {path} isn't trusted by {options.ClusterTrust ?? "itself"}, so no node would be let in with it. Give who issued it (--cluster-trust); or it is out of date (from {certificate.NotBefore:u} to {certificate.NotAfter:u}).");
    }
}
