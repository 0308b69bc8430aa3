using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

/// <summary>Whether it is ready, and how it ends: told ahead, with nothing lost.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_not_be_ready_while_a_log_can_not_be_written_and_be_again_by_itself()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path);
        using var web = new WebClient(gateway);
        Assert.Equal(200, (await web.GetAsync("/health/ready")).Status);
        // A file where the room's folder should be.
        File.WriteAllText(_data.In("general"), "");
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await ana.SendAsync("publish", ("room", "general"), ("message", "x"), ("id", "p"));
        await ana.RefusalAsync("p", "storage_unavailable");
        // An answer is up to 250 ms old.
        await Patience.UntilAsync(async () => (await web.GetAsync("/health/ready")).Status == 503, "that it isn't ready");
        Assert.Equal(200, (await web.GetAsync("/health/live")).Status);
        File.Delete(_data.In("general"));
        await Patience.UntilAsync(async () =>
        {
            await ana.SendAsync("publish", ("room", "general"), ("message", "x"), ("id", "p"));
            return (await ana.AnswerAsync("p")).Type == "ack";
        }, "the log");
        await Patience.UntilAsync(async () => (await web.GetAsync("/health/ready")).Status == 200, "that it is ready again");
    }

    [Fact]
    public async Task Should_drain_before_it_ends()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--drain-seconds", "3", "--api-key", "ci=secret");
        using var web = new WebClient(gateway, "secret");
        var clients = new List<RawChat>();
        for (var i = 0; i < 8; i++)
        {
            clients.Add(await RawChat.ConnectAsync(gateway));
            await clients[i].LoginAsync($"user-{i}");
            await clients[i].JoinAsync("general");
        }
        await clients[0].PublishAsync("general", "before");
        gateway.Terminate();
        await Patience.UntilAsync(async () => (await web.GetAsync("/health/ready")).Status == 503, "that it isn't ready");
        Assert.Equal(200, (await web.GetAsync("/health/live")).Status);
        Assert.Equal("busy", (await web.PublishAsync("general", "x")).Problem(503));
        using (var wire = await RawWire.UpgradeAsync(gateway))
            Assert.Equal(503, wire.Status);
        // A browser's EventSource would never come back after a refusal.
        using (var listener = new WebClient(gateway))
        using (var stream = await listener.FollowAsync("general"))
        {
            Assert.Null(await stream.NextAsync());
            Assert.InRange(stream.Retry!.Value, 3_000, 5_000);
        }

        foreach (var client in clients)
        {
            var shutdown = await client.ExpectAsync(frame => frame.IsSystem("shutdown"), "that the server goes away");
            // Not before all are gone.
            Assert.InRange(shutdown.Number("reconnectIn"), 500, 3_000 + 1_500);
            Assert.Equal(1001, await client.ClosedAsync());
        }
        Assert.Equal(0, await gateway.ExitAsync());
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Should_refuse_what_is_published_while_it_drains_and_keep_all_that_was_acked()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--drain-seconds", "2", "--publish-rate", "0");
        await using var first = await RawChat.ConnectAsync(gateway);
        await using var last = await RawChat.ConnectAsync(gateway);
        foreach (var client in new[] { first, last })
        {
            await client.LoginAsync(client == first ? "ana" : "bob");
            await client.JoinAsync("general");
        }
        var (acked, refused) = (new List<string>(), false);
        for (var i = 0; !refused; i++)
        {
            if (i == 20)
                gateway.Terminate();
            var id = $"m-{i}";
            await last.SendAsync("publish", ("room", "general"), ("message", $"m{i}"), ("id", id));
            var answer = await last.ExpectAsync(frame => frame.Id == id && frame.Type is "ack" or "error" || frame.IsSystem("shutdown"), "an answer");
            if (answer.Type == "ack")
                acked.Add(id);
            else
                refused = answer["code"] == "busy" || answer.IsSystem("shutdown");
        }
        Assert.Equal(0, await gateway.ExitAsync());
        await using var next = await GatewayProcess.StartAsync(_data.Path);
        using var web = new WebClient(next);
        var stored = (await web.GetAsync("/api/rooms/general/messages?limit=100")).Json["messages"]!.AsArray().Select(message => message!["id"]!.ToString()).ToArray();
        Assert.NotEmpty(acked);
        Assert.Equal(acked, stored.Take(acked.Count));
        // One may have been stored whose ack was overtaken by the end: its publisher sends it again.
        Assert.InRange(stored.Length, acked.Count, acked.Count + 1);
    }

    [Fact]
    public async Task Should_end_at_once_at_the_second_signal()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path, "--drain-seconds", "600");
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await using var bob = await RawChat.ConnectAsync(gateway);
        await bob.LoginAsync("bob");
        gateway.Terminate();
        await gateway.PrintedAsync(line => line.Contains("Stopping:", StringComparison.Ordinal), "that it drains");
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitAsync());
    }

    public void Dispose() => _data.Dispose();
}
