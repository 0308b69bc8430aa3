using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

/// <summary>Servers that ask for an access token, or speak TLS.</summary>
public sealed class ClosedServerTests : IDisposable
{
    private const string Token = "open-sesame";

    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_come_in_with_the_token_alone_and_say_how_to_give_it()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--access-token", Token);
        var server = $"127.0.0.1:{gateway.Port}";
        Assert.Equal(
            (1, "", "chat: This server asks for an access token. Send it as the login's \"token\". --token or CHAT_TOKEN gives it.\n"),
            await RunAsync(server, [], "send", "--room", "ops", "hello"));
        var (code, output, errors) = await RunAsync(server, [("CHAT_TOKEN", "wrong")], "rooms");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("chat: That isn't this server's access token.", errors);
        Assert.Equal((0, "", ""), await RunAsync(server, [], "send", "--room", "ops", "--token", Token, "hello"));
        Assert.Equal(0, (await RunAsync(server, [("CHAT_TOKEN", Token)], "history", "--room", "ops")).ExitCode);
        Assert.DoesNotContain(Token, gateway.Output);
    }

    [Fact]
    public async Task Should_speak_tls_with_a_server_whose_certificate_is_trusted_and_say_why_it_does_not_with_another()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_data.In("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_data.In("key.pem"), key.ExportPkcs8PrivateKeyPem());
        await using var gateway = await GatewayProcess.StartAsync(
            _data.In("history"), "--certificate", _data.In("cert.pem"), "--certificate-key", _data.In("key.pem"));

        Assert.Equal((0, "", ""), await RunAsync(
            $"wss://localhost:{gateway.Port}/ws", [("SSL_CERT_FILE", _data.In("cert.pem"))], "send", "--room", "ops", "over tls"));
        var (code, _, errors) = await RunAsync($"wss://localhost:{gateway.Port}/ws", [], "rooms");
        Assert.Equal(3, code);
        Assert.Contains("certificate", errors);
        Assert.Equal(3, (await RunAsync($"ws://localhost:{gateway.Port}/ws", [], "rooms")).ExitCode);
    }

    public void Dispose() => _data.Dispose();

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string server, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = ChatProgram.Start(server, ChatProgram.Command[0], [ChatProgram.Command[1], .. arguments]);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = System.Diagnostics.Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Patience.OfAsync(process.WaitForExitAsync(), "the chat's end", () => "");
        return (process.ExitCode, await output, await errors);
    }
}
