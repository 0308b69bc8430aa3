using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Delivery;

public sealed class OutboxTurnSpecs : ActorSpecs
{
    private readonly RecordingWriter _writer = new();
    private readonly Outbox _outbox;
    private readonly TestProbe _relay;

    public OutboxTurnSpecs()
    {
        _outbox = new Outbox(_writer, _ => { }, Time);
        _relay = CreateTestProbe();
    }

    private Feed Feed(RoomName room) => new(room, new SessionId(1), _outbox, _relay.Ref);

    private async Task<Feed> NextTurn() => (await _relay.ExpectMsgAsync<PageTurn>()).Feed;

    private static ReadOnlyMemory<byte> Frame(int length) =>
        WireFrame.Text(EventCodec.Encode(new ServerEvent.Notice(null, new string('.', length), null)));

    [Fact]
    public async Task Should_give_turns_one_at_a_time_and_in_order_when_several_are_asked_for()
    {
        Feed[] feeds = [Feed(General), Feed(Other), Feed(General)];
        foreach (var feed in feeds)
            _outbox.RequestTurn(feed);
        foreach (var feed in feeds)
        {
            Assert.Same(feed, await NextTurn());
            Assert.False(_relay.HasMessages);
            _outbox.EndTurn(feed);
        }
    }

    [Fact]
    public async Task Should_give_no_turn_when_another_than_the_one_being_taken_is_ended()
    {
        var (first, second) = (Feed(General), Feed(Other));
        _outbox.RequestTurn(first);
        _outbox.RequestTurn(second);
        _outbox.EndTurn(Feed(General));
        Assert.Same(first, await NextTurn());
        Assert.False(_relay.HasMessages);
        _outbox.EndTurn(first);
        Assert.Same(second, await NextTurn());
    }

    [Fact]
    public async Task Should_pass_over_a_feed_when_it_was_ended_before_its_turn()
    {
        var (first, second, third) = (Feed(General), Feed(Other), Feed(General));
        _outbox.RequestTurn(first);
        _outbox.RequestTurn(second);
        _outbox.RequestTurn(third);
        _outbox.End(second);
        _outbox.RequestTurn(second);
        Assert.Same(first, await NextTurn());
        _outbox.End(first);
        Assert.Same(third, await NextTurn());
        _outbox.EndTurn(third);
        Assert.False(_relay.HasMessages);
    }

    [Fact]
    public async Task Should_give_one_turn_when_it_is_asked_for_again_before_it_is_over()
    {
        var (first, second) = (Feed(General), Feed(Other));
        _outbox.RequestTurn(first);
        _outbox.RequestTurn(first);
        _outbox.RequestTurn(second);
        _outbox.RequestTurn(second);
        Assert.Same(first, await NextTurn());
        _outbox.RequestTurn(first);
        // Another, behind those that wait.
        _outbox.EndTurn(first, again: true);
        Assert.Same(second, await NextTurn());
        _outbox.EndTurn(second);
        Assert.Same(first, await NextTurn());
        _outbox.EndTurn(first);
        Assert.False(_relay.HasMessages);
    }

    [Fact]
    public async Task Should_give_each_feed_a_turn_when_its_events_were_taken_out()
    {
        var (first, second, third) = (Feed(General), Feed(Other), Feed(RoomName.Trusted("third")));
        _writer.Hold();
        _outbox.Offer(third, Frame(100), new Passage("e", 1));
        _outbox.Offer(first, Frame(Outbox.DefaultBound / 2), new Passage("e", 1));
        _outbox.Offer(second, Frame(Outbox.DefaultBound / 4), new Passage("e", 1));
        // The one that didn't fit is behind now too, and asks by itself.
        Assert.Equal(Offer.Full, _outbox.Offer(second, Frame(Outbox.DefaultBound / 2), new Passage("e", 2)));
        _outbox.RequestTurn(second);
        Assert.Same(second, await NextTurn());
        _outbox.EndTurn(second);
        Assert.Same(first, await NextTurn());
        _outbox.EndTurn(first);
        Assert.False(_relay.HasMessages);
    }

    [Fact]
    public async Task Should_take_nothing_out_of_a_feed_in_its_turn_when_the_bound_is_passed()
    {
        var feed = Feed(General);
        _writer.Hold();
        _outbox.Tell(Frame(10));
        _outbox.RequestTurn(feed);
        Assert.Same(feed, await NextTurn());
        _outbox.Page(feed, Frame(1_000), new Passage("e", 1), isAnswer: false);
        Assert.Equal(Offer.Full, _outbox.Offer(Feed(Other), Frame(Outbox.DefaultBound), new Passage("e", 2)));
        Assert.Null(_outbox.TakeLost(feed));
        _outbox.EndTurn(feed);
        _outbox.Offer(Feed(Other), Frame(Outbox.DefaultBound), new Passage("e", 2));
        Assert.Equal(1, _outbox.TakeLost(feed)!.From);
    }

    [Fact]
    public async Task Should_give_a_turn_only_when_little_waits_any_more()
    {
        _writer.Hold();
        _outbox.Tell(Frame(40_000));
        _outbox.Tell(Frame(10_000));
        var feed = Feed(General);
        _outbox.RequestTurn(feed);
        Assert.False(_relay.HasMessages);
        _writer.TakeOne();
        Assert.Same(feed, await NextTurn());
    }

    [Fact]
    public async Task Should_give_a_turn_when_what_waited_was_dropped()
    {
        _writer.Hold();
        _outbox.Control(WireFrame.Ping);
        _outbox.Offer(Feed(General), Frame(100_000), new Passage("e", 1));
        var feed = Feed(Other);
        _outbox.RequestTurn(feed);
        _outbox.Drop(General);
        Assert.Same(feed, await NextTurn());
    }

    [Fact]
    public void Should_give_no_turn_when_it_is_closed()
    {
        _outbox.RequestTurn(Feed(General));
        _outbox.Close(1000, "bye");
        _outbox.RequestTurn(Feed(Other));
        Assert.Equal(General, _relay.ExpectMsg<PageTurn>().Feed.Room);
        _relay.Ref.Tell("barrier", TestActor);
        _relay.ExpectMsg("barrier");
    }
}
