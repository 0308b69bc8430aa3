using Chat.Bench.Crowds;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class HistoryPageTests
{
    [Theory]
    [InlineData(0, null, true, false)]
    [InlineData(1, null, false, true)]
    [InlineData(3, "j", true, true)]
    public void Should_read_what_the_codec_writes(int messages, string? id, bool isLive, bool hasGap)
    {
        // Texts that look like what is searched for.
        var lines = Enumerable.Range(1, messages)
            .Select(seq => Message(seq, "],\"live\":true,\"gap\":true,\"last\":7,\"crc\":\"00000000\"},{\"messages\":[")).ToArray();
        var text = Page(lines, id, last: 41, isLive, hasGap);
        Assert.True(HistoryPage.TryOpen(text, out var page));
        foreach (var line in lines)
        {
            Assert.True(page.TryNext(out var message));
            Assert.Equal(line, message.ToArray());
        }
        Assert.False(page.TryNext(out _));
        Assert.Equal((isLive, hasGap, 41), (page.IsLive, page.HasGap, page.Last));
    }

    [Fact]
    public void Should_refuse_a_message_of_which_one_bit_was_flipped()
    {
        var text = Page([Message(1, "a"), Message(2, "b")], null, last: 2, isLive: true, hasGap: false);
        text[text.AsSpan().LastIndexOf("\"b\""u8) + 1] ^= 1;
        Assert.Throws<InvalidDataException>(() =>
        {
            Assert.True(HistoryPage.TryOpen(text, out var page));
            Assert.True(page.TryNext(out _));
            page.TryNext(out _);
        });
    }

    [Fact]
    public void Should_leave_other_events_alone()
    {
        Assert.False(HistoryPage.TryOpen(Message(1, "\"messages\":["), out _));
        Assert.False(HistoryPage.TryOpen(EventCodec.Encode(new ServerEvent.Pong()), out _));
        Assert.False(HistoryPage.TryOpen(""u8, out _));
    }

    private static byte[] Message(long seq, string text) => LogLine.Encode(RoomName.Trusted("bench"), seq, $"b-{seq:D8}", "ana", text, DateTime.UnixEpoch);

    private static byte[] Page(byte[][] lines, string? id, long last, bool isLive, bool hasGap) => EventCodec.EncodeHistory(
        new ServerEvent.History("bench", "e", [], last, More: true, isLive, hasGap, hasGap ? [new SeqRange(1, 2)] : [], 0) { Id = id },
        [.. lines.Select(line => (ReadOnlyMemory<byte>)line)]);
}
