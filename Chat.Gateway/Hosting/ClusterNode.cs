using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Actors.Nodes;
using Chat.Gateway.Configuration;

namespace Chat.Gateway.Hosting;

/// <summary>This gateway's place in a cluster, from its options.</summary>
internal static class ClusterNode
{
    /// <summary>Null for a single gateway. Throws a <see cref="CertificateException"/> where its certificate can't be had.</summary>
    public static ClusterOptions? Of(GatewayOptions options) => options.ClusterHost is { } host
        ? new ClusterOptions { Host = host, Port = options.ClusterPort, Seeds = options.ClusterSeeds, Tls = Tls(options) }
        : null;

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
            : throw new CertificateException($"--cluster-certificate: {path} isn't trusted by {options.ClusterTrust ?? "itself"}, so no node would be let in with it; or it is out of date.");
    }
}
