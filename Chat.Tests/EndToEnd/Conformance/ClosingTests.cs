using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Sections 5.5.1 and 7: the closing handshake and its codes.</summary>
public sealed class ClosingTests(GatewayFixture chat) : ConformanceTests(chat)
{
    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    [InlineData(1011)]
    // Given out after the RFC (https://www.iana.org/assignments/websocket).
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(3999)]
    [InlineData(4000)]
    [InlineData(4999)]
    public async Task Should_answer_a_close_with_its_code_and_end_the_connection_when_it_may_be_sent__7_4(int code)
    {
        foreach (var isLoggedIn in new[] { false, true })
        {
            using var wire = await OpenAsync();
            if (isLoggedIn)
            {
                await wire.SendAsync($$"""{"type":"login","username":"closer-{{code}}"}""");
                await wire.ExpectAsync(frame => frame.Type == "rooms", "the end of the login's answer");
            }
            await wire.SendAsync(RawWire.Close, (byte[])[.. CodeBytes(code), .. "that's all"u8]);
            Assert.Equal(code, await wire.ClosedAsync());
            Assert.Null(await wire.ReadFrameAsync());
        }
    }

    /// <summary>Below 1000, reserved, never on the wire, not yet given out, and above all.</summary>
    public static TheoryData<int> Illegal => [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

    [Theory]
    [MemberData(nameof(Illegal))]
    public async Task Should_close_1002_when_a_close_code_may_not_be_sent__7_4(int code)
    {
        await FailsAsync($"{code}", 1002, RawWire.Encode(RawWire.Close, CodeBytes(code)));
        await FailsAsync($"{code} with a reason", 1002, RawWire.Encode(RawWire.Close, [.. CodeBytes(code), .. "reason"u8]));
    }

    [Fact]
    public async Task Should_answer_a_close_when_it_has_no_code__5_5_1()
    {
        using var wire = await OpenAsync();
        await wire.SendAsync(RawWire.Close, Array.Empty<byte>());
        Assert.Equal(1000, await wire.ClosedAsync());
        Assert.Null(await wire.ReadFrameAsync());
    }

    [Fact]
    public Task Should_close_1002_when_a_close_frame_is_one_byte__5_5_1() => FailsAsync("one byte", 1002, RawWire.Encode(RawWire.Close, [0x03]));

    [Fact]
    public async Task Should_answer_a_close_when_its_reason_is_as_long_as_can_be__5_5()
    {
        using var wire = await OpenAsync();
        await wire.SendAsync(RawWire.Close, (byte[])[.. CodeBytes(1000), .. new byte[123]]);
        Assert.Equal(1000, await wire.ClosedAsync());
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("C3")]
    [InlineData("EDA080")]
    [InlineData("F4908080")]
    public Task Should_close_1002_when_the_reason_of_a_close_is_not_UTF8__5_5_1(string hex) =>
        FailsAsync(hex, 1002, RawWire.Encode(RawWire.Close, [.. CodeBytes(1000), .. Convert.FromHexString(hex)]));

    /// <summary>What may come behind a close frame; none of it is read.</summary>
    public static TheoryData<string, byte[]> Afterwards => new()
    {
        { "a text", RawWire.Encode(RawWire.Text, Request) },
        { "a ping", RawWire.Encode(RawWire.Ping, "ping"u8) },
        { "a second close", RawWire.Encode(RawWire.Close, CodeBytes(1001)) },
        { "what is no frame", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] },
    };

    [Theory]
    [MemberData(nameof(Afterwards))]
    public Task Should_answer_nothing_but_the_close_when_more_comes_behind_it__5_5_1(string rule, byte[] more) =>
        FailsAsync(rule, 1000, [.. RawWire.Encode(RawWire.Close, CodeBytes(1000)), .. more]);

    [Fact]
    public async Task Should_answer_what_came_before_a_close_first__5_5_1()
    {
        using var wire = await OpenAsync();
        await wire.WriteAsync((byte[])[.. RawWire.Encode(RawWire.Text, Request), .. RawWire.Encode(RawWire.Close, CodeBytes(1000))]);
        await AnsweredAsync(wire);
        Assert.Equal(1000, await wire.ClosedAsync());
    }

    // A close frame of the server's is answered by one, or by the end of the connection (section 7.1.1); it doesn't wait for long for either.
    [Fact]
    public async Task Should_end_the_connection_when_its_own_close_is_answered__7_1_1()
    {
        using var wire = await OpenAsync();
        await wire.SendAsync(RawWire.Binary, Request);
        Assert.Equal(1003, await wire.ClosedAsync());
        await IgnoreLossAsync(wire.SendAsync(RawWire.Close, CodeBytes(1003)));
        Assert.Null(await wire.ReadFrameAsync());
    }

    // With a reset, which bytes that nobody read would cause, some systems throw away what came before it: the close frame.
    [Theory]
    [InlineData(RawWire.Text, 1009)]
    [InlineData(RawWire.Binary, 1003)]
    [InlineData(3, 1002)]
    public async Task Should_end_the_connection_without_a_reset_when_more_comes_than_it_reads__7_1_1(int opcode, int code)
    {
        using var wire = await OpenAsync();
        await wire.WriteAsync((byte[])[.. RawWire.Encode(opcode, new byte[250_000]), .. RawWire.Encode(RawWire.Ping, [])]);
        Assert.Equal(code, await wire.ClosedAsync());
        Assert.Equal("", await wire.ReadToEndAsync());
    }

    [Fact]
    public async Task Should_end_its_side_when_the_connection_is_lost_without_a_close__7_1_5()
    {
        using var wire = await OpenAsync();
        wire.EndWriting();
        while (await wire.ReadFrameAsync() is { } frame)
            Assert.Equal(RawWire.Close, frame.Opcode);
    }

    private static byte[] CodeBytes(int code) => [(byte)(code >> 8), (byte)code];

    private static async Task IgnoreLossAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (IOException)
        {
            // It is closed already.
        }
    }
}
