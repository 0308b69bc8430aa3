using System.Text;
using Chat.Actors.Delivery;
using Xunit;

namespace Chat.Tests.Delivery;

/// <summary>Headers as RFC 6455 has them, section 5.2 and its examples in 5.7.</summary>
public sealed class WireFrameTests
{
    [Fact]
    public void Should_frame_a_text_as_the_standard_shows()
    {
        Assert.Equal([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], WireFrame.Text("Hello"u8));
        Assert.Equal([0x81, 0x00], WireFrame.Text(""u8));
    }

    [Theory]
    [InlineData(125, new byte[] { 0x81, 0x7D })]
    [InlineData(126, new byte[] { 0x81, 0x7E, 0x00, 0x7E })]
    [InlineData(256, new byte[] { 0x81, 0x7E, 0x01, 0x00 })]
    [InlineData(65_535, new byte[] { 0x81, 0x7E, 0xFF, 0xFF })]
    [InlineData(65_536, new byte[] { 0x81, 0x7F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00 })]
    public void Should_use_the_shortest_length_that_fits(int length, byte[] header)
    {
        var payload = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        Assert.Equal([.. header, .. payload], WireFrame.Text(payload));
        var written = new byte[WireFrame.TextLength(length)];
        Assert.Equal(written.Length, WireFrame.WriteText(payload, written));
        Assert.Equal([.. header, .. payload], written);
        byte[] withRoom = [.. new byte[WireFrame.Headroom], .. payload];
        Assert.Equal([.. header, .. payload], WireFrame.TextInPlace(withRoom).ToArray());
    }

    [Fact]
    public void Should_frame_a_close_with_its_code_and_reason()
    {
        Assert.Equal([0x88, 0x05, 0x03, 0xE8, (byte)'b', (byte)'y', (byte)'e'], WireFrame.Close(1000, "bye"));
        Assert.Equal([0x88, 0x02, 0x0F, 0xA1], WireFrame.Close(4001, ""));
        Assert.Equal(127, WireFrame.Close(1000, new string('x', 123)).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => WireFrame.Close(1000, new string('x', 124)));
    }

    [Fact]
    public void Should_frame_a_ping() => Assert.Equal([0x89, 0x00], WireFrame.Ping.ToArray());

    [Fact]
    public void Should_frame_bytes_not_characters() =>
        Assert.Equal([0x81, 0x04, 0xF0, 0x9F, 0x91, 0x8B], WireFrame.Text(Encoding.UTF8.GetBytes("👋")));
}
