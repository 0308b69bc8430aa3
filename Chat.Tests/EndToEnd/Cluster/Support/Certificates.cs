using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Tests.EndToEnd.Support;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>An issuer of nodes' certificates, and the files that a node is given.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _issuer;

    public Certificates(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _issuer = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(_folder.In("issuer.pem"), _issuer.ExportCertificatePem());
    }

    /// <summary>The options of a node that has one of these, and trusts them.</summary>
    public string[] OptionsOf(string node)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_issuer, DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder.In($"{node}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.In($"{node}.key"), key.ExportPkcs8PrivateKeyPem());
        return ["--cluster-certificate", _folder.In($"{node}.pem"), "--cluster-certificate-key", _folder.In($"{node}.key"), "--cluster-trust", _folder.In("issuer.pem")];
    }

    public void Dispose()
    {
        _issuer.Dispose();
        _folder.Dispose();
    }
}
