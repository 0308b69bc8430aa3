using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

public sealed class TlsTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Theory]
    [InlineData("pem")]
    [InlineData("pem with its key")]
    [InlineData("pfx")]
    public async Task Should_speak_tls_with_the_certificate_that_it_is_given(string form)
    {
        using var certificate = Make("first");
        var options = Write(certificate, form);
        await using var gateway = await GatewayProcess.StartAsync(_data.In("history"), [.. options, "--api-key", "ci=secret"]);
        using var web = new WebClient(gateway, "secret", "https");
        Assert.Equal(201, (await web.PublishAsync("ops", "over tls")).Status);
        Assert.Equal(certificate.Thumbprint, await ThumbprintAsync(gateway));
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{gateway.Port}/ws"), default);
        await socket.SendAsync("{\"type\":\"login\",\"username\":\"ana\"}"u8.ToArray(), WebSocketMessageType.Text, true, default);
        await socket.SendAsync("{\"type\":\"join\",\"room\":\"ops\",\"history\":5}"u8.ToArray(), WebSocketMessageType.Text, true, default);
        var (buffer, text) = (new byte[64 * 1024], "");
        while (!text.Contains("over tls", StringComparison.Ordinal))
            text += System.Text.Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, new CancellationTokenSource(Patience.Limit).Token)).Count);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }

    [Fact]
    public async Task Should_warn_of_a_certificate_that_is_out_of_date_soon_and_of_no_other()
    {
        using var shortLived = Make("short");
        await using (var gateway = await GatewayProcess.StartAsync(_data.In("history"), Write(shortLived, "pem")))
            await gateway.PrintedAsync(line => line.Contains($"The certificate of --certificate is out of date from {shortLived.NotAfter.ToUniversalTime():u}", StringComparison.Ordinal), "a warning");
        using var longLived = Make("long", days: 5);
        await using (var gateway = await GatewayProcess.StartAsync(_data.In("history"), Write(longLived, "pem")))
        {
            await gateway.PrintedAsync(line => line.Contains("Listening on", StringComparison.Ordinal), "that it listens");
            Assert.DoesNotContain("out of date", gateway.Output);
        }
    }

    [Fact]
    public async Task Should_take_up_a_renewed_certificate_and_keep_the_old_one_where_the_new_one_is_none()
    {
        using var first = Make("first");
        using var second = Make("second");
        await using var gateway = await GatewayProcess.StartAsync(_data.In("history"), Write(first, "pem"));
        File.WriteAllText(_data.In("cert.pem"), "no certificate");
        await gateway.PrintedAsync(line => line.Contains("The renewed certificate isn't used", StringComparison.Ordinal), "that the new one is none");
        Assert.Equal(first.Thumbprint, await ThumbprintAsync(gateway));
        // Half renewed, as may be seen while it is put in place.
        File.WriteAllText(_data.In("cert.pem"), second.ExportCertificatePem());
        await gateway.PrintedAsync(line => line.Contains("isn't used", StringComparison.Ordinal) && line.Contains("does not match", StringComparison.Ordinal), "that key and certificate don't match");
        Assert.Equal(first.Thumbprint, await ThumbprintAsync(gateway));
        Write(second, "pem");
        await Patience.UntilAsync(async () => await ThumbprintAsync(gateway) == second.Thumbprint, "the renewed certificate");
    }

    public void Dispose() => _data.Dispose();

    private static X509Certificate2 Make(string name, int days = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(days));
    }

    private string[] Write(X509Certificate2 certificate, string form)
    {
        var (pem, key) = (certificate.ExportCertificatePem(), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        switch (form)
        {
            case "pem":
                File.WriteAllText(_data.In("key.pem"), key);
                File.WriteAllText(_data.In("cert.pem"), pem);
                return ["--certificate", _data.In("cert.pem"), "--certificate-key", _data.In("key.pem")];
            case "pem with its key":
                File.WriteAllText(_data.In("both.pem"), pem + "\n" + key);
                return ["--certificate", _data.In("both.pem")];
            default:
                File.WriteAllBytes(_data.In("cert.pfx"), certificate.Export(X509ContentType.Pfx));
                return ["--certificate", _data.In("cert.pfx")];
        }
    }

    private static async Task<string> ThumbprintAsync(GatewayProcess gateway)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", gateway.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }
}
