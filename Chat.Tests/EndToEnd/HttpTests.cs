using System.Net;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class HttpTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Should_tell_a_browser_that_comes_without_an_upgrade_what_to_do()
    {
        using var http = new HttpClient { Timeout = Patience.Limit };
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{chat.Gateway.Port}/ws"));
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("websocket", answer.Headers.Upgrade.ToString());
        Assert.Contains("/ws", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/ws/deeper")]
    [InlineData("/appsettings.json")]
    [InlineData("/../appsettings.json")]
    public async Task Should_find_nothing_elsewhere(string path)
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway, path);
        Assert.Equal(404, wire.Status);
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost", 101)]
    [InlineData("LOCALHOST", 101)]
    [InlineData("127.0.0.1", 101)]
    [InlineData("127.1.2.3", 101)]
    [InlineData("[::1]", 101)]
    public async Task Should_refuse_pages_whose_hosts_name_was_made_to_lead_here(string host, int status)
    {
        using var wire = await RawWire.UpgradeAsync(
            chat.Gateway, headers: $"Origin: http://{host}:{chat.Gateway.Port}\r\n", host: host);
        Assert.Equal(status, wire.Status);
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://127.0.0.1:1", 403)]
    [InlineData("http://127.0.0.1", 403)]
    [InlineData("ws://127.0.0.1:{port}", 403)]
    [InlineData("http://127.0.0.1:{port}.evil.example", 403)]
    [InlineData("", 403)]
    [InlineData("http://127.0.0.1:{port}", 101)]
    [InlineData("https://127.0.0.1:{port}", 101)]
    public async Task Should_let_in_pages_of_its_own_origin_alone(string origin, int status)
    {
        foreach (var path in new[] { "/ws", "/" })
        {
            using var wire = await RawWire.UpgradeAsync(
                chat.Gateway, path, $"Origin: {origin.Replace("{port}", chat.Gateway.Port.ToString())}\r\n");
            Assert.Equal(status, wire.Status);
        }
    }

    [Fact]
    public async Task Should_let_in_pages_of_origins_that_are_allowed()
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(
            data.Path, "--allowed-origins", "https://chat.example.org, null,http://localhost:3000");
        foreach (var (origin, status) in new[]
        {
            ("https://chat.example.org", 101), ("HTTPS://Chat.Example.org", 101), ("null", 101), ("http://localhost:3000", 101),
            ("http://chat.example.org", 403), ("https://chat.example.org.evil.example", 403), ("http://localhost", 403),
        })
        {
            using var wire = await RawWire.UpgradeAsync(gateway, headers: $"Origin: {origin}\r\n");
            Assert.True(status == wire.Status, $"{origin}: {wire.Status}");
        }
        using var two = await RawWire.UpgradeAsync(gateway, headers: "Origin: null\r\nOrigin: https://evil.example\r\n");
        Assert.NotEqual(101, two.Status);
    }
}
