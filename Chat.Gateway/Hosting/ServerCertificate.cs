using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Gateway.Configuration;

namespace Chat.Gateway.Hosting;

/// <summary>The server's certificate can't be had.</summary>
public sealed class CertificateException(string message) : Exception(message);

/// <summary>The server's certificate, with its chain and key; read again where its files change, as those that renew it have it.</summary>
internal sealed partial class ServerCertificate
{
    private const string Option = "--certificate";
    private const string PfxEnding = ".pfx";
    private const string P12Ending = ".p12";

    private readonly string _path;
    private readonly string? _keyPath;
    private byte[] _version;
    private volatile SslStreamCertificateContext _current;

    /// <summary>Reads it. Throws a <see cref="CertificateException"/> where it can't be had.</summary>
    public ServerCertificate(string path, string? keyPath)
    {
        (_path, _keyPath) = (path, keyPath);
        (_current, _version) = Read();
    }

    /// <summary>The one that new connections get.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <summary>That of the options; null where they name none.</summary>
    public static ServerCertificate? Of(GatewayOptions options) =>
        options.Certificate is { } path ? new ServerCertificate(path, options.CertificateKey)
        : options.CertificateKey is { } key ? throw new CertificateException($"--certificate-key: {key} is of no use without --certificate.")
        : null;

    /// <summary>Reads it again where its files changed. One that can't be used leaves the one before in use, and is told in the log.</summary>
    public void Renew(ILogger logger)
    {
        try
        {
            if (Version().AsSpan().SequenceEqual(_version))
                return;
            (_current, _version) = Read();
            LogRenewed(logger, _path, _current.TargetCertificate.NotAfter);
        }
        catch (Exception e)
        {
            // Whatever it is: the one before is good.
            LogNotRenewed(logger, e.Message);
        }
    }

    // Small enough to be read each time: the time of a file that is a link tells nothing.
    private byte[] Version() => SHA256.HashData([.. File.ReadAllBytes(_path), .. _keyPath is null ? [] : File.ReadAllBytes(_keyPath)]);

    private (SslStreamCertificateContext, byte[]) Read()
    {
        try
        {
            var version = Version();
            var (leaf, chain) = Load(Option, _path, _keyPath);
            return (SslStreamCertificateContext.Create(leaf, chain, offline: true), version);
        }
        catch (Exception e) when (IsOfFile(e))
        {
            throw Unusable(Option, _path, _keyPath, e);
        }
    }

    /// <summary>A certificate, with its key, and its chain. Throws a <see cref="CertificateException"/> that names the option where it can't be had.</summary>
    public static (X509Certificate2 Leaf, X509Certificate2Collection Chain) Load(string option, string path, string? keyPath)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            if (path.EndsWith(PfxEnding, StringComparison.OrdinalIgnoreCase) || path.EndsWith(P12Ending, StringComparison.OrdinalIgnoreCase))
            {
                chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, null);
                return (chain.FirstOrDefault(certificate => certificate.HasPrivateKey)
                    ?? throw new CertificateException($"{option}: {path} has no private key."), chain);
            }
            var leaf = X509Certificate2.CreateFromPemFile(path, keyPath ?? path);
            chain.ImportFromPemFile(path);
            return (leaf, chain);
        }
        catch (Exception e) when (IsOfFile(e))
        {
            throw Unusable(option, path, keyPath, e);
        }
    }

    private static bool IsOfFile(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static CertificateException Unusable(string option, string path, string? keyPath, Exception e) =>
        new($"{option}: {path}{(keyPath is null ? "" : $" with {option}-key {keyPath}")} can't be used: {e.Message}");

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "The certificate {Path} was renewed: good until {Until:u}")]
    private static partial void LogRenewed(ILogger logger, string path, DateTime until);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "The renewed certificate isn't used, the one before stays: {Problem}")]
    private static partial void LogNotRenewed(ILogger logger, string problem);
}
