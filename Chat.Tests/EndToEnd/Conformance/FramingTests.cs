using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Sections 5.1 to 5.3, and 5.6: lengths, masks, reserved bits, opcodes.</summary>
public sealed class FramingTests(GatewayFixture chat) : ConformanceTests(chat)
{
    [Theory]
    [InlineData(31)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public Task Should_read_a_text_when_its_length_is_told_in_as_few_bytes_as_can_be__5_2(int bytes) =>
        ReadsAsync($"{bytes} bytes", RawWire.Encode(RawWire.Text, RequestOf(bytes)));

    // The fewest bytes are the sender's duty; nothing is said of who receives more.
    [Theory]
    [InlineData(31, 2)]
    [InlineData(31, 8)]
    [InlineData(125, 8)]
    [InlineData(126, 8)]
    [InlineData(65_535, 8)]
    public Task Should_read_a_text_when_its_length_is_told_in_more_bytes_than_it_takes__5_2(int bytes, int lengthBytes) =>
        ReadsAsync($"{bytes} bytes", new RawFrame(RawWire.Text, RequestOf(bytes)) { LengthBytes = lengthBytes }.ToBytes());

    [Fact]
    public async Task Should_take_an_empty_text_for_a_message__5_6()
    {
        using var wire = await OpenAsync();
        await wire.SendAsync("");
        await wire.ExpectAsync(frame => frame["code"] == "bad_json", "the refusal of what is no JSON");
        await wire.SendAsync(RawWire.Text, Request);
        await AnsweredAsync(wire);
    }

    [Fact]
    public Task Should_read_a_frame_when_each_byte_comes_by_itself__5_2() => ReadsAsync("chopped", Chopped(RawWire.Encode(RawWire.Text, Request)));

    [Fact]
    public async Task Should_read_each_frame_when_several_come_at_once__5_2()
    {
        const int Frames = 20;
        using var wire = await OpenAsync();
        await wire.WriteAsync(Enumerable.Repeat(RawWire.Encode(RawWire.Text, Request), Frames).SelectMany(bytes => bytes).ToArray());
        for (var i = 0; i < Frames; i++)
            await AnsweredAsync(wire);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(0x000000FFu)]
    [InlineData(0xFF000000u)]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x7B7B7B7Bu)]
    public Task Should_unmask_a_text_whatever_its_key__5_3(uint key) => ReadsAsync($"{key:X8}", new RawFrame(RawWire.Text, Request) { Mask = key }.ToBytes());

    [Fact]
    public async Task Should_unmask_each_frame_by_its_own_key__5_3()
    {
        using var wire = await OpenAsync();
        for (var key = 1u; key <= 10; key++)
        {
            await wire.WriteAsync(new RawFrame(RawWire.Text, Request) { Mask = key * 0x11F7_3A5B }.ToBytes());
            await AnsweredAsync(wire);
        }
    }

    /// <summary>Frames without a mask.</summary>
    public static TheoryData<string, byte[]> Unmasked => new()
    {
        { "text", Bare(RawWire.Text, Request) },
        { "the first fragment of a text", new RawFrame(RawWire.Text, Request) { Mask = null, IsFinal = false }.ToBytes() },
        { "binary", Bare(RawWire.Binary, Request) },
        { "ping", Bare(RawWire.Ping, "ping"u8) },
        { "pong", Bare(RawWire.Pong, "pong"u8) },
        { "close", Bare(RawWire.Close, [0x03, 0xE8, .. "by"u8]) },
        { "a length of 16 bits", Bare(RawWire.Text, RequestOf(200)) },
        { "a length of 64 bits", Bare(RawWire.Text, RequestOf(65_536)) },
        // Whether it is masked is looked at with the four bytes in which the key would be.
        { "empty ones", [.. Bare(RawWire.Ping, []), .. Bare(RawWire.Ping, []), .. Bare(RawWire.Ping, [])] },
    };

    [Theory]
    [MemberData(nameof(Unmasked))]
    public Task Should_close_1002_when_a_frame_is_not_masked__5_1(string rule, byte[] bytes) => FailsAsync(rule, 1002, bytes);

    // No extension is negotiated that gives them a meaning.
    [Theory]
    [InlineData(RawWire.Text, 1)]
    [InlineData(RawWire.Text, 2)]
    [InlineData(RawWire.Text, 3)]
    [InlineData(RawWire.Text, 4)]
    [InlineData(RawWire.Text, 5)]
    [InlineData(RawWire.Text, 6)]
    [InlineData(RawWire.Text, 7)]
    [InlineData(RawWire.Binary, 1)]
    [InlineData(RawWire.Ping, 2)]
    [InlineData(RawWire.Pong, 4)]
    [InlineData(RawWire.Close, 7)]
    public Task Should_close_1002_when_a_reserved_bit_is_set__5_2(int opcode, int reserved) =>
        FailsAsync($"opcode {opcode}, RSV {reserved:b3}", 1002, new RawFrame(opcode, opcode == RawWire.Close ? [] : Request) { Reserved = reserved }.ToBytes());

    [Fact]
    public Task Should_close_1002_when_a_reserved_bit_is_set_in_a_continuation__5_2() => FailsAsync(
        "RSV1", 1002, RawWire.Encode(RawWire.Text, "{"u8, isFinal: false), new RawFrame(RawWire.Continuation, "}"u8.ToArray()) { Reserved = 4 }.ToBytes());

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public async Task Should_close_1002_when_an_opcode_is_reserved__5_2(int opcode)
    {
        await FailsAsync($"opcode {opcode}", 1002, RawWire.Encode(opcode, Request));
        await FailsAsync($"opcode {opcode}, empty", 1002, RawWire.Encode(opcode, []));
    }

    [Theory]
    [InlineData(0x8000_0000_0000_0000)]
    [InlineData(0x8000_0000_0000_0001)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF)]
    public Task Should_close_1002_when_the_highest_bit_of_a_length_is_set__5_2(ulong length) =>
        FailsAsync($"{length:X}", 1002, new RawFrame(RawWire.Text, []) { Length = length }.ToBytes());

    // chat.v1 has no binary messages (section 7.4.1: a type of data that can't be accepted).
    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(24, true)]
    [InlineData(24, false)]
    [InlineData(70_000, true)]
    public Task Should_close_1003_when_a_message_is_binary__7_4_1(int bytes, bool isFinal) =>
        FailsAsync($"{bytes} bytes", 1003, RawWire.Encode(RawWire.Binary, new byte[bytes], isFinal));

    private static byte[] Bare(int opcode, ReadOnlySpan<byte> payload) => new RawFrame(opcode, payload.ToArray()) { Mask = null }.ToBytes();
}
