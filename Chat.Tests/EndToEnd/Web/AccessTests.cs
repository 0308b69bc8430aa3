using System.Text.Json.Nodes;
using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

/// <summary>Who may come in: by the host that a request names, by a page's origin, and by a token.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly TempFolder _data = new();

    public static TheoryData<string, (string Host, int Status)[]> Hosts => new()
    {
        {
            "127.0.0.1",
            [
                ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil.example", 403), ("10.1.2.3", 403), ("www.chat.example.org", 403),
                ("localhost", 200), ("127.0.0.1", 200), ("[::1]", 200), ("chat.example.org", 200), ("CHAT.example.org", 200),
            ]
        },
        { "*", [("10.1.2.3", 200), ("localhost", 200), ("chat.example.org", 200), ("evil.example", 403)] },
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Should_answer_to_its_own_names_alone(string listen, (string Host, int Status)[] hosts)
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--host", listen, "--public-url", "https://chat.example.org,http://localhost:3000", "--read-rate", "0");
        using var web = new WebClient(gateway);
        foreach (var (host, status) in hosts)
        {
            foreach (var path in new[] { "/", "/api/rooms", "/metrics", "/openapi.json" })
            {
                var answer = await web.GetAsync(path, ("Host", host));
                Assert.True(answer.Status == status, $"{host}{path}: {answer.Status}");
                if (status == 403)
                {
                    Assert.Equal("host_refused", answer.Problem(403));
                    Assert.Contains("--public-url", answer.Text);
                }
            }
            // What an orchestrator asks tells nothing.
            Assert.Equal(200, (await web.GetAsync("/health/live", ("Host", host))).Status);
            using var wire = await RawWire.UpgradeAsync(gateway, host: host);
            Assert.Equal(status == 200 ? 101 : 403, wire.Status);
        }
    }

    [Fact]
    public async Task Should_take_pages_of_its_public_address_and_of_origins_that_are_allowed_and_no_others()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            _data.Path, "--public-url", "https://chat.example.org", "--allowed-origins", "https://app.example.org", "--api-key", "ci=secret");
        using var web = new WebClient(gateway, "secret");
        foreach (var (origin, status) in new[] { ("https://chat.example.org", 200), ("https://app.example.org", 200), ("https://evil.example", 403), ("null", 403) })
        {
            var answer = await web.GetAsync("/api/rooms", ("Origin", origin));
            Assert.True(answer.Status == status, $"{origin}: {answer.Status}");
            using var wire = await RawWire.UpgradeAsync(gateway, headers: $"Origin: {origin}\r\n");
            Assert.Equal(status == 200 ? 101 : 403, wire.Status);
        }
        var asked = await web.SendAsync(
            HttpMethod.Options, "/api/rooms/ops/messages", null, ("Origin", "https://app.example.org"), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"));
        Assert.Equal((204, "https://app.example.org"), (asked.Status, asked.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        var stranger = await web.SendAsync(
            HttpMethod.Options, "/api/rooms/ops/messages", null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_let_in_only_who_knows_the_access_token(bool fromFile)
    {
        const string Token = "open-sesame";
        File.WriteAllText(_data.In("token"), $"# ours\n{Token}\n");
        await using var gateway = await GatewayProcess.StartAsync(
            _data.In("history"), fromFile ? ["--access-token-file", _data.In("token"), "--api-key", "ci=secret"] : ["--access-token", Token, "--api-key", "ci=secret"]);

        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.SendAsync("login", ("username", "ana"), ("id", "1"));
        await ana.RefusalAsync("1", "bad_token");
        await ana.SendAsync("login", ("username", "ana"), ("token", "open"), ("id", "2"));
        await ana.RefusalAsync("2", "bad_token");
        await ana.SendAsync("login", ("username", "ana"), ("token", Token), ("id", "3"));
        Assert.True((await ana.AnswerAsync("3")).IsSystem("welcome"));

        using var anybody = new WebClient(gateway);
        foreach (var path in new[] { "/api/rooms", "/api/rooms/ops/messages", "/api/rooms/ops/events", "/metrics", "/metrics/", "/METRICS/" })
            Assert.Equal("bad_token", (await anybody.GetAsync(path)).Problem(401));
        // The page asks for it.
        foreach (var path in new[] { "/", "/health/live", "/health/ready", "/openapi.json" })
            Assert.Equal(200, (await anybody.GetAsync(path)).Status);
        foreach (var secret in new[] { Token, "secret" })
        {
            using var known = new WebClient(gateway, secret);
            Assert.Equal(200, (await known.GetAsync("/api/rooms")).Status);
            Assert.Equal(200, (await known.GetAsync("/metrics")).Status);
            Assert.Equal(secret == Token ? 401 : 201, (await known.PublishAsync("ops", "x")).Status);
        }
        Assert.DoesNotContain(Token, gateway.Output);
    }

    [Fact]
    public async Task Should_take_keys_from_the_environment_a_file_and_the_settings()
    {
        File.WriteAllText(_data.In("keys"), "# of the scripts\n\n c = three \n");
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--data", _data.In("history"), "--api-keys-file", _data.In("keys"))
        {
            Environment = new Dictionary<string, string> { ["CHAT_API_KEYS"] = "a=one,b=two=2" },
        });
        foreach (var (secret, status) in new[] { ("one", 201), ("two=2", 201), ("three", 201), ("four", 401) })
        {
            using var web = new WebClient(gateway, secret);
            Assert.Equal(status, (await web.PublishAsync("ops", secret)).Status);
        }
    }

    public static TheoryData<string[], string> Faults => new()
    {
        { ["--api-key", "nobody"], "--api-key: what it says is not allowed" },
        { ["--api-key", "=secret"], "--api-key: what it says is not allowed" },
        { ["--api-key", "ci="], "--api-key: what it says is not allowed" },
        { ["--api-key", "c i=secret"], "--api-key: what it says is not allowed" },
        { ["--api-key", "ci=a", "--api-key", "CI=b"], "--api-key: what it says is not allowed" },
        { ["--api-keys-file", "{folder}/none"], "--api-keys-file: {folder}/none can't be read" },
        { ["--api-keys-file", "{folder}/keys", "--api-key", "ci=x"], "--api-keys-file: {folder}/keys: a name is there twice" },
        { ["--api-keys-file", "{folder}/bad"], "--api-keys-file: {folder}/bad: the key number 2 is none" },
        { ["--access-token", "with space"], "--access-token: what it says is not allowed" },
        { ["--access-token-file", "{folder}/none"], "--access-token-file: {folder}/none can't be read" },
        { ["--access-token-file", "{folder}/bad"], "--access-token-file: {folder}/bad must have one line" },
        { ["--access-token-file", "{folder}/keys", "--access-token", "x"], "--access-token-file: {folder}/keys would be a second access token" },
        { ["--public-url", "chat.example.org"], "--public-url: \"chat.example.org\" is not allowed" },
        { ["--public-url", "null"], "--public-url: \"null\" is not allowed" },
        { ["--certificate", "{folder}/none"], "--certificate: {folder}/none can't be used" },
        { ["--certificate", "{folder}/keys"], "--certificate: {folder}/keys can't be used" },
        { ["--certificate-key", "{folder}/keys"], "--certificate-key: {folder}/keys is of no use" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Should_say_at_the_start_what_is_wrong_with_a_key_a_file_or_an_address(string[] options, string line)
    {
        File.WriteAllText(_data.In("keys"), "ci=secret\n");
        File.WriteAllText(_data.In("bad"), "a=1\nb\n");
        var (code, gateway) = await GatewayProcess.RunAsync(
            new GatewaySetup(["--port", "0", "--data", _data.In("history"), .. options.Select(option => option.Replace("{folder}", _data.Path))]));
        await using var ended = gateway;
        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith(line.Replace("{folder}", _data.Path), Assert.Single(gateway.Errors));
        Assert.DoesNotContain("with space", gateway.Output);
    }

    public void Dispose() => _data.Dispose();
}
