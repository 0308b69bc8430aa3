using System.Net.Sockets;
using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

/// <summary>Who is let in, how many, and how fast. Tests come from loopback, which has no limit; clients of other addresses are a trusted proxy's.</summary>
public sealed class EdgeTests : IDisposable
{
    private readonly TempFolder _data = new();

    private static bool Is(Frame frame, string name) => (frame.Json.TryGetProperty("event", out var e) ? e.GetString() : frame.Type) == name;

    private static string From(string address) => $"X-Forwarded-For: {address}\r\n";

    private Task<GatewayProcess> StartAsync(params string[] options) => GatewayProcess.StartAsync(_data.Path, options);

    [Fact]
    public async Task Should_refuse_an_address_that_has_as_many_connections_as_it_may()
    {
        await using var gateway = await StartAsync("--max-connections-per-address", "2", "--trusted-proxies", "127.0.0.1");
        using var first = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        using var second = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        using (var third = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1")))
            Assert.Equal(429, third.Status);
        // What a client says itself is nothing: the proxy adds the last.
        using (var liar = await RawWire.UpgradeAsync(gateway, headers: From("198.51.100.7, 192.0.2.1")))
            Assert.Equal(429, liar.Status);
        using var other = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.2"));
        Assert.Equal([101, 101, 101], new[] { first.Status, second.Status, other.Status });
        // What is no address is nobody's of this machine.
        using (var vague = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1, unknown")))
        using (var vaguer = await RawWire.UpgradeAsync(gateway, headers: From("unknown")))
        using (var vaguest = await RawWire.UpgradeAsync(gateway, headers: From("unknown")))
            Assert.Equal([101, 101, 429], new[] { vague.Status, vaguer.Status, vaguest.Status });
        // One that it gives back is taken again, once its end is noticed.
        first.Dispose();
        await Patience.UntilAsync(async () =>
        {
            using var again = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
            return again.Status == 101;
        }, "a place for another");
        await Patience.UntilAsync(() => Task.FromResult(gateway.Output.Contains("refused: max-connections-per-address")), "a line about those refused");
    }

    [Fact]
    public async Task Should_ignore_what_somebody_says_of_the_address_who_is_no_trusted_proxy()
    {
        await using var gateway = await StartAsync("--max-connections-per-address", "1", "--trusted-proxies", "192.0.2.9, 10.0.0.0/8");
        using var first = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        using var second = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        Assert.Equal([101, 101], new[] { first.Status, second.Status });
    }

    [Fact]
    public async Task Should_believe_no_forwarded_address_when_the_environment_would_have_the_framework_believe_all()
    {
        // Else the client, on loopback and without limits, would be another's address, with one place.
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--data", _data.Path, "--max-connections-per-address", "1")
        {
            Environment = new Dictionary<string, string> { ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true" },
        });
        using var first = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        using var second = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        Assert.Equal([101, 101], new[] { first.Status, second.Status });
    }

    [Fact]
    public async Task Should_refuse_an_address_that_connects_too_fast_and_say_when_to_come_back()
    {
        await using var gateway = await StartAsync("--connect-rate", "0.1", "--trusted-proxies", "localhost");
        using (var first = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1")))
            Assert.Equal(101, first.Status);
        using var second = await RawWire.UpgradeAsync(gateway, headers: From("192.0.2.1"));
        Assert.Equal(429, second.Status);
        Assert.InRange(int.Parse(second.Response.Split("Retry-After: ")[1].Split("\r\n")[0]), 1, 10);
    }

    [Fact]
    public async Task Should_refuse_everybody_when_it_has_as_many_connections_as_it_takes_and_serve_those()
    {
        await using var gateway = await StartAsync("--max-connections", "1");
        using var first = await RawWire.UpgradeAsync(gateway);
        using (var second = await RawWire.UpgradeAsync(gateway))
        {
            Assert.Equal(503, second.Status);
            Assert.Contains("Retry-After: ", second.Response);
        }
        await first.SendAsync("""{"type":"ping"}""");
        await first.ExpectAsync(frame => frame.Type == "pong", "the pong");
    }

    [Fact]
    public async Task Should_give_back_a_place_once_when_its_connection_was_reset()
    {
        await using var gateway = await StartAsync("--max-connections", "1");
        for (var i = 0; i < 3; i++)
        {
            using var wire = await PlaceAsync();
            await wire.SendAsync(RawWire.Text, "half a message"u8.ToArray(), isFinal: false);
            wire.Reset();
        }
        using var last = await PlaceAsync();
        using var another = await RawWire.UpgradeAsync(gateway);
        Assert.Equal(503, another.Status);

        async Task<RawWire> PlaceAsync()
        {
            RawWire? wire = null;
            await Patience.UntilAsync(async () =>
            {
                wire?.Dispose();
                return (wire = await RawWire.UpgradeAsync(gateway)).Status == 101;
            }, "the place");
            return wire!;
        }
    }

    [Fact]
    public async Task Should_count_what_all_connections_of_an_address_do()
    {
        await using var gateway = await StartAsync("--address-factor", "1", "--login-rate", "0.1", "--trusted-proxies", "127.0.0.1");
        using var ana = await LoginAsync(gateway, "192.0.2.1", "ana");
        using var ben = await LoginAsync(gateway, "192.0.2.1", "ben", isRefused: true);
        using var eve = await LoginAsync(gateway, "192.0.2.2", "eve");
    }

    private static async Task<RawWire> LoginAsync(GatewayProcess gateway, string address, string user, bool isRefused = false)
    {
        var wire = await RawWire.UpgradeAsync(gateway, headers: From(address));
        await wire.SendAsync($$"""{"type":"login","username":"{{user}}","id":"l"}""");
        var frame = await wire.ExpectAsync(frame => frame.Id == "l", "the answer to the login");
        Assert.Equal(isRefused, frame.Type == "error");
        if (isRefused)
        {
            Assert.Equal(ErrorCodes.RateLimited, frame["code"]);
            Assert.InRange(frame.Number("retryAfter"), 1, 10_000);
        }
        return wire;
    }

    [Fact]
    public async Task Should_close_one_that_does_not_log_in_in_time()
    {
        await using var gateway = await StartAsync("--login-seconds", "1");
        using var silent = await RawWire.UpgradeAsync(gateway);
        using var busy = await RawWire.UpgradeAsync(gateway);
        await busy.SendAsync("""{"type":"ping"}""");
        await busy.SendAsync("""{"type":"login","username":"not a name"}""");
        Assert.Equal(CloseCodes.Policy, await silent.ClosedAsync());
        Assert.Equal(CloseCodes.Policy, await busy.ClosedAsync());
    }

    [Fact]
    public async Task Should_let_one_take_its_time_to_shake_hands_when_there_is_no_limit()
    {
        await using var patient = await GatewayProcess.StartAsync(_data.Path, "--handshake-seconds", "0");
        using var slow = await RawWire.ConnectAsync(patient);
        await slow.WriteAsync("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n"u8.ToArray());
        using (var other = new TempFolder())
        await using (var gateway = await GatewayProcess.StartAsync(other.Path, "--handshake-seconds", "3"))
        {
            using var silent = await RawWire.ConnectAsync(gateway);
            await silent.ReadToEndAsync();
        }
        await slow.WriteAsync("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"u8.ToArray());
        await slow.ReadHeadAsync();
        Assert.Equal(101, slow.Status);
    }

    [Fact]
    public async Task Should_let_one_take_its_time_to_log_in_when_there_is_no_limit()
    {
        await using var patient = await GatewayProcess.StartAsync(_data.Path, "--login-seconds", "0");
        using var slow = await RawWire.UpgradeAsync(patient);
        using (var other = new TempFolder())
        await using (var gateway = await GatewayProcess.StartAsync(other.Path))
        {
            using var silent = await RawWire.UpgradeAsync(gateway);
            Assert.Equal(CloseCodes.Policy, await silent.ClosedAsync());
        }
        await slow.SendAsync("""{"type":"ping"}""");
        await slow.ExpectAsync(frame => frame.Type == "pong", "the pong");
    }

    [Fact]
    public async Task Should_ping_the_silent_as_soon_as_the_option_says()
    {
        await using var gateway = await StartAsync("--ping-seconds", "2", "--login-seconds", "0");
        using var wire = await RawWire.UpgradeAsync(gateway);
        Assert.Equal(RawWire.Ping, (await wire.ReadFrameAsync())?.Opcode);
    }

    [Fact]
    public async Task Should_end_one_that_takes_nothing_as_soon_as_the_option_says()
    {
        await using var gateway = await StartAsync("--ping-seconds", "2", "--dead-seconds", "5", "--grace-seconds", "0", "--publish-rate", "0", "--frame-rate", "0");
        using var ana = await RawWire.UpgradeAsync(gateway);
        using var deaf = await RawWire.UpgradeAsync(gateway, receiveBuffer: 4096);
        foreach (var (wire, name) in new[] { (ana, "ana"), (deaf, "deaf") })
        {
            await wire.SendAsync($$"""{"type":"login","username":"{{name}}"}""");
            await wire.SendAsync("""{"type":"join","room":"general"}""");
            await wire.ExpectAsync(frame => frame.Type == "history", "the room");
        }
        await ana.ExpectAsync(frame => Is(frame, "joined") && frame.Json.GetProperty("user").GetString() == "deaf", "the other");
        var text = new string('x', 4_000);
        var hasLeft = false;
        bool IsItsEnd(Frame frame)
        {
            var isIt = Is(frame, "left") && frame.Json.GetProperty("user").GetString() == "deaf";
            hasLeft |= isIt;
            return isIt;
        }
        for (var i = 0; i < 2_500 && !hasLeft; i++)
        {
            await ana.SendAsync($$"""{"type":"publish","room":"general","id":"m{{i}}","message":"{{text}}"}""");
            await ana.ExpectAsync(frame => !IsItsEnd(frame) && Is(frame, "ack"), "the ack");
        }
        if (!hasLeft)
            await ana.ExpectAsync(IsItsEnd, "its end");
    }

    [Fact]
    public async Task Should_hold_a_connection_to_the_limits_that_the_options_say()
    {
        await using var gateway = await StartAsync(
            "--max-message-characters", "3", "--max-rooms-per-session", "1", "--max-malformed", "2", "--max-unanswered", "5", "--grace-seconds", "7");
        using var wire = await RawWire.UpgradeAsync(gateway);
        await wire.SendAsync("""{"type":"login","username":"ana","id":"1"}""");
        var welcome = await wire.ExpectAsync(frame => Is(frame, "welcome"), "the welcome");
        var limits = welcome.Json.GetProperty("limits");
        Assert.Equal(
            (3, 1, 5, 7_000),
            (limits.GetProperty("messageCharacters").GetInt32(), limits.GetProperty("rooms").GetInt32(), limits.GetProperty("unansweredRequests").GetInt32(), limits.GetProperty("grace").GetInt32()));
        await wire.SendAsync("""{"type":"join","room":"one","id":"2"}""");
        await wire.SendAsync("""{"type":"join","room":"two","id":"3"}""");
        Assert.Equal("3", (await wire.ExpectAsync(frame => Is(frame, "error"), "the refusal")).Id);
        await wire.SendAsync("""{"type":"publish","room":"one","message":"four","id":"4"}""");
        Assert.Equal("4", (await wire.ExpectAsync(frame => Is(frame, "error"), "the refusal")).Id);
        await wire.SendAsync("{");
        await wire.SendAsync("{");
        Assert.Equal(CloseCodes.Policy, await wire.ClosedAsync());
    }

    [Fact]
    public async Task Should_carry_out_what_came_ahead_of_a_close_and_the_end_of_the_connection()
    {
        await using var gateway = await StartAsync();
        for (var i = 1; i <= 20; i++)
        {
            using var wire = await RawWire.UpgradeAsync(gateway);
            await wire.SendAsync("""{"type":"login","username":"ana"}""");
            await wire.SendAsync("""{"type":"join","room":"general"}""");
            await wire.ExpectAsync(frame => Is(frame, "history"), "the room");
            byte[] last = [
                .. RawWire.Encode(RawWire.Text, """{"type":"publish","room":"general","message":"one"}"""u8),
                .. RawWire.Encode(RawWire.Text, """{"type":"publish","room":"general","message":"two"}"""u8),
                .. RawWire.Encode(RawWire.Close, [0x03, 0xE8])];
            await wire.WriteAsync(last);
            wire.EndWriting();
            await wire.ReadToEndAsync();
            using var after = await RawWire.UpgradeAsync(gateway);
            await after.SendAsync($$"""{"type":"login","username":"ben{{i}}"}""");
            // It was closed before they were stored.
            await Patience.UntilAsync(async () =>
            {
                await after.SendAsync("""{"type":"history","room":"general","limit":1}""");
                return (await after.ExpectAsync(frame => frame.Type == "history", "a page")).Number("last") == 2 * i;
            }, "both messages");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: chat\r\n")]
    public async Task Should_close_one_that_does_not_end_its_handshake_in_time(string begun)
    {
        await using var gateway = await StartAsync("--handshake-seconds", "1");
        using var wire = await RawWire.ConnectAsync(gateway);
        await wire.WriteAsync(System.Text.Encoding.ASCII.GetBytes(begun));
        await wire.ReadToEndAsync();
    }

    [Fact]
    public async Task Should_close_with_1009_when_a_message_is_larger_than_the_option_says()
    {
        await using var gateway = await StartAsync("--max-message-bytes", "1024");
        using var wire = await RawWire.UpgradeAsync(gateway);
        await wire.SendAsync($$"""{"type":"ping","x":"{{new string('x', 900)}}"}""");
        await wire.ExpectAsync(frame => frame.Type == "pong", "the pong");
        await wire.SendAsync(new string('x', 1_025));
        Assert.Equal(CloseCodes.TooLarge, await wire.ClosedAsync());
    }

    [Fact]
    public async Task Should_refuse_rooms_past_the_most_that_one_may_make()
    {
        await using var gateway = await StartAsync("--max-rooms-per-user", "1");
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await ana.SendAsync("join", ("room", "lobby"), ("id", "second"));
        await ana.RefusalAsync("second", ErrorCodes.TooManyRooms);
    }

    // Everything that a process opens is a file: past the limit nothing could be accepted, nor stored.
    [Fact]
    public async Task Should_refuse_and_serve_on_when_more_come_than_the_system_lets_it_open_and_take_others_when_they_have_gone()
    {
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--data", _data.Path) { OpenFiles = 400 });
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        var wires = new List<RawWire>();
        try
        {
            do
                wires.Add(await RawWire.UpgradeAsync(gateway));
            while (wires.Count < 400 && wires[^1].Status == 101);
            Assert.Equal(503, wires[^1].Status);
            await ana.PublishAsync("general", "while it is full");
            await ana.JoinAsync("another");
        }
        finally
        {
            wires.ForEach(wire => wire.Dispose());
        }
        await Patience.UntilAsync(() => IsTakenAsync(gateway), "a place for another");
        await ana.PublishAsync("another", "when it is not");
    }

    [Fact]
    public async Task Should_serve_on_when_a_thousand_never_end_their_handshake()
    {
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--data", _data.Path) { OpenFiles = 400 });
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        var wires = new List<RawWire>();
        try
        {
            for (var i = 0; i < 1_000; i++)
            {
                // Closed unread, once there are too many.
                if (await UnlessClosedAsync(RawWire.ConnectAsync(gateway)) is { } wire)
                    wires.Add(wire);
            }
            // Accepted faster than closed, they may use up the files for a moment: then it says so, and stores what is sent again.
            for (var i = 0; i < 10; i++)
                await Patience.UntilAsync(() => IsStoredAsync(ana, $"m{i}"), "an ack");
        }
        finally
        {
            wires.ForEach(wire => wire.Dispose());
        }
        await Patience.UntilAsync(() => IsTakenAsync(gateway), "a place for another");
    }

    private static async Task<bool> IsStoredAsync(RawChat ana, string id)
    {
        try
        {
            await ana.SendAsync("publish", ("room", "general"), ("message", "still there"), ("id", id));
        }
        catch (System.Net.WebSockets.WebSocketException e)
        {
            throw new Xunit.Sdk.XunitException($"{e.Message}\n{ana.Report}");
        }
        var answer = await ana.AnswerAsync(id);
        Assert.True(answer.Type == "ack" || answer["code"] is ErrorCodes.StorageUnavailable or ErrorCodes.RateLimited, answer.ToString());
        return answer.Type == "ack";
    }

    private static async Task<bool> IsTakenAsync(GatewayProcess gateway)
    {
        using var wire = await UnlessClosedAsync(RawWire.UpgradeAsync(gateway));
        return wire?.Status == 101;
    }

    private static async Task<RawWire?> UnlessClosedAsync(Task<RawWire> connecting)
    {
        try
        {
            return await connecting;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }

    public void Dispose() => _data.Dispose();
}
