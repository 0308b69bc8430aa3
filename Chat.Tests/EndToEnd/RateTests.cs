using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class RateTests
{
    [Fact]
    public async Task Should_refuse_a_publish_too_many_and_take_it_after_the_wait_that_it_names()
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path, "--publish-rate", "0.2");
        await using var ana = await RawChat.ConnectAsync(gateway);
        await using var ben = await RawChat.ConnectAsync(gateway);
        var limits = (await ana.LoginAsync("ana")).Json.GetProperty("limits");
        Assert.Equal(0.2, limits.GetProperty("publishRate").GetDouble());
        Assert.Equal(1, limits.GetProperty("publishBurst").GetInt32());
        await ben.LoginAsync("ben");
        await ana.JoinAsync("general");
        await ben.JoinAsync("general");

        // One behind the other, so that however slow the machine is, no place comes free between them.
        await ana.SendAsync("publish", ("room", "general"), ("message", "one"), ("id", "one"));
        await ana.SendAsync("publish", ("room", "general"), ("message", "two"), ("id", "two"));
        await ana.EverAsync(frame => frame.Id == "one" && frame.Type == "ack", "the ack of the first");
        await ana.EverAsync(frame => frame.Id == "two", "the answer to the second");
        var refusal = ana.Frames.Single(frame => frame.Id == "two");
        Assert.Equal("rate_limited", refusal["code"]);
        Assert.Equal("general", refusal["room"]);
        Assert.InRange(refusal.Number("retryAfter"), 1, 5000);
        // Others have their own, and what is no publish isn't counted.
        await ben.PublishAsync("general", "ben's");
        await ana.PongAsync();

        await Task.Delay(TimeSpan.FromMilliseconds(refusal.Number("retryAfter")));
        Assert.Equal(3, (await ana.PublishAsync("general", "two", "two")).Number("seq"));
    }

    [Fact]
    public async Task Should_refuse_reads_past_their_rate_and_go_on()
    {
        const int Batch = 200;
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path);
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        string[] reads = ["""{"type":"rooms","id":"r"}""", """{"type":"who","room":"general","id":"r"}""", """{"type":"history","room":"general","id":"r"}"""];
        for (var i = 0; i < Batch; i++)
            await ana.SendAsync(reads[i % reads.Length]);
        await ana.EverAsync(frame => ana.Frames.Count(f => f.Id == "r") >= Batch - 1, "the answers");
        await ana.PongAsync();
        Assert.Equal(Batch, ana.Frames.Count(frame => frame.Id == "r"));
        Assert.InRange(ana.Frames.Count(frame => frame.Id == "r" && frame.Type != "error"), 20, Batch - 1);
        var refusals = ana.Frames.Where(frame => frame.Type == "error").ToArray();
        Assert.All(refusals, refusal => Assert.Equal("rate_limited", refusal["code"]));
        Assert.All(refusals, refusal => Assert.InRange(refusal.Number("retryAfter"), 1, 1000));
    }
}
