using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

public sealed class RoomsApiTests : IAsyncLifetime
{
    private const string Secret = "s3cret-of-ci";

    private readonly TempFolder _data = new();
    private GatewayProcess _gateway = null!;
    private WebClient _reader = null!;
    private WebClient _bot = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayProcess.StartAsync(_data.Path, "--api-key", $"ci={Secret}", "--api-key", "Deploy=other", "--max-message-bytes", "20000");
        (_reader, _bot) = (new WebClient(_gateway), new WebClient(_gateway, Secret));
    }

    public async Task DisposeAsync()
    {
        _reader.Dispose();
        _bot.Dispose();
        await _gateway.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Should_list_the_rooms_with_how_many_are_in_each()
    {
        Assert.Empty((await _reader.GetAsync("/api/rooms")).Json["rooms"]!.AsArray());
        await using var ana = await EnterAsync("ana", "general");
        await Patience.UntilAsync(async () => (await _reader.GetAsync("/api/rooms")).Text == """{"rooms":[{"room":"general","online":1}]}""", "the room in the list");
    }

    [Fact]
    public async Task Should_publish_as_the_keys_user_to_everybody_without_joining()
    {
        await using var ana = await EnterAsync("ana", "ops");
        var answer = await _bot.PublishAsync("Ops", "deployed", "d-1");
        Assert.Equal(201, answer.Status);
        Assert.Equal(("ack", "d-1", "ops", 1), (answer.Json["type"]!.ToString(), answer.Json["id"]!.ToString(), answer.Json["room"]!.ToString(), (int)answer.Json["seq"]!));
        var message = await ana.ExpectAsync("message");
        Assert.Equal(("ci", "deployed", "d-1"), (message["user"], message["message"], message["id"]));
        Assert.Equal(message["timestamp"], answer.Json["timestamp"]!.ToString());
        Assert.DoesNotContain(ana.Frames, frame => frame.IsSystem("joined"));
        Assert.Equal(message.Text, (await _reader.GetAsync(answer.Headers.Location!.ToString())).Json["messages"]!.AsArray().Single()!.ToJsonString());
    }

    [Fact]
    public async Task Should_make_the_room_that_is_not_there_yet()
    {
        Assert.Equal(201, (await _bot.PublishAsync("alerts", "fire")).Status);
        await Patience.UntilAsync(async () => (await _reader.GetAsync("/api/rooms")).Text.Contains("\"alerts\",\"online\":0", StringComparison.Ordinal), "the room in the list");
        await using var ana = await RawChat.ConnectAsync(_gateway);
        await ana.LoginAsync("ana");
        Assert.Contains("fire", (await ana.JoinAsync("alerts")).Text);
    }

    [Fact]
    public async Task Should_store_once_under_one_key_also_over_a_restart()
    {
        var first = await _bot.PublishAsync("ops", "once", "key-1");
        var again = await _bot.PublishAsync("ops", "once", "\"key-1\"");
        Assert.Equal((201, 200, first.Text), (first.Status, again.Status, again.Text));
        Assert.Equal("id_conflict", (await _bot.PublishAsync("ops", "other", "key-1")).Problem(409));
        await _gateway.KillAsync();
        await using var next = await GatewayProcess.StartAsync(_data.Path, "--api-key", $"ci={Secret}");
        using var bot = new WebClient(next, Secret);
        var later = await bot.PublishAsync("ops", "once", "key-1");
        Assert.Equal((200, first.Text), (later.Status, later.Text));
        Assert.Equal(1, (int)(await bot.GetAsync("/api/rooms/ops/messages")).Json["last"]!);
    }

    [Fact]
    public async Task Should_read_pages_as_history_events()
    {
        for (var i = 1; i <= 4; i++)
            Assert.Equal(201, (await _bot.PublishAsync("ops", $"m{i}")).Status);
        Assert.Equal("1 2 3 4", await SeqsAsync(""));
        Assert.Equal("… 3 4", await SeqsAsync("?limit=2"));
        Assert.Equal("1 2", await SeqsAsync("?before=3&limit=2"));
        Assert.Equal("… 4", await SeqsAsync("?after=3"));
        Assert.Equal("", await SeqsAsync("?before=1"));
        var empty = await _reader.GetAsync("/api/rooms/never/messages");
        Assert.Equal((200, "history", 0), (empty.Status, empty.Json["type"]!.ToString(), (int)empty.Json["last"]!));
        Assert.DoesNotContain("never", (await _reader.GetAsync("/api/rooms")).Text);

        async Task<string> SeqsAsync(string query)
        {
            var page = (await _reader.GetAsync("/api/rooms/ops/messages" + query)).Json;
            return ((bool)page["more"]! ? "… " : "") + string.Join(' ', page["messages"]!.AsArray().Select(message => (int)message!["seq"]!));
        }
    }

    [Theory]
    [InlineData("?before=x", "bad_request")]
    [InlineData("?before=-1", "bad_request")]
    [InlineData("?after=99999999999999999999", "bad_request")]
    [InlineData("?before=1&after=1", "bad_request")]
    [InlineData("?before=1&before=2", "bad_request")]
    [InlineData("?limit=0", "bad_request")]
    [InlineData("?limit=101", "bad_request")]
    [InlineData("?limit=", "bad_request")]
    public async Task Should_say_which_parameter_of_a_page_is_wrong(string query, string code) =>
        Assert.Equal(code, (await _reader.GetAsync("/api/rooms/ops/messages" + query)).Problem(400));

    [Theory]
    [InlineData("messages")]
    [InlineData("events")]
    public async Task Should_say_that_a_rooms_name_is_none(string what) =>
        Assert.Equal("bad_room", (await _reader.GetAsync($"/api/rooms/%20no%20/{what}")).Problem(400));

    [Theory]
    [InlineData("", 400, "bad_json")]
    [InlineData("{", 400, "bad_json")]
    [InlineData("[]", 400, "bad_request")]
    [InlineData("{}", 400, "bad_request")]
    [InlineData("{\"message\":1}", 400, "bad_request")]
    [InlineData("{\"message\":\"\"}", 400, "empty_message")]
    [InlineData("{\"message\":\" \\n \"}", 400, "empty_message")]
    [InlineData("{\"message\":\"\\ud800\"}", 400, "bad_json")]
    [InlineData("{\"message\":[[[[[[[[[[1]]]]]]]]]]}", 400, "bad_json")]
    public async Task Should_say_what_is_wrong_with_a_body(string body, int status, string code) =>
        Assert.Equal(code, (await _bot.PostAsync("ops", WebClient.Json(body))).Problem(status));

    [Fact]
    public async Task Should_refuse_what_is_too_long_not_json_or_has_a_key_that_is_none()
    {
        Assert.Equal("message_too_long", (await _bot.PublishAsync("ops", new string('x', 4_001))).Problem(413));
        (await _bot.PostAsync("ops", WebClient.Json($"{{\"message\":\"{new string('x', 30_000)}\"}}"))).Problem(413);
        Assert.Equal("bad_request", (await _bot.PostAsync("ops", new StringContent("{\"message\":\"x\"}", Encoding.UTF8, "text/plain"))).Problem(415));
        Assert.Equal("bad_request", (await _bot.PublishAsync("ops", "x", "no key")).Problem(400));
        Assert.Equal("bad_request", (await _bot.PostAsync("ops", WebClient.Json("{\"message\":\"x\"}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b"))).Problem(400));
        Assert.Equal("bad_json", (await _bot.PostAsync("ops", new ByteArrayContent([.. "{\"message\":\""u8, 0xFF, .. "\"}"u8]) { Headers = { ContentType = new("application/json") } })).Problem(400));
        Assert.Equal(0, (int)(await _reader.GetAsync("/api/rooms/ops/messages")).Json["last"]!);
    }

    [Fact]
    public async Task Should_let_nobody_publish_without_a_key_nor_with_a_wrong_one()
    {
        var answer = await _reader.PublishAsync("ops", "x");
        Assert.Equal("bad_token", answer.Problem(401));
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        foreach (var wrong in new[] { "other2", Secret + "x", Secret[..^1], "ci", "ci=" + Secret })
        {
            using var guesser = new WebClient(_gateway, wrong);
            Assert.Equal("bad_token", (await guesser.PublishAsync("ops", "x")).Problem(401));
        }
        using var deploy = new WebClient(_gateway, "other");
        Assert.Equal(201, (await deploy.PublishAsync("ops", "x")).Status);
        Assert.Equal("Deploy", (await _reader.GetAsync("/api/rooms/ops/messages")).Json["messages"]![0]!["user"]!.ToString());
        Assert.DoesNotContain(Secret, _gateway.Output);
    }

    [Fact]
    public async Task Should_leave_other_schemes_to_whom_they_are_for()
    {
        Assert.Equal(200, (await _reader.GetAsync("/api/rooms", ("Authorization", "Basic YTpi"))).Status);
        Assert.Equal("bad_token", (await _reader.PostAsync("ops", WebClient.Json("{\"message\":\"x\"}"), ("Authorization", "Basic YTpi"))).Problem(401));
    }

    [Fact]
    public async Task Should_slow_down_whoever_guesses()
    {
        using var guesser = new WebClient(_gateway, "wrong");
        for (var i = 0; i < 10; i++)
            (await guesser.GetAsync("/api/rooms")).Problem(401);
        await Patience.UntilAsync(async () => (await guesser.GetAsync("/api/rooms")).Status == 429, "a refusal of more guesses");
    }

    [Fact]
    public async Task Should_keep_a_keys_name_for_it()
    {
        await using var thief = await RawChat.ConnectAsync(_gateway);
        await thief.SendAsync("login", ("username", "CI"), ("id", "l"));
        await thief.RefusalAsync("l", "name_taken");
    }

    [Fact]
    public async Task Should_hold_a_key_to_the_rate_of_a_connection_and_say_when_to_come_back()
    {
        var answers = new List<WebAnswer>();
        for (var i = 0; i < 60 && answers.All(answer => answer.Status == 201); i++)
            answers.Add(await _bot.PublishAsync("ops", $"m{i}"));
        var refused = answers[^1];
        Assert.Equal("rate_limited", refused.Problem(429));
        Assert.InRange((int)refused.Json["retryAfter"]!, 1, 1_000);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.InRange(answers.Count, 21, 59);
    }

    [Fact]
    public async Task Should_hold_a_connection_to_its_reads()
    {
        for (var i = 0; i < 200; i++)
        {
            var answer = await _reader.GetAsync("/api/rooms");
            if (answer.Status != 200)
            {
                Assert.Equal("rate_limited", answer.Problem(429));
                return;
            }
        }
        Assert.Fail("200 reads at once were let pass.");
    }

    [Fact]
    public async Task Should_hold_a_proxys_visitors_to_their_reads_each_by_itself()
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path, "--trusted-proxies", "127.0.0.1", "--read-rate", "5", "--address-factor", "1");
        // All on one connection.
        using var proxy = new WebClient(gateway);
        for (var i = 0; i < 30; i++)
            Assert.Equal(200, (await proxy.GetAsync("/api/rooms", ("X-Forwarded-For", $"10.0.0.{i}"))).Status);
        for (var i = 0; i < 100; i++)
        {
            if ((await proxy.GetAsync("/api/rooms", ("X-Forwarded-For", "10.0.1.1"))).Status == 429)
                return;
        }
        Assert.Fail("100 reads of one address were let pass.");
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/api", 404)]
    [InlineData("GET", "/api/rooms/ops", 404)]
    [InlineData("DELETE", "/api/rooms", 405)]
    [InlineData("PUT", "/api/rooms/ops/messages", 405)]
    [InlineData("POST", "/", 405)]
    public async Task Should_say_so_where_there_is_nothing_to_ask(string method, string path, int status) =>
        (await _reader.SendAsync(new HttpMethod(method), path)).Problem(status);

    [Fact]
    public async Task Should_tell_how_publishing_is_turned_on()
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path);
        using var anybody = new WebClient(gateway, Secret);
        var answer = await anybody.PublishAsync("ops", "x");
        Assert.Equal("publishing_off", answer.Problem(403));
        Assert.Contains("--api-key", answer.Text);
    }

    [Fact]
    public async Task Should_describe_itself_and_serve_every_path_that_it_describes()
    {
        var document = (await _reader.GetAsync("/openapi.json")).Json;
        Assert.StartsWith("3.1", document["openapi"]!.ToString());
        Assert.DoesNotContain("{{", document["info"]!["version"]!.ToString());
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject().Where(entry => entry.Key is "get" or "post"))
            {
                using var request = new HttpClient { Timeout = Patience.Limit };
                using var message = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), _reader.Address(path.Replace("{room}", "described")));
                message.Headers.Authorization = new("Bearer", Secret);
                if (method == "post")
                    message.Content = WebClient.Json("{\"message\":\"described\"}");
                using var answer = await request.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
                var described = operation!["responses"]![((int)answer.StatusCode).ToString()];
                // A single gateway says that it is none.
                Assert.True((answer.IsSuccessStatusCode || path == "/api/cluster") && described is not null, $"{method} {path}: {answer.StatusCode}");
                if (described["content"] is { } content)
                    Assert.Equal(content.AsObject().Single().Key, answer.Content.Headers.ContentType!.MediaType);
            }
        }
    }

    private async Task<RawChat> EnterAsync(string user, string room)
    {
        var client = await RawChat.ConnectAsync(_gateway);
        await client.LoginAsync(user);
        await client.JoinAsync(room);
        return client;
    }
}
