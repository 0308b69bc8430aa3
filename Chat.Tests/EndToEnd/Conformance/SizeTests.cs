using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Sections 7.4.1 and 10.4: a message has a limit, which is counted while its bytes come.</summary>
public sealed class SizeTests(GatewayFixture chat) : ConformanceTests(chat)
{
    private const int Limit = 65_536;

    [Fact]
    public async Task Should_read_a_message_of_the_limit_and_close_1009_when_one_is_a_byte_larger__7_4_1()
    {
        await ReadsAsync("the limit", RawWire.Encode(RawWire.Text, RequestOf(Limit)));
        await FailsAsync("a byte more", 1009, RawWire.Encode(RawWire.Text, RequestOf(Limit + 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(Limit)]
    public async Task Should_count_all_fragments_of_a_message__10_4(int size)
    {
        await ReadsAsync("the limit", [.. Fragments(RequestOf(Limit), size).SelectMany(frame => frame)]);
        await FailsAsync("a byte more", 1009, [.. Fragments(RequestOf(Limit + 1), size).SelectMany(frame => frame)]);
    }

    [Fact]
    public Task Should_close_1009_when_a_message_in_fragments_has_no_end__10_4() =>
        FailsAsync("no end", 1009, [.. Fragments(new byte[Limit + 1_000], 1_000)[..^1].SelectMany(frame => frame)]);

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(1UL << 31)]
    [InlineData(1UL << 32)]
    [InlineData(1UL << 62)]
    [InlineData(long.MaxValue)]
    public Task Should_close_1009_when_more_than_the_limit_came_of_a_frame_that_promises_much_more__10_4(ulong length) =>
        FailsAsync($"{length}", 1009, new RawFrame(RawWire.Text, new byte[Limit + 1]) { Length = length }.ToBytes());

    [Fact]
    public async Task Should_serve_others_when_a_frame_promises_2_to_the_62_bytes_and_none_comes__10_4()
    {
        using var silent = await OpenAsync();
        await silent.WriteAsync(new RawFrame(RawWire.Text, []) { Length = 1UL << 62 }.ToBytes());
        await ReadsAsync("another", RawWire.Encode(RawWire.Text, Request));
    }
}
