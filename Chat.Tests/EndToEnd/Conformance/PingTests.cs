using System.Globalization;
using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Sections 5.5.2 and 5.5.3.</summary>
public sealed class PingTests(GatewayFixture chat) : ConformanceTests(chat)
{
    /// <summary>What a ping may carry.</summary>
    public static TheoryData<byte[]> Payloads =>
    [
        [],
        [.. "Hello"u8],
        [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF],
        [.. Enumerable.Repeat((byte)0xFE, 124)],
        [.. Enumerable.Range(0, 125).Select(b => (byte)b)],
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task Should_answer_a_ping_with_its_own_bytes__5_5_3(byte[] payload)
    {
        using var wire = await OpenAsync();
        await wire.SendAsync(RawWire.Ping, payload);
        var frame = await wire.ReadFrameAsync();
        Assert.Equal(RawWire.Pong, frame?.Opcode);
        Assert.Equal(payload, frame?.Payload);
    }

    [Fact]
    public async Task Should_answer_a_ping_when_each_byte_of_it_comes_by_itself__5_5_3()
    {
        var payload = new byte[125];
        using var wire = await OpenAsync();
        foreach (var piece in Chopped(RawWire.Encode(RawWire.Ping, payload)))
            await wire.WriteAsync(piece);
        Assert.Equal(payload, (await wire.ReadFrameAsync())?.Payload);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(125)]
    public Task Should_ignore_a_pong_that_nobody_asked_for__5_5_3(int bytes) =>
        ReadsAsync($"{bytes} bytes", RawWire.Encode(RawWire.Pong, new byte[bytes]), RawWire.Encode(RawWire.Text, Request));

    // Of pings that come faster than they are answered, only the latest need an answer.
    [Fact]
    public async Task Should_answer_the_last_of_many_pings_and_none_out_of_order__5_5_3()
    {
        const int Pings = 100;
        using var wire = await OpenAsync();
        await wire.WriteAsync(Enumerable.Range(1, Pings).SelectMany(number => RawWire.Encode(RawWire.Ping, Encoding.ASCII.GetBytes($"{number}"))).ToArray());
        for (var last = 0; last < Pings;)
        {
            var frame = await wire.ReadFrameAsync();
            Assert.Equal(RawWire.Pong, frame?.Opcode);
            var number = int.Parse(Encoding.ASCII.GetString(frame!.Value.Payload), CultureInfo.InvariantCulture);
            Assert.InRange(number, last + 1, Pings);
            last = number;
        }
    }
}
