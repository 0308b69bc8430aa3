using Chat.Bench.Sockets;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class FrameHeaderTests
{
    [Theory]
    [InlineData(new byte[] { 0x81, 5 }, Opcode.Text, true, false, 2, 5)]
    [InlineData(new byte[] { 0x81, 0x85 }, Opcode.Text, true, true, 6, 5)]
    [InlineData(new byte[] { 0x02, 126, 1, 0 }, Opcode.Binary, false, false, 4, 256)]
    [InlineData(new byte[] { 0x82, 0xFE, 1, 0 }, Opcode.Binary, true, true, 8, 256)]
    [InlineData(new byte[] { 0x88, 127, 0, 0, 0, 0, 0, 1, 0, 0 }, Opcode.Close, true, false, 10, 65_536)]
    public void Should_read_a_header(byte[] bytes, Opcode opcode, bool isLast, bool isMasked, int length, int payload)
    {
        Assert.True(FrameHeader.TryRead(bytes, out var header));
        Assert.Equal(new FrameHeader(opcode, isLast, isMasked, length, payload), header);
        Assert.Equal(length + payload, header.FrameLength);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x81 })]
    [InlineData(new byte[] { 0x81, 126, 1 })]
    [InlineData(new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 0, 0 })]
    public void Should_wait_for_more_when_a_header_is_not_whole(byte[] bytes) => Assert.False(FrameHeader.TryRead(bytes, out _));

    [Theory]
    [InlineData(new byte[] { 0xC1, 0 })]
    [InlineData(new byte[] { 0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x81, 127, 0, 0, 0, 0, 1, 0, 0, 1 })]
    public void Should_refuse_reserved_bits_and_what_is_too_large(byte[] bytes) =>
        Assert.Throws<InvalidDataException>(() => FrameHeader.TryRead(bytes, out _));
}
