using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Section 4: the opening handshake. Whose pages may connect (section 10.2) is in <see cref="HttpTests"/>.</summary>
public sealed class HandshakeTests(GatewayFixture chat) : ConformanceTests(chat)
{
    private static readonly OpeningHandshake Right = new();

    /// <summary>What a handshake may look like.</summary>
    public static TheoryData<string, string> Good => new()
    {
        { "4.1: as it should be", $"{Right}" },
        { "4.2.1: header names in lower case", $"{Right.InCaseOf(name => name.ToLowerInvariant())}" },
        { "4.2.1: header names in upper case", $"{Right.InCaseOf(name => name.ToUpperInvariant())}" },
        { "4.2.1: Upgrade in any case", $"{Right.With("Upgrade", "WebSocket")}" },
        { "4.2.1: Connection in any case", $"{Right.With("Connection", "UPGRADE")}" },
        { "4.2.1: Connection with more tokens", $"{Right.With("Connection", "keep-alive, Upgrade")}" },
        { "4.2.1: Connection in several lines", $"{Right.With("Connection", "keep-alive", "Upgrade")}" },
        { "4.2.1: Upgrade with more tokens", $"{Right.With("Upgrade", "irc/6.9, websocket")}" },
        { "4.2.1: headers that it doesn't know", $"{Right.With("X-Anything", "goes")}" },
        { "4.2.1: cookies", $"{Right.With("Cookie", "a=b; c=d")}" },
        { "9.1: an extension that it doesn't speak", $"{Right.With("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")}" },
        { "4.2.1: a query", $"{Right with { Line = "GET /ws?a=b HTTP/1.1" }}" },
        { "3: the original's path", $"{Right with { Line = "GET / HTTP/1.1" }}" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public async Task Should_accept_a_handshake_and_speak_no_extension__4_2_2(string rule, string head)
    {
        using var wire = await SendAsync(head);
        await wire.ReadHeadAsync();
        Assert.True(wire.Status == 101, $"{rule}: {wire.Response}");
        Assert.StartsWith("HTTP/1.1 101 ", wire.Response);
        Assert.Equal("websocket", Header(wire, "Upgrade"), ignoreCase: true);
        Assert.Equal("Upgrade", Header(wire, "Connection"), ignoreCase: true);
        Assert.Equal(OpeningHandshake.Accept, Header(wire, "Sec-WebSocket-Accept"));
        Assert.Null(Header(wire, "Sec-WebSocket-Extensions"));
        Assert.Null(Header(wire, "Sec-WebSocket-Protocol"));
        await wire.SendAsync(RawWire.Text, Request);
        await AnsweredAsync(wire);
    }

    [Theory]
    [InlineData("chat.v1", "chat.v1")]
    [InlineData("mqtt, chat.v1, chat.v2", "chat.v1")]
    [InlineData("mqtt\nchat.v1", "chat.v1")]
    [InlineData("mqtt", null)]
    [InlineData("CHAT.V1", null)]
    [InlineData("chat.v2, chat.v10", null)]
    public async Task Should_choose_its_own_subprotocol_or_none__4_2_2(string offered, string? chosen)
    {
        using var wire = await SendAsync($"{Right.With("Sec-WebSocket-Protocol", offered.Split('\n'))}");
        await wire.ReadHeadAsync();
        Assert.Equal(101, wire.Status);
        Assert.Equal(chosen, Header(wire, "Sec-WebSocket-Protocol"));
        await wire.SendAsync(RawWire.Text, Request);
        await AnsweredAsync(wire);
    }

    /// <summary>What is no handshake, and the status that says so.</summary>
    public static TheoryData<string, int, string> Bad => new()
    {
        { "4.1, 1: HTTP/1.0", 426, $"{Right with { Line = "GET /ws HTTP/1.0" }}" },
        { "4.1, 1: HTTP/1.0 that is kept alive", 426, $"{Right.With("Connection", "keep-alive, Upgrade") with { Line = "GET /ws HTTP/1.0" }}" },
        { "4.1, 2: POST", 405, $"{Right with { Line = "POST /ws HTTP/1.1" }}" },
        { "4.1, 2: POST with a body", 405, $"{Right.With("Content-Length", "2") with { Line = "POST /ws HTTP/1.1" }}{{}}" },
        { "4.1, 2: HEAD", 405, $"{Right with { Line = "HEAD /ws HTTP/1.1" }}" },
        { "4.1, 2: OPTIONS", 405, $"{Right with { Line = "OPTIONS /ws HTTP/1.1" }}" },
        { "4.1, 4: no Host", 400, $"{Right.With("Host")}" },
        { "4.1, 4: two hosts", 400, $"{Right.With("Host", "a", "b")}" },
        { "4.1, 5: no Upgrade", 426, $"{Right.With("Upgrade")}" },
        { "4.1, 5: Upgrade to something else", 426, $"{Right.With("Upgrade", "h2c")}" },
        { "4.1, 6: no Connection", 426, $"{Right.With("Connection")}" },
        { "4.1, 6: Connection that only stays", 426, $"{Right.With("Connection", "keep-alive")}" },
        { "4.1, 7: no Sec-WebSocket-Key", 400, $"{Right.With("Sec-WebSocket-Key")}" },
        { "4.1, 7: an empty key", 400, $"{Right.With("Sec-WebSocket-Key", "")}" },
        { "4.1, 7: a key of 15 bytes", 400, $"{Right.With("Sec-WebSocket-Key", Convert.ToBase64String(new byte[15]))}" },
        { "4.1, 7: a key of 17 bytes", 400, $"{Right.With("Sec-WebSocket-Key", Convert.ToBase64String(new byte[17]))}" },
        { "4.1, 7: a key that isn't base64", 400, $"{Right.With("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!==")}" },
        { "4.1, 7: a key without its padding", 400, $"{Right.With("Sec-WebSocket-Key", OpeningHandshake.Key.TrimEnd('='))}" },
        { "11.3.1: the key twice", 400, $"{Right.With("Sec-WebSocket-Key", OpeningHandshake.Key, OpeningHandshake.Key)}" },
        { "4.1, 9: no version", 426, $"{Right.With("Sec-WebSocket-Version")}" },
        { "4.4: version 8", 426, $"{Right.With("Sec-WebSocket-Version", "8")}" },
        { "4.4: version 0", 426, $"{Right.With("Sec-WebSocket-Version", "0")}" },
        { "4.4: version 14", 426, $"{Right.With("Sec-WebSocket-Version", "14")}" },
        { "4.4: version 013", 426, $"{Right.With("Sec-WebSocket-Version", "013")}" },
        { "4.2.1: a body", 426, $"{Right.With("Content-Length", "2")}{{}}" },
        { "10.2: another site's page", 403, $"{Right.With("Origin", "https://evil.example")}" },
        { "3: another path", 404, $"{Right with { Line = "GET /elsewhere HTTP/1.1" }}" },
        { "4.2.1: a header that is too large", 431, $"{Right.With("Cookie", new string('x', 40_000))}" },
        { "4.2.1: too many headers", 431, $"{Right.With("Cookie", Enumerable.Range(0, 200).Select(number => $"c={number}"))}" },
        { "4.2.1: a path that is too long", 414, $"{Right with { Line = $"GET /ws?{new string('x', 20_000)} HTTP/1.1" }}" },
        { "4.2.1: a header without a colon", 400, $"{Right}".Replace("Upgrade: websocket", "Upgrade websocket") },
        { "4.2.1: no HTTP", 400, "nonsense\r\n\r\n" },
        { "4.2.1: an HTTP that there isn't", 505, $"{Right with { Line = "GET /ws HTTP/7.0" }}" },
        { "4.2.1: TLS where there is none", 400, "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Should_answer_with_a_status_that_says_why_when_a_handshake_is_none__4_2_1(string rule, int status, string head)
    {
        using var wire = await SendAsync(head);
        await wire.ReadHeadAsync();
        Assert.True(wire.Status == status, $"{rule}: {wire.Response}");
        if (status == 426)
        {
            // Section 4.4: what it speaks. RFC 9110, section 15.5.22: what to upgrade to.
            Assert.Equal("13", Header(wire, "Sec-WebSocket-Version"));
            Assert.Equal("websocket", Header(wire, "Upgrade"));
        }
        if (status == 405)
            Assert.Equal("GET", Header(wire, "Allow"));
        // Not a frame, nor another answer.
        var rest = await wire.ReadToEndAsync();
        Assert.DoesNotContain("HTTP/1.1", rest);
        await ReadsAsync("another connection", RawWire.Encode(RawWire.Text, Request));
    }

    // What it answers is HTTP/2, as it can't be told otherwise: "HTTP/1.1 is required" (RFC 9113, section 7).
    [Fact]
    public async Task Should_end_the_connection_when_it_begins_as_HTTP2__4_1()
    {
        using var wire = await SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        Assert.DoesNotContain("101 Switching", await wire.ReadToEndAsync());
        await ReadsAsync("another connection", RawWire.Encode(RawWire.Text, Request));
    }

    [Fact]
    public async Task Should_accept_a_handshake_when_each_byte_of_it_comes_by_itself__4_2_1()
    {
        using var wire = await RawWire.ConnectAsync(Gateway);
        foreach (var piece in Chopped(Encoding.ASCII.GetBytes($"{Right}")))
            await wire.WriteAsync(piece);
        await wire.ReadHeadAsync();
        Assert.Equal(101, wire.Status);
    }

    // A client must wait for the answer; one that doesn't still gets it ahead of all frames.
    [Fact]
    public async Task Should_answer_the_handshake_first_when_frames_come_right_behind_it__4_1()
    {
        const int Connections = 200;
        byte[] bytes =
        [
            .. Encoding.ASCII.GetBytes($"{Right}"), .. RawWire.Encode(RawWire.Text, Request), .. RawWire.Encode(RawWire.Ping, "ping"u8),
        ];
        await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            using var wire = await RawWire.ConnectAsync(Gateway);
            await wire.WriteAsync(bytes);
            await wire.ReadHeadAsync();
            Assert.True(wire.Response.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal), wire.Response);
            var opcodes = new[] { (await wire.ReadFrameAsync())?.Opcode, (await wire.ReadFrameAsync())?.Opcode };
            Assert.Equal([RawWire.Text, RawWire.Pong], opcodes.Order());
        });
    }

    private async Task<RawWire> SendAsync(string head)
    {
        var wire = await RawWire.ConnectAsync(Gateway);
        await wire.WriteAsync(Encoding.Latin1.GetBytes(head));
        return wire;
    }

    private static string? Header(RawWire wire, string name) => wire.Response.Split("\r\n")
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim()).SingleOrDefault();
}
