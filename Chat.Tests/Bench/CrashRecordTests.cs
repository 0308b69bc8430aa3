using Chat.Bench.Crash;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class CrashRecordTests
{
    private readonly CrashRecord _record = new(["general", "lobby"]);

    [Fact]
    public void Should_keep_what_a_reader_was_given_as_it_came()
    {
        var place = _record.PlaceOf("cleo", "general");
        Assert.Equal(new Request.Join("general", 0) { Id = "j" }, place.ToJoin("j"));
        place.Take(Page("epoch-1", last: 2, Message(1), Message(2)));
        place.Take(Message(3));
        place.Take(Message(2));
        Assert.Equal(new Request.Join("general", 3, "epoch-1") { Id = "j" }, place.ToJoin("j"));

        var reading = Assert.Single(_record.ToHistory("general", []).Readings);
        Assert.Equal("cleo", reading.Reader);
        Assert.Equal([1, 2, 3, 2], reading.Sightings.Select(sighting => sighting.Seq));
        Assert.Equal(ContentDigest.Of(LogLine.Encode(RoomName.Trusted("general"), 3, "id-3", "ana", "text 3", DateTime.UnixEpoch)), reading.Sightings[2].Line);
        Assert.Equal(4, _record.Delivered);
        Assert.Equal((3, 0), (_record.Head("general"), _record.Head("lobby")));
        Assert.Empty(_record.ToHistory("lobby", []).Readings);
    }

    [Fact]
    public void Should_call_it_lost_when_a_page_tells_of_a_gap()
    {
        var place = _record.PlaceOf("cleo", "general");
        place.Take(Page("epoch-1", last: 1, Message(1)) with { Gap = true });
        place.Take(Page("epoch-1", last: 3, Message(3)) with { Missing = [new SeqRange(2, 2)] });
        Assert.Equal(2, _record.Offences[Offence.Lost]);
    }

    [Fact]
    public void Should_keep_the_epochs_of_logs_that_hold_something()
    {
        var place = _record.PlaceOf("cleo", "general");
        place.Take(Page("of an empty room", last: 0));
        place.Take(Page("epoch-1", last: 1, Message(1)));
        place.Take(Page("epoch-1", last: 1));
        Assert.Equal(["epoch-1"], _record.ToHistory("general", []).Epochs);
    }

    [Fact]
    public void Should_count_a_message_that_is_acked_again_once()
    {
        _record.Published("general", "ana", "a1", "text");
        _record.Acknowledged("ana", Ack("a1", 1, isDuplicate: false));
        _record.Acknowledged("ana", Ack("a1", 1, isDuplicate: true));
        _record.Acknowledged("ben", Ack("a1", 2, isDuplicate: false));
        Assert.Equal((2, 1), (_record.Acked, _record.Duplicates));
        var history = _record.ToHistory("general", []);
        Assert.Equal([new("ana", "a1", 1), new("ana", "a1", 1), new("ben", "a1", 2)], history.Acks);
        Assert.Equal([new("ana", "a1", ContentDigest.Of("text"))], history.Published);
        Assert.Equal(2, _record.Head("general"));
    }

    [Fact]
    public void Should_call_it_wrong_when_an_ack_is_of_a_room_that_is_none() =>
        Assert.Equal(1, WithForeignAck().Offences[Offence.Wrong]);

    private CrashRecord WithForeignAck()
    {
        _record.Acknowledged("ana", new ServerEvent.Ack("elsewhere", 1, DateTime.UnixEpoch, false) { Id = "a1" });
        return _record;
    }

    private static ServerEvent.Ack Ack(string id, long seq, bool isDuplicate) => new("general", seq, DateTime.UnixEpoch, isDuplicate) { Id = id };

    private static ServerEvent.Message Message(long seq) => LogLine.Decode(
        LogLine.Encode(RoomName.Trusted("general"), seq, $"id-{seq}", "ana", $"text {seq}", DateTime.UnixEpoch))!;

    private static ServerEvent.History Page(string epoch, long last, params ServerEvent.Message[] messages) =>
        new("general", epoch, messages, last, More: false, Live: true, Gap: false, [], messages.LastOrDefault()?.Seq ?? 0);
}
