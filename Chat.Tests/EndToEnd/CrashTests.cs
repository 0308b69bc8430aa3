using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class CrashTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_keep_what_was_acked_when_killed_right_after_it()
    {
        string epoch;
        await using (var gateway = await StartAsync())
        {
            await using var ana = await RawChat.ConnectAsync(gateway);
            await ana.LoginAsync("ana");
            epoch = (await ana.JoinAsync("general"))["epoch"]!;
            for (var i = 1; i <= 3; i++)
                await ana.PublishAsync("general", $"message {i}", $"m{i}");
            await gateway.KillAsync();
            Assert.Null(await ana.ClosedAsync());
        }
        await using (var gateway = await StartAsync())
        {
            await using var ana = await RawChat.ConnectAsync(gateway);
            // Sessions end with the process: the name is free, and the old session is unknown.
            Assert.False((await ana.LoginAsync("ana", new string('a', 32))).Flag("resumed"));
            var page = await ana.JoinAsync("general", since: 0);
            Assert.Equal(["message 1", "message 2", "message 3"], page.Messages.Select(message => message["message"]));
            Assert.Equal(epoch, page["epoch"]);
            Assert.False(page.Has("gap"));
            var again = await ana.PublishAsync("general", "message 2", "m2");
            Assert.True(again.Flag("duplicate"));
            Assert.Equal(2, again.Number("seq"));
            await ana.SendAsync("publish", ("room", "general"), ("message", "another text"), ("id", "m3"));
            await ana.RefusalAsync("m3", "id_conflict");
            Assert.Equal(4, (await ana.PublishAsync("general", "message 4", "m4")).Number("seq"));
            await ana.SendAsync("rooms", ("id", "r"));
            Assert.Equal(["general"], (await ana.AnswerAsync("r")).Texts("rooms"));
        }
    }

    [Fact]
    public async Task Should_have_everything_that_anybody_saw_once_and_in_order_after_kills_in_the_middle()
    {
        const int Kills = 3, Senders = 3, Each = 400;
        var seen = new SortedDictionary<long, string>();
        var acked = new Dictionary<string, long>();
        for (var round = 0; round < Kills; round++)
        {
            await using var gateway = await StartAsync();
            await using var reader = await RawChat.ConnectAsync(gateway);
            await reader.LoginAsync("reader");
            await reader.JoinAsync("general", since: 0);
            var senders = new List<RawChat>();
            for (var s = 0; s < Senders; s++)
            {
                var sender = await RawChat.ConnectAsync(gateway);
                await sender.LoginAsync($"sender{s}");
                await sender.JoinAsync("general");
                senders.Add(sender);
            }
            var sending = senders.Select((sender, s) => SendUntilGoneAsync(sender, round, s)).ToArray();
            await reader.EverAsync(_ => reader.Frames.Count(frame => frame.Type == "message") >= (round + 1) * 100, "messages to be killed amid");
            await gateway.KillAsync();
            await Task.WhenAll(sending);
            foreach (var client in senders.Append(reader))
            {
                await client.ClosedAsync();
                foreach (var message in client.Frames.Where(frame => frame.Type == "message"))
                    AssertSame(message);
                foreach (var ack in client.Frames.Where(frame => frame.Type == "ack"))
                    acked[$"{client.User}/{ack.Id}"] = ack.Number("seq");
                await client.DisposeAsync();
            }
        }

        await using var last = await StartAsync();
        // Whoever got no ack sends again, under the same id.
        var again = Enumerable.Range(0, Senders).Select(async s =>
        {
            await using var sender = await RawChat.ConnectAsync(last);
            await sender.LoginAsync($"sender{s}");
            await sender.JoinAsync("general", history: 0);
            for (var i = 0; i < Each; i++)
                await sender.SendAsync("publish", ("room", "general"), ("message", $"0-{s}-{i}"), ("id", $"m0-{i}"));
            await sender.EverAsync(frame => frame.Type == "ack" && frame.Id == $"m0-{Each - 1}", "the last ack");
            foreach (var ack in sender.Frames.Where(frame => frame.Type == "ack"))
            {
                if (acked.TryGetValue($"{sender.User}/{ack.Id}", out var seq))
                    Assert.Equal((seq, true), (ack.Number("seq"), ack.Flag("duplicate")));
            }
        });
        await Task.WhenAll(again);

        await using var checker = await RawChat.ConnectAsync(last);
        await checker.LoginAsync("checker");
        await checker.JoinAsync("general", since: 0);
        var pages = checker.Frames.Where(frame => frame.Type == "history").ToArray();
        Assert.DoesNotContain(pages, page => page.Has("gap"));
        var log = pages.SelectMany(page => page.Messages).ToArray();
        Assert.Equal(Enumerable.Range(1, log.Length).Select(seq => (long)seq), log.Select(message => message.Number("seq")));
        foreach (var message in log)
            AssertSame(message);
        Assert.True(seen.Keys.Max() <= log.Length);
        var ids = log.Select(message => $"{message["user"]}/{message.Id}").ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        foreach (var (id, seq) in acked)
            Assert.Equal(id, ids[seq - 1]);
        Assert.Equal(Senders * Each, ids.Count(id => id.Contains("/m0-", StringComparison.Ordinal)));

        void AssertSame(Frame message)
        {
            if (!seen.TryAdd(message.Number("seq"), message.Text))
                Assert.Equal(seen[message.Number("seq")], message.Text);
        }

        static async Task SendUntilGoneAsync(RawChat sender, int round, int s)
        {
            try
            {
                for (var i = 0; i < Each; i++)
                    await sender.SendAsync("publish", ("room", "general"), ("message", $"{round}-{s}-{i}"), ("id", $"m{round}-{i}"));
            }
            catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or ObjectDisposedException or IOException or OperationCanceledException)
            {
                // Killed, as it is meant to be.
            }
        }
    }

    [Fact]
    public async Task Should_end_in_order_when_told_to_and_lose_nothing()
    {
        const int Messages = 300;
        await using var old = await StartAsync();
        await using var ana = await RawChat.ConnectAsync(old);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await using var nameless = await RawChat.ConnectAsync(old);
        await using var original = await RawChat.ConnectAsync(old, "/");
        await original.LoginAsync("original");
        using var deaf = await RawWire.UpgradeAsync(old);
        for (var i = 0; i < Messages; i++)
            await ana.SendAsync("publish", ("room", "general"), ("message", $"{i}"), ("id", $"m{i}"));
        old.Terminate();

        foreach (var client in new[] { ana, nameless, original })
        {
            var shutdown = await client.ExpectAsync(frame => frame.IsSystem("shutdown"), "the shutdown");
            Assert.InRange(shutdown.Number("reconnectIn"), 1, 60_000);
            Assert.NotEmpty(shutdown["message"]!);
            Assert.True(shutdown.Has("timestamp"));
            Assert.Equal(1001, await client.ClosedAsync());
        }
        Assert.Equal(0, await old.ExitAsync());
        Assert.Empty(old.Errors);

        await using var next = await StartAsync();
        await using var back = await RawChat.ConnectAsync(next);
        Assert.False((await back.LoginAsync("ana", ana.Session)).Flag("resumed"));
        await back.JoinAsync("general", since: 0);
        var kept = back.Frames.Where(frame => frame.Type == "history").SelectMany(page => page.Messages).ToArray();
        foreach (var ack in ana.Frames.Where(frame => frame.Type == "ack"))
            Assert.Equal(ack.Id, kept[(int)ack.Number("seq") - 1].Id);
        for (var i = 0; i < Messages; i++)
            await back.SendAsync("publish", ("room", "general"), ("message", $"{i}"), ("id", $"m{i}"));
        await back.EverAsync(frame => frame.Type == "ack" && frame.Id == $"m{Messages - 1}", "the last ack");
        await back.CatchUpAsync("general");
        var live = back.Frames.Where(frame => frame.Type == "message").SkipLast(1);
        Assert.Equal(
            Enumerable.Range(0, Messages).Select(i => $"{i}"), kept.Concat(live).OrderBy(message => message.Number("seq")).Select(message => message["message"]));
    }

    public void Dispose() => _data.Dispose();

    private Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(_data.Path, "--publish-rate", "0", "--frame-rate", "0");
}
