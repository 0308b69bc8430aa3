using System.Text.Json.Nodes;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

public sealed class EventStreamTests : IAsyncLifetime
{
    private const string Secret = "s3cret";

    private readonly TempFolder _data = new();
    private GatewayProcess _gateway = null!;
    private WebClient _web = null!;

    public async Task InitializeAsync()
    {
        _gateway = await StartAsync();
        _web = new WebClient(_gateway, Secret);
    }

    public async Task DisposeAsync()
    {
        _web.Dispose();
        await _gateway.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Should_give_each_message_as_it_is_on_the_wire_from_the_next_on()
    {
        await PublishAsync("before");
        using var listener = new WebClient(_gateway);
        using var stream = await listener.FollowAsync("general");
        var epoch = (await stream.BeginAsync()).Split(':')[0];
        Assert.Equal($"{epoch}:1", stream.LastId);
        await using var ana = await RawChat.ConnectAsync(_gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await ana.PublishAsync("general", "grüße\nan alle");
        var seen = await stream.NextAsync();
        Assert.Equal((await ana.EverAsync(frame => frame.Type == "message", "it")).Text, seen!.Data);
        Assert.Equal(("message", $"{epoch}:2"), (seen.Name, seen.Id));
        // It is nobody's member.
        await ana.SendAsync("who", ("room", "general"), ("id", "w"));
        Assert.Equal(1, (await ana.AnswerAsync("w")).Number("online"));
        Assert.Equal(1_000, stream.Retry);
    }

    [Fact]
    public async Task Should_resume_without_a_gap_and_without_a_duplicate_also_over_a_restart()
    {
        using var first = await new WebClient(_gateway).FollowAsync("general");
        await first.BeginAsync();
        for (var i = 1; i <= 3; i++)
            await PublishAsync($"m{i}");
        for (var i = 1; i <= 3; i++)
            Assert.Equal(i, Seq(await first.NextAsync()));
        for (var i = 4; i <= 200; i++)
            await PublishAsync($"m{i}");
        await _gateway.KillAsync();
        _gateway = await StartAsync();
        using var listener = new WebClient(_gateway);
        using var second = await listener.FollowAsync("general", first.LastId);
        for (var i = 4; i <= 200; i++)
            Assert.Equal(i, Seq(await second.NextAsync()));
        using var bot = new WebClient(_gateway, Secret);
        Assert.Equal(201, (await bot.PublishAsync("general", "m201")).Status);
        Assert.Equal(201, Seq(await second.NextAsync()));
    }

    [Fact]
    public async Task Should_begin_at_the_first_message_of_a_room_that_is_not_there_yet()
    {
        using var listener = new WebClient(_gateway);
        using var stream = await listener.FollowAsync("later");
        await stream.BeginAsync();
        Assert.Equal(201, (await _web.PublishAsync("later", "m1")).Status);
        Assert.Equal(1, Seq(await stream.NextAsync()));
        // What nobody is in isn't in the list for being listened to.
        using var other = await new WebClient(_gateway).FollowAsync("nowhere");
        await other.BeginAsync();
        Assert.DoesNotContain("nowhere", (await _web.GetAsync("/api/rooms")).Text);
    }

    [Theory]
    [InlineData("0123456789abcdef:1")]
    [InlineData("{epoch}:4")]
    public async Task Should_tell_a_gap_where_the_place_is_none_of_this_log(string id)
    {
        for (var i = 1; i <= 3; i++)
            await PublishAsync($"m{i}");
        using var listener = new WebClient(_gateway);
        using var first = await listener.FollowAsync("general");
        var epoch = (await first.BeginAsync()).Split(':')[0];
        using var other = new WebClient(_gateway);
        using var stream = await other.FollowAsync("general", id.Replace("{epoch}", epoch));
        var gap = await stream.NextAsync();
        Assert.Equal(("gap", epoch), (gap!.Name, JsonNode.Parse(gap.Data)!["epoch"]!.ToString()));
        for (var i = 1; i <= 3; i++)
            Assert.Equal(i, Seq(await stream.NextAsync()));
    }

    [Fact]
    public async Task Should_take_the_place_before_the_first_message_of_any_log()
    {
        await PublishAsync("m1");
        using var listener = new WebClient(_gateway);
        using var stream = await listener.FollowAsync("general", ":0");
        Assert.Equal(1, Seq(await stream.NextAsync()));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("a:b")]
    [InlineData("a:-1")]
    [InlineData("a:1:2")]
    [InlineData(":99999999999999999999")]
    public async Task Should_refuse_an_id_that_is_none(string id) =>
        Assert.Equal("bad_request", (await _web.GetAsync("/api/rooms/general/events", ("Last-Event-ID", id))).Problem(400));

    [Fact]
    public async Task Should_refuse_two_ids() =>
        (await _web.GetAsync("/api/rooms/general/events", ("Last-Event-ID", "a:1"), ("Last-Event-ID", "a:2"))).Problem(400);

    [Fact]
    public async Task Should_end_the_stream_when_the_server_goes_away_and_say_when_to_come_back()
    {
        using var listener = new WebClient(_gateway);
        using var stream = await listener.FollowAsync("general");
        await stream.BeginAsync();
        _gateway.Terminate();
        Assert.Null(await stream.NextAsync());
        Assert.InRange(stream.Retry!.Value, 1_000, 2_000);
        Assert.Equal(0, await _gateway.ExitAsync());
    }

    private Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(_data.Path, "--api-key", $"bot={Secret}", "--publish-rate", "0");

    private async Task PublishAsync(string text) => Assert.Equal(201, (await _web.PublishAsync("general", text)).Status);

    private static int Seq(WebEvent? e) => (int)JsonNode.Parse(e!.Data)!["seq"]!;
}
