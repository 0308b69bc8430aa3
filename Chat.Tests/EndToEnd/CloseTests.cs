using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class CloseTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const int Reserved = 0x40;

    [Fact]
    public async Task Should_close_with_1003_on_a_binary_frame()
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.SendAsync(RawWire.Binary, "{\"type\":\"ping\"}"u8.ToArray());
        Assert.Equal(1003, await wire.ClosedAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    public async Task Should_close_with_1007_on_text_that_is_not_UTF_8(byte[] bytes)
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.SendAsync(RawWire.Text, (byte[])[.. "{\"type\":\"ping\",\"x\":\""u8, .. bytes, .. "\"}"u8]);
        Assert.Equal(1007, await wire.ClosedAsync());
    }

    [Fact]
    public async Task Should_take_a_frame_of_exactly_the_limit_and_close_with_1009_on_one_byte_more()
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.SendAsync(Ping(65_536));
        await wire.ExpectAsync(frame => frame.Type == "pong", "the pong");
        await wire.SendAsync(Ping(65_537));
        Assert.Equal(1009, await wire.ClosedAsync());

        static string Ping(int bytes) => "{\"type\":\"ping\",\"x\":\"" + new string('x', bytes - 23 + 1) + "\"}";
    }

    [Fact]
    public async Task Should_close_with_1009_on_fragments_that_grow_over_the_limit()
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        var part = Encoding.ASCII.GetBytes(new string(' ', 1000));
        await wire.SendAsync(RawWire.Text, part, isFinal: false);
        for (var i = 0; i < 65; i++)
            await wire.SendAsync(RawWire.Continuation, part, isFinal: false);
        Assert.Equal(1009, await wire.ClosedAsync());
    }

    [Fact]
    public async Task Should_close_with_1008_where_no_login_comes_in_time()
    {
        using var silent = await RawWire.UpgradeAsync(chat.Gateway);
        using var busy = await RawWire.UpgradeAsync(chat.Gateway);
        await busy.SendAsync("""{"type":"ping"}""");
        await busy.SendAsync("""{"type":"login","username":"not a name"}""");
        Assert.Equal(1008, await silent.ClosedAsync());
        Assert.Equal(1008, await busy.ClosedAsync());
    }

    [Fact]
    public async Task Should_read_a_fragmented_text_with_pings_between_and_answer_them()
    {
        var text = Encoding.UTF8.GetBytes("""{"type":"ping","x":"ü"}""");
        var inside = text.IndexOf((byte)0xC3) + 1;
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.SendAsync(RawWire.Ping, "before"u8.ToArray());
        await wire.SendAsync(RawWire.Text, text.AsMemory(0, 3), isFinal: false);
        await wire.SendAsync(RawWire.Ping, "between"u8.ToArray());
        await wire.SendAsync(RawWire.Continuation, text.AsMemory(3, inside - 3), isFinal: false);
        await wire.SendAsync(RawWire.Continuation, Array.Empty<byte>(), isFinal: false);
        await wire.SendAsync(RawWire.Pong, "unasked"u8.ToArray());
        await wire.SendAsync(RawWire.Ping, new byte[125]);
        await wire.SendAsync(RawWire.Continuation, text.AsMemory(inside));
        Assert.Equal("before", await PongAsync());
        Assert.Equal("between", await PongAsync());
        Assert.Equal(new string('\0', 125), await PongAsync());
        await wire.ExpectAsync(frame => frame.Type == "pong", "the answer to the whole text");

        async Task<string> PongAsync()
        {
            while (await wire.ReadFrameAsync() is { } frame)
            {
                if (frame.Opcode == RawWire.Pong)
                    return Encoding.UTF8.GetString(frame.Payload);
            }
            throw new EndOfStreamException("The connection ended before the pong.");
        }
    }

    /// <summary>Frames that RFC 6455 has a server fail the connection for, with 1002.</summary>
    public static TheoryData<string, byte[]> Broken => new()
    {
        { "not masked", [0x81, 15, .. "{\"type\":\"ping\"}"u8] },
        { "a reserved bit", RawWire.Encode(RawWire.Text | Reserved, "{}"u8) },
        { "an unknown opcode", RawWire.Encode(3, "{}"u8) },
        { "an unknown control opcode", RawWire.Encode(11, []) },
        { "a fragmented ping", RawWire.Encode(RawWire.Ping, [], isFinal: false) },
        { "a ping of 126 bytes", RawWire.Encode(RawWire.Ping, new byte[126]) },
        { "a continuation of nothing", RawWire.Encode(RawWire.Continuation, "{}"u8) },
        { "a text within a fragmented one", [.. RawWire.Encode(RawWire.Text, "{"u8, isFinal: false), .. RawWire.Encode(RawWire.Text, "}"u8)] },
        { "a close frame of one byte", RawWire.Encode(RawWire.Close, [3]) },
        { "a close code that is reserved", RawWire.Encode(RawWire.Close, [0x03, 0xED]) },
        { "a length with its highest bit set", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Should_close_with_1002_on_a_frame_that_breaks_the_protocol(string what, byte[] bytes)
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.WriteAsync(bytes);
        var code = await wire.ClosedAsync();
        Assert.True(code == 1002, $"{what}: {code}");
        await using var next = await chat.EnterAsync("next");
    }

    [Fact]
    public async Task Should_answer_a_close_with_a_close()
    {
        using var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.SendAsync(RawWire.Close, new byte[] { 0x03, 0xE9 });
        Assert.NotNull(await wire.ClosedAsync());
        Assert.Null(await wire.ReadFrameAsync());
    }
}
