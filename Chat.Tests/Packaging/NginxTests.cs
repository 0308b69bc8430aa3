using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Web;
using Xunit;
using WebClient = Chat.Tests.EndToEnd.Web.WebClient;

namespace Chat.Tests.Packaging;

/// <summary>The gateway behind nginx, as the shipped site has it.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private const string Secret = "s3cret";

    private readonly TempFolder _data = new();
    private GatewayProcess _gateway = null!;
    private Nginx? _nginx;

    public async Task InitializeAsync()
    {
        if (ProgramFactAttribute.Find("nginx") is null)
            return;
        _gateway = await GatewayProcess.StartAsync(
            _data.Path, "--trusted-proxies", "127.0.0.1", "--public-url", $"https://{Nginx.Site}", "--api-key", $"ci={Secret}", "--max-connections-per-address", "1");
        _nginx = await Nginx.StartAsync(_gateway);
    }

    public async Task DisposeAsync()
    {
        if (_nginx is not null)
            await _nginx.DisposeAsync();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        _data.Dispose();
    }

    [ProgramFact("nginx", "nginx")]
    public async Task Should_pass_the_page_the_api_websockets_and_events()
    {
        using var direct = new WebClient(_gateway);
        using var visitor = _nginx!.Visitor();
        foreach (var path in new[] { "/", "/openapi.json", "/api/rooms" })
        {
            var (own, passed) = (await direct.GetAsync(path), await GetAsync(visitor, path));
            Assert.Equal((own.Status, own.Text), ((int)passed.StatusCode, await passed.Content.ReadAsStringAsync()));
        }

        // A listener holds the only place of its address.
        using var listener = _nginx.Visitor("127.0.0.2");
        var answer = await GetAsync(listener, "/api/rooms/ops/events");
        using var events = new WebStream(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()), () => _gateway.Report);
        await events.BeginAsync();
        using var socket = await ConnectAsync(visitor, ("Origin", $"https://{Nginx.Site}"));
        await SendAsync(socket, """{"type":"login","username":"ana"}""");
        await SendAsync(socket, """{"type":"join","room":"ops"}""");
        await SendAsync(socket, """{"type":"publish","room":"ops","message":"from the socket","id":"1"}""");
        await ReadUntilAsync(socket, "\"ack\"");
        Assert.Contains("from the socket", (await events.NextAsync())!.Data);
        using var publish = new HttpRequestMessage(HttpMethod.Post, $"https://{Nginx.Site}/api/rooms/ops/messages")
        {
            Content = WebClient.Json("""{"message":"from a script"}"""),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Secret) },
        };
        Assert.Equal(HttpStatusCode.Created, (await visitor.SendAsync(publish, default)).StatusCode);
        Assert.Contains("from a script", (await events.NextAsync())!.Data);
        await ReadUntilAsync(socket, "from a script");
    }

    [ProgramFact("nginx", "nginx")]
    public async Task Should_count_who_nginx_sees_whatever_a_client_says_of_itself()
    {
        using var visitor = _nginx!.Visitor();
        using var first = await ConnectAsync(visitor);
        foreach (var claim in new[] { "203.0.113.9", "127.0.0.1, 203.0.113.9", "::1", "unknown" })
            Assert.Equal(HttpStatusCode.TooManyRequests, await RefusalAsync(visitor, ("X-Forwarded-For", claim)));
        using var other = _nginx.Visitor("127.0.0.2");
        using var second = await ConnectAsync(other, ("X-Forwarded-For", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await RefusalAsync(other));
        // A page of anybody else's.
        using var third = _nginx.Visitor("127.0.0.3");
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(third, ("Origin", "https://evil.example")));
    }

    [ProgramFact("nginx", "nginx")]
    public async Task Should_keep_metrics_and_health_to_itself_and_send_everybody_to_tls()
    {
        using var direct = new WebClient(_gateway);
        using var visitor = _nginx!.Visitor();
        foreach (var path in new[] { "/metrics", "/metrics/", "/METRICS/", "/%6detrics", "//metrics", "/x/../metrics", "/health/live", "/health/ready", "/Health/ready" })
        {
            var answer = await GetAsync(visitor, path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.StartsWith("nginx", answer.Headers.Server.ToString());
            Assert.Contains("nginx", await answer.Content.ReadAsStringAsync());
        }
        foreach (var path in new[] { "/metrics", "/health/live" })
            Assert.Equal(200, (await direct.GetAsync(path)).Status);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{Nginx.Site}/a?b=c");
        var moved = await visitor.SendAsync(request, default);
        Assert.Equal((HttpStatusCode.MovedPermanently, $"https://{Nginx.Site}/a?b=c"), (moved.StatusCode, moved.Headers.Location!.ToString()));
    }

    // As it is written, which a Uri otherwise puts in order.
    private static Task<HttpResponseMessage> GetAsync(HttpMessageInvoker visitor, string path) => visitor.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{Nginx.Site}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })), default);

    private static async Task<ClientWebSocket> ConnectAsync(HttpMessageInvoker visitor, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        foreach (var (name, value) in headers)
            socket.Options.SetRequestHeader(name, value);
        await Patience.OfAsync(socket.ConnectAsync(new Uri($"wss://{Nginx.Site}/ws"), visitor, default), "a connection", () => $"HTTP {socket.HttpStatusCode}");
        return socket;
    }

    private static async Task<HttpStatusCode> RefusalAsync(HttpMessageInvoker visitor, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{Nginx.Site}/ws");
        foreach (var (name, value) in new[] { ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") }.Concat(headers))
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await visitor.SendAsync(request, default);
        return answer.StatusCode;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    private async Task ReadUntilAsync(ClientWebSocket socket, string part)
    {
        var (buffer, text) = (new byte[64 * 1024], new StringBuilder());
        while (!text.ToString().Contains(part, StringComparison.Ordinal))
        {
            var received = await Patience.OfAsync(socket.ReceiveAsync(buffer, default), part, () => $"{text}\n{_gateway.Report}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
    }
}
