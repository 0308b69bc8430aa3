using System.Buffers.Binary;
using System.Text;
using Chat.Gateway.Sockets.Fleck;
using Chat.Tests.EndToEnd.Support;
using CsCheck;
using Xunit;

namespace Chat.Tests.Sockets.Fleck;

public sealed class FrameGateTests
{
    private const int Limit = 70_000;
    private const int Reserved = 0x40;

    // All frames up to the first that ends the connection, and what that is; read in parts of at most so many bytes.
    private static (List<(int Opcode, string Payload)> Frames, GateStep End) Read(byte[] bytes, int part, int limit = Limit)
    {
        var gate = new FrameGate(limit);
        var frames = new List<(int, string)>();
        for (var at = 0; at < bytes.Length; at += part)
        {
            var rest = (ReadOnlyMemory<byte>)bytes.AsMemory(at, Math.Min(part, bytes.Length - at));
            while (true)
            {
                var step = gate.Take(ref rest);
                if (step == GateStep.More)
                    break;
                if (step != GateStep.Whole)
                    return (frames, step);
                frames.Add(Decode(gate.Frame.Span));
            }
            Assert.Equal(0, rest.Length);
        }
        return (frames, GateStep.More);
    }

    // What it passes on: final, masked with zeros, and of one length as said and as sent.
    private static (int Opcode, string Payload) Decode(ReadOnlySpan<byte> frame)
    {
        Assert.Equal(0x80, frame[0] & 0xF0);
        Assert.Equal(0x80, frame[1] & 0x80);
        var (length, lengthEnd) = (frame[1] & 0x7F) switch
        {
            126 => (BinaryPrimitives.ReadUInt16BigEndian(frame[2..]), 4),
            127 => ((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]), 10),
            var small => (small, 2),
        };
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(frame[lengthEnd..]));
        Assert.Equal(length, frame.Length - lengthEnd - 4);
        return (frame[0] & 0x0F, Encoding.Latin1.GetString(frame[(lengthEnd + 4)..]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void Should_pass_a_message_on_however_its_bytes_come(int length)
    {
        var text = new string('x', length);
        var bytes = RawWire.Encode(RawWire.Text, Encoding.Latin1.GetBytes(text));
        foreach (var part in new[] { 1, 7, 4_096, bytes.Length })
            Assert.Equal([(RawWire.Text, text)], Read(bytes, part).Frames);
    }

    [Fact]
    public void Should_pass_a_control_frame_on_ahead_of_the_message_that_it_came_in() =>
        Assert.Equal(
            [(RawWire.Ping, "between"), (RawWire.Pong, ""), (RawWire.Text, "abcd")],
            Read(
                [
                    .. RawWire.Encode(RawWire.Text, "ab"u8, isFinal: false), .. RawWire.Encode(RawWire.Ping, "between"u8),
                    .. RawWire.Encode(RawWire.Continuation, "c"u8, isFinal: false), .. RawWire.Encode(RawWire.Pong, []),
                    .. RawWire.Encode(RawWire.Continuation, "d"u8),
                ],
                part: 3).Frames);

    [Fact]
    public void Should_make_the_same_of_any_messages_in_any_fragments_and_parts() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 300].List[1, 8], Gen.Int[1, 40], Gen.Int[1, 500]).Sample((texts, fragment, part) =>
        {
            var bytes = texts.SelectMany(text => Fragments(text, fragment)).ToArray();
            Assert.Equal(texts.Select(text => (RawWire.Text, text)), Read(bytes, part).Frames.Where(frame => frame.Opcode == RawWire.Text));
        });

    // With a ping before each but the first.
    private static IEnumerable<byte> Fragments(string text, int length)
    {
        for (var at = 0; at == 0 || at < text.Length; at += length)
        {
            var payload = Encoding.Latin1.GetBytes(text[at..Math.Min(text.Length, at + length)]);
            byte[] ping = at == 0 ? [] : RawWire.Encode(RawWire.Ping, "p"u8);
            foreach (var b in (byte[])[.. ping, .. RawWire.Encode(at == 0 ? RawWire.Text : RawWire.Continuation, payload, isFinal: at + length >= text.Length)])
                yield return b;
        }
    }

    [Fact]
    public void Should_find_a_message_too_large_by_what_it_says_of_itself()
    {
        Assert.Equal(GateStep.More, Read([0x81, 0x80 | 100, 0, 0, 0, 0], part: 6, limit: 100).End);
        Assert.Equal(GateStep.TooLarge, Read([0x81, 0x80 | 101], part: 2, limit: 100).End);
        Assert.Equal(GateStep.TooLarge, Read([0x81, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0], part: 10).End);
        Assert.Equal(GateStep.TooLarge, Read([0x81, 0xFF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF], part: 10).End);
    }

    [Fact]
    public void Should_find_fragments_too_large_together_and_take_them_up_to_the_limit()
    {
        byte[] full = [.. RawWire.Encode(RawWire.Text, new byte[60], isFinal: false), .. RawWire.Encode(RawWire.Continuation, new byte[40], isFinal: false)];
        Assert.Equal(GateStep.More, Read(full, part: 10, limit: 100).End);
        Assert.Single(Read([.. full, .. RawWire.Encode(RawWire.Continuation, [])], part: 10, limit: 100).Frames);
        Assert.Equal(GateStep.TooLarge, Read([.. full, .. RawWire.Encode(RawWire.Continuation, new byte[1])], part: 10, limit: 100).End);
    }

    [Fact]
    public void Should_count_anew_for_each_message()
    {
        var message = RawWire.Encode(RawWire.Text, new byte[100]);
        Assert.Equal(3, Read([.. message, .. message, .. message], part: 50, limit: 100).Frames.Count);
    }

    [Fact]
    public void Should_tell_of_a_binary_message_when_it_begins() =>
        Assert.Equal(GateStep.Binary, Read([0x02, 0xFF], part: 1).End);

    [Theory]
    [InlineData(new byte[] { 0x03, 0xE9, (byte)'x' }, 1001)]
    [InlineData(new byte[0], 0)]
    public void Should_know_the_code_of_a_close_frame(byte[] payload, int code)
    {
        var gate = new FrameGate(Limit);
        var bytes = (ReadOnlyMemory<byte>)RawWire.Encode(RawWire.Close, payload);
        Assert.Equal(GateStep.Whole, gate.Take(ref bytes));
        Assert.Equal(code, gate.CloseCode);
    }

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "not masked", [0x81, 2] },
        { "a reserved bit", RawWire.Encode(RawWire.Text | Reserved, []) },
        { "an unknown opcode", RawWire.Encode(3, []) },
        { "an unknown control opcode", RawWire.Encode(11, []) },
        { "a fragmented ping", RawWire.Encode(RawWire.Ping, [], isFinal: false) },
        { "a ping of 126 bytes", RawWire.Encode(RawWire.Ping, new byte[126]) },
        { "a continuation of nothing", RawWire.Encode(RawWire.Continuation, []) },
        { "a continuation of a whole message", [.. RawWire.Encode(RawWire.Text, []), .. RawWire.Encode(RawWire.Continuation, [])] },
        { "a text within a fragmented one", [.. RawWire.Encode(RawWire.Text, [], isFinal: false), .. RawWire.Encode(RawWire.Text, [])] },
        { "a binary within a fragmented text", [.. RawWire.Encode(RawWire.Text, [], isFinal: false), .. RawWire.Encode(RawWire.Binary, [])] },
        { "a length with its highest bit set", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Should_find_a_frame_broken(string what, byte[] bytes)
    {
        foreach (var part in new[] { 1, bytes.Length })
            Assert.True(Read(bytes, part).End == GateStep.Broken, what);
    }
}
