using System.Globalization;
using System.Net;
using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

public sealed class MetricsTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_tell_what_passes_in_the_form_of_prometheus()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--publish-rate", "1");
        using var web = new WebClient(gateway);
        await using var ana = await RawChat.ConnectAsync(gateway);
        await using var bob = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await bob.LoginAsync("bob");
        await ana.JoinAsync("general");
        await bob.JoinAsync("general");
        await ana.PublishAsync("general", "one");
        await ana.PublishAsync("general", "two");
        await bob.ExpectAsync(frame => frame.IsMessage("general", "two"), "the message");
        await ana.SendAsync("publish", ("room", "general"), ("message", "three"), ("id", "3"));
        await ana.RefusalAsync("3", "rate_limited");
        await Patience.UntilAsync(async () => await ValueAsync("chat_publish_delivered_duration_seconds_count") == 2, "both to be delivered");
        (await web.SendAsync(HttpMethod.Put, "/metrics")).Problem(405);
        Assert.Equal(2, await ValueAsync("chat_connections"));
        Assert.Equal(2, await ValueAsync("chat_sessions"));
        Assert.Equal(1, await ValueAsync("chat_rooms"));
        Assert.Equal(2, await ValueAsync("chat_messages_published_total"));
        Assert.Equal(4, await ValueAsync("chat_messages_delivered_total"));
        Assert.Equal(2, await ValueAsync("chat_publish_stored_duration_seconds_count"));
        Assert.Equal(1, await ValueAsync("chat_refusals_total", "reason=\"rate_limited\""));
        Assert.InRange(await ValueAsync("chat_batch_messages_count"), 1, 2);
        Assert.True(await ValueAsync("chat_received_bytes_total") > 100);
        Assert.True(await ValueAsync("chat_sent_bytes_total") > 100);
        Assert.Equal(0, await ValueAsync("chat_outbox_bytes"));
        Assert.Equal(0, await ValueAsync("chat_readers_behind"));
        foreach (var actor in new[] { "users", "rooms", "room", "relays", "relay", "connections", "connection" })
            Assert.InRange(await ValueAsync("chat_mailbox_messages", $"actor=\"{actor}\""), 0, 10);
        await ana.SendAsync("{\"type\":\"logout\"}");
        await ana.ClosedAsync();
        await Patience.UntilAsync(async () => await ValueAsync("chat_connections") == 1 && await ValueAsync("chat_sessions") == 1, "one to be left");

        async Task<double> ValueAsync(string name, string label = "")
        {
            var text = (await web.GetAsync("/metrics")).Text;
            var line = text.Split('\n').SingleOrDefault(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal));
            return line is null ? -1 : double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task Should_not_be_there_where_it_is_off()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--metrics", "off");
        using var web = new WebClient(gateway);
        (await web.GetAsync("/metrics")).Problem(404);
    }

    [Fact]
    public async Task Should_send_metrics_and_spans_to_where_the_standard_variables_say()
    {
        using var collector = new HttpListener();
        var port = FreePort();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--data", _data.Path)
        {
            Environment = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                ["OTEL_SERVICE_NAME"] = "our-chat",
            },
        });
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await ana.PublishAsync("general", "traced", "traced-1");
        var wanted = new HashSet<string> { "/v1/metrics chat.messages.published", "/v1/metrics our-chat", "/v1/traces publish", "/v1/traces traced-1", "/v1/traces stored" };
        await Patience.OfAsync(ReceiveAsync(), "all of it", () => string.Join(", ", wanted) + gateway.Report);

        async Task ReceiveAsync()
        {
            while (wanted.Count > 0)
            {
                var context = await collector.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                var text = Encoding.Latin1.GetString(body.ToArray());
                wanted.RemoveWhere(want => want.Split(' ') is [var path, var part] && context.Request.Url!.AbsolutePath == path && text.Contains(part, StringComparison.Ordinal));
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose() => _data.Dispose();
}
