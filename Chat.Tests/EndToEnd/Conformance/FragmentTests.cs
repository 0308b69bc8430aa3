using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Sections 5.4 and 5.5: messages in fragments, with control frames between them.</summary>
public sealed class FragmentTests(GatewayFixture chat) : ConformanceTests(chat)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(23)]
    public Task Should_put_a_text_together_when_it_comes_in_fragments__5_4(int size) => ReadsAsync($"{size} bytes each", Fragments(Request, size));

    [Fact]
    public Task Should_put_a_text_together_when_each_byte_of_its_fragments_comes_by_itself__5_4() =>
        ReadsAsync("chopped", Chopped(Fragments(Request, 5).SelectMany(frame => frame)));

    [Fact]
    public Task Should_put_a_text_together_when_it_comes_in_fragments_of_997_bytes__5_4() => ReadsAsync("65,536 bytes", Fragments(RequestOf(65_536), 997));

    /// <summary>A text of which fragments are empty.</summary>
    public static TheoryData<string, byte[]> WithEmpty => new()
    {
        { "the first", [.. Part(RawWire.Text, [], false), .. Part(RawWire.Continuation, Request, true)] },
        { "the last", [.. Part(RawWire.Text, Request, false), .. Part(RawWire.Continuation, [], true)] },
        { "one between", [.. Part(RawWire.Text, Request[..9], false), .. Part(RawWire.Continuation, [], false), .. Part(RawWire.Continuation, Request[9..], true)] },
        { "all but one", [.. Part(RawWire.Text, [], false), .. Part(RawWire.Continuation, Request, false), .. Part(RawWire.Continuation, [], false), .. Part(RawWire.Continuation, [], true)] },
    };

    [Theory]
    [MemberData(nameof(WithEmpty))]
    public Task Should_put_a_text_together_when_fragments_are_empty__5_4(string rule, byte[] bytes) => ReadsAsync(rule, bytes);

    [Fact]
    public Task Should_read_a_text_behind_one_in_fragments__5_4() =>
        ReadsAsync("two texts", [.. Fragments("{\"type\":\"ping\"}"u8.ToArray(), 4), RawWire.Encode(RawWire.Text, Request)]);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Should_answer_each_ping_at_once_when_it_comes_between_fragments__5_4(int size)
    {
        using var wire = await OpenAsync();
        var fragments = Fragments(RequestOf(40), size);
        for (var i = 0; i < fragments.Length; i++)
        {
            await wire.WriteAsync(fragments[i]);
            if (i == fragments.Length - 1)
                break;
            await wire.SendAsync(RawWire.Pong, "unasked"u8.ToArray());
            await wire.SendAsync(RawWire.Ping, Encoding.ASCII.GetBytes($"{i}"));
            var frame = await wire.ReadFrameAsync();
            Assert.Equal((RawWire.Pong, $"{i}"), (frame?.Opcode, Encoding.ASCII.GetString(frame?.Payload ?? [])));
        }
        await AnsweredAsync(wire);
    }

    [Fact]
    public async Task Should_answer_a_close_when_it_comes_between_fragments__5_5_1()
    {
        using var wire = await OpenAsync();
        await wire.WriteAsync(Part(RawWire.Text, Request, false));
        await wire.SendAsync(RawWire.Close, new byte[] { 0x03, 0xE8 });
        Assert.Equal(1000, await wire.ClosedAsync());
        Assert.Null(await wire.ReadFrameAsync());
    }

    /// <summary>Fragments that don't belong together.</summary>
    public static TheoryData<string, byte[]> Broken => new()
    {
        { "a continuation of nothing", Part(RawWire.Continuation, Request, true) },
        { "a continuation of nothing that isn't the last", Part(RawWire.Continuation, Request, false) },
        { "an empty continuation of nothing", Part(RawWire.Continuation, [], true) },
        { "a continuation behind a ping", [.. Part(RawWire.Ping, [], true), .. Part(RawWire.Continuation, Request, true)] },
        { "a text within a text", [.. Part(RawWire.Text, Request[..9], false), .. Part(RawWire.Text, Request[9..], true)] },
        { "the beginning of a text within a text", [.. Part(RawWire.Text, Request[..9], false), .. Part(RawWire.Text, Request[9..], false)] },
        { "a text behind a continuation that isn't the last", [.. Part(RawWire.Text, [], false), .. Part(RawWire.Continuation, [], false), .. Part(RawWire.Text, Request, true)] },
        { "a text within a text, with a ping between", [.. Part(RawWire.Text, [], false), .. Part(RawWire.Ping, [], true), .. Part(RawWire.Text, Request, true)] },
        { "a binary message within a text", [.. Part(RawWire.Text, Request[..9], false), .. Part(RawWire.Binary, Request[9..], true)] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public Task Should_close_1002_when_fragments_do_not_belong_together__5_4(string rule, byte[] bytes) => FailsAsync(rule, 1002, bytes);

    [Fact]
    public async Task Should_close_1002_when_a_continuation_comes_behind_a_whole_text__5_4()
    {
        using var wire = await OpenAsync();
        await wire.SendAsync(RawWire.Text, Request);
        await AnsweredAsync(wire);
        await wire.WriteAsync(Part(RawWire.Continuation, Request, true));
        Assert.Equal(1002, await wire.ClosedAsync());
    }

    [Theory]
    [InlineData(RawWire.Ping)]
    [InlineData(RawWire.Pong)]
    [InlineData(RawWire.Close)]
    public async Task Should_close_1002_when_a_control_frame_is_a_fragment__5_5(int opcode)
    {
        await FailsAsync("empty", 1002, Part(opcode, [], false));
        await FailsAsync("with its continuation", 1002, Part(opcode, [0x03, 0xE8], false), Part(RawWire.Continuation, [], true));
        await FailsAsync("within a text", 1002, Part(RawWire.Text, Request, false), Part(opcode, [], false));
    }

    [Theory]
    [InlineData(RawWire.Ping, 126)]
    [InlineData(RawWire.Pong, 126)]
    [InlineData(RawWire.Close, 126)]
    [InlineData(RawWire.Ping, 65_536)]
    public Task Should_close_1002_when_a_control_frame_is_over_125_bytes__5_5(int opcode, int bytes) =>
        FailsAsync($"{bytes} bytes", 1002, RawWire.Encode(opcode, [0x03, 0xE8, .. new byte[bytes - 2]]));

    private static byte[] Part(int opcode, ReadOnlySpan<byte> payload, bool isFinal) => RawWire.Encode(opcode, payload, isFinal);
}
