using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Tests.EndToEnd.Support;
using Xunit;
using LoopbackPort = Chat.Bench.Gateways.LoopbackPort;

namespace Chat.Tests.Packaging;

/// <summary>A real nginx with the site that is shipped, before a gateway; only ports and certificate are its own.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    /// <summary>The site's name.</summary>
    public const string Site = "chat.example.org";

    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly Dictionary<int, int> _ports;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private Nginx(GatewayProcess gateway)
    {
        _ports = new() { [80] = LoopbackPort.Free(), [443] = LoopbackPort.Free() };
        File.WriteAllText(_folder.In("cert.pem"), _certificate.ExportCertificatePem());
        File.WriteAllText(_folder.In("key.pem"), _certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var site = Packaged.Text("nginx.conf");
        foreach (var (shipped, here) in new[]
        {
            ("proxy_pass http://127.0.0.1:8181;", $"proxy_pass http://127.0.0.1:{gateway.Port};"),
            ("listen 80;", $"listen 127.0.0.1:{_ports[80]};"), ("listen [::]:80;", ""),
            ("listen 443 ssl;", $"listen 127.0.0.1:{_ports[443]} ssl;"), ("listen [::]:443 ssl;", ""),
            ($"/etc/letsencrypt/live/{Site}/fullchain.pem", _folder.In("cert.pem")),
            ($"/etc/letsencrypt/live/{Site}/privkey.pem", _folder.In("key.pem")),
        })
        {
            Assert.Contains(shipped, site);
            site = site.Replace(shipped, here);
        }
        File.WriteAllText(_folder.In("chat.conf"), site);
        var folders = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {_folder.In(kind)};\n"));
        File.WriteAllText(_folder.In("nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid {{_folder.In("pid")}};
            error_log stderr warn;
            events { worker_connections 128; }
            http {
                access_log off;
                {{folders}}
                include {{_folder.In("chat.conf")}};
            }
            """);
        _process = Process.Start(new ProcessStartInfo(
            ProgramFactAttribute.Find("nginx")!, ["-e", "stderr", "-p", _folder.Path, "-c", _folder.In("nginx.conf")])
        {
            RedirectStandardError = true,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts one.</summary>
    public static async Task<Nginx> StartAsync(GatewayProcess gateway)
    {
        var nginx = new Nginx(gateway);
        await Patience.UntilAsync(async () =>
        {
            if (nginx._process.HasExited)
                Assert.Fail(await nginx._errors);
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, nginx._ports[443]);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }, "nginx");
        return nginx;
    }

    /// <summary>Asks the site by its name, from an address of this machine; trusts its certificate alone.</summary>
    public HttpMessageInvoker Visitor(string from = "127.0.0.1") => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == _certificate.GetCertHashString() },
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(IPAddress.Loopback, _ports[context.DnsEndPoint.Port], cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _certificate.Dispose();
        _folder.Dispose();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={Site}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
