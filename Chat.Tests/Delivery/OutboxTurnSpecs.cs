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

    private PageTurn Turn(RoomName room) => new(room, new SessionId(1), _outbox, _relay.Ref);

    private static ReadOnlyMemory<byte> Frame(int length) =>
        WireFrame.Text(EventCodec.Encode(new ServerEvent.Notice(null, new string('.', length), null)));

    [Fact]
    public async Task Should_give_turns_one_at_a_time_and_in_order_when_several_are_asked_for()
    {
        PageTurn[] turns = [Turn(General), Turn(Other), Turn(General)];
        foreach (var turn in turns)
            _outbox.RequestTurn(turn);
        foreach (var turn in turns)
        {
            Assert.Same(turn, await _relay.ExpectMsgAsync<PageTurn>());
            Assert.False(_relay.HasMessages);
            _outbox.EndTurn(turn);
        }
    }

    [Fact]
    public async Task Should_give_no_turn_when_another_than_the_one_being_taken_is_ended()
    {
        var (first, second) = (Turn(General), Turn(Other));
        _outbox.RequestTurn(first);
        _outbox.RequestTurn(second);
        _outbox.EndTurn(Turn(General));
        Assert.Same(first, await _relay.ExpectMsgAsync<PageTurn>());
        Assert.False(_relay.HasMessages);
        _outbox.EndTurn(first);
        Assert.Same(second, await _relay.ExpectMsgAsync<PageTurn>());
    }

    [Fact]
    public async Task Should_pass_over_a_turn_when_it_was_ended_before_it_was_due()
    {
        var (first, second, third) = (Turn(General), Turn(Other), Turn(General));
        _outbox.RequestTurn(first);
        _outbox.RequestTurn(second);
        _outbox.RequestTurn(third);
        _outbox.EndTurn(second);
        Assert.Same(first, await _relay.ExpectMsgAsync<PageTurn>());
        _outbox.EndTurn(first);
        Assert.Same(third, await _relay.ExpectMsgAsync<PageTurn>());
    }

    [Fact]
    public async Task Should_give_a_turn_only_when_little_waits_any_more()
    {
        _writer.Hold();
        _outbox.Page(General, Frame(40_000), isAnswer: false);
        _outbox.Page(General, Frame(40_000), isAnswer: false);
        var turn = Turn(General);
        _outbox.RequestTurn(turn);
        Assert.False(_relay.HasMessages);
        _writer.TakeOne();
        Assert.Same(turn, await _relay.ExpectMsgAsync<PageTurn>());
    }

    [Fact]
    public async Task Should_give_a_turn_when_what_waited_was_dropped()
    {
        _writer.Hold();
        _outbox.Control(WireFrame.Ping);
        _outbox.Offer(General, Frame(100_000));
        var turn = Turn(Other);
        _outbox.RequestTurn(turn);
        _outbox.Drop(General);
        Assert.Same(turn, await _relay.ExpectMsgAsync<PageTurn>());
    }

    [Fact]
    public void Should_give_no_turn_when_it_is_closed()
    {
        _outbox.RequestTurn(Turn(General));
        _outbox.Close(1000, "bye");
        _outbox.RequestTurn(Turn(Other));
        Assert.Equal(General, _relay.ExpectMsg<PageTurn>().Room);
        _relay.Ref.Tell("barrier", TestActor);
        _relay.ExpectMsg("barrier");
    }
}
