using System.Text;
using Chat.Bench.Crowds;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class DeliveryTests
{
    [Fact]
    public void Should_find_seq_and_id_in_what_the_codec_writes()
    {
        var line = EventCodec.Encode(new ServerEvent.Message("bench", 1_234_567, "ana", "\"seq\":9,\"id\":\"x\"", DateTime.UnixEpoch, "") { Id = "b-00000042" });
        Assert.True(Chat.Bench.Crowds.Delivery.TryRead(line, out var seq, out var id));
        Assert.Equal(1_234_567, seq);
        Assert.Equal(42, PublishText.Number(id));
    }

    [Fact]
    public void Should_find_seq_and_id_in_an_ack_and_the_number_of_its_room()
    {
        var ack = EventCodec.Encode(new ServerEvent.Ack("bench-17", 42, DateTime.UnixEpoch, true) { Id = "b-00000007" });
        Assert.True(Chat.Bench.Crowds.Delivery.TryReadAck(ack, out var seq, out var id));
        Assert.Equal((42, 7), (seq, PublishText.Number(id)));
        Assert.Equal(17, Chat.Bench.Crowds.Delivery.RoomNumber(ack));
        Assert.Equal(-1, Chat.Bench.Crowds.Delivery.RoomNumber(EventCodec.Encode(new ServerEvent.Ack("bench", 1, DateTime.UnixEpoch, false))));
        Assert.Equal(-1, Chat.Bench.Crowds.Delivery.RoomNumber(EventCodec.Encode(new ServerEvent.Pong())));
        Assert.False(Chat.Bench.Crowds.Delivery.TryReadAck(EventCodec.Encode(new ServerEvent.Pong { Id = "p" }), out _, out _));
    }

    [Fact]
    public void Should_leave_other_events_alone()
    {
        Assert.False(Chat.Bench.Crowds.Delivery.TryRead(EventCodec.Encode(new ServerEvent.Ack("bench", 1, DateTime.UnixEpoch, false) { Id = "b-00000042" }), out _, out _));
        Assert.False(Chat.Bench.Crowds.Delivery.TryRead(EventCodec.Encode(new ServerEvent.Pong()), out _, out _));
        Assert.False(Chat.Bench.Crowds.Delivery.TryRead(""u8, out _, out _));
    }

    [Fact]
    public void Should_write_requests_that_the_codec_reads()
    {
        var text = new PublishText("bench", 5);
        foreach (var number in new[] { 7, 99_999_999 })
        {
            var (request, error) = RequestCodec.Decode(text.Numbered(number));
            Assert.Null(error);
            Assert.Equal(new Request.Publish("bench", "xxxxx") { Id = $"b-{number:D8}" }, request);
            Assert.Equal(number, PublishText.Number(Encoding.UTF8.GetBytes(request!.Id!)));
        }
    }
}
