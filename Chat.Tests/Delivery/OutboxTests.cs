using System.Text;
using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Delivery;

public sealed class OutboxTests
{
    private static readonly RoomName General = RoomName.Trusted("general");
    private static readonly RoomName Other = RoomName.Trusted("other");

    private readonly ManualTime _time = new();
    private readonly RecordingWriter _writer = new();
    private readonly List<int> _answered = [];

    private static readonly Passage Event = new("e", 1);

    private Feed _general = null!;
    private Feed _other = null!;

    private Outbox New(int bound = Outbox.DefaultBound)
    {
        var outbox = new Outbox(_writer, _answered.Add, _time, bound);
        (_general, _other) = (Feed(General), Feed(Other));
        return outbox;

        Feed Feed(RoomName room) => new(room, new SessionId(1), outbox, ActorRefs.Nobody);
    }

    private static ReadOnlyMemory<byte> Frame(string text, int length = 0) =>
        WireFrame.Text(EventCodec.Encode(new ServerEvent.Notice(null, text.PadRight(length, '.'), null)));

    private IEnumerable<string> Texts => _writer.Frames.Select(frame => frame switch
    {
        ServerEvent.Notice notice => notice.Sentence.TrimEnd('.'),
        OtherFrame.Closed closed => $"closed {closed.Code}",
        var other => other.GetType().Name.ToLowerInvariant(),
    });

    [Fact]
    public void Should_write_at_once_when_nothing_waits()
    {
        var outbox = New();
        Assert.Equal(Offer.Accepted, outbox.Offer(_general, Frame("a"), Event));
        outbox.Answer(Frame("b"));
        outbox.Tell(Frame("c"));
        Assert.Equal(["a", "b", "c"], Texts);
        Assert.Equal([1], _answered);
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void Should_write_events_and_the_answer_behind_them_at_once_when_nothing_waits()
    {
        var outbox = New();
        Assert.Equal(Offer.Accepted, outbox.Offer(_general, Frame("a"), Event, Frame("ack")));
        Assert.Equal(["a", "ack"], Texts);
        Assert.Single(_writer.Writes);
        Assert.Equal([1], _answered);
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void Should_write_the_answer_behind_the_events_when_there_is_too_much_to_copy_or_something_waits()
    {
        var outbox = New();
        outbox.Offer(_general, Frame("large", 20_000), Event, Frame("ack"));
        Assert.Equal(["large", "ack"], Texts);
        Assert.Equal(2, _writer.Writes.Count);
        _writer.Hold();
        outbox.Tell(Frame("first"));
        outbox.Offer(_general, Frame("b"), Event, Frame("ack 2"));
        outbox.Tell(Frame("last"));
        _writer.TakeAll();
        Assert.Equal(["large", "ack", "first", "b", "ack 2", "last"], Texts);
        Assert.Equal([1, 1], _answered);
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void Should_take_no_answer_with_events_that_it_does_not_take()
    {
        var outbox = New(bound: 500);
        _writer.Hold();
        outbox.Tell(Frame("first"));
        outbox.Tell(Frame("waits", 300));
        Assert.Equal(Offer.Full, outbox.Offer(_general, Frame("too much", 300), Event, Frame("ack")));
        outbox.Close(CloseCodes.Normal, "");
        Assert.Equal(Offer.Closed, outbox.Offer(_general, Frame("late"), Event, Frame("ack")));
        _writer.TakeAll();
        Assert.Equal(["first", "waits", "closed 1000"], Texts);
        Assert.Empty(_answered);
    }

    [Fact]
    public void Should_write_all_that_waits_at_once_and_in_order_when_the_write_before_is_done()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Answer(Frame("a"));
        outbox.Offer(_general, Frame("b"), Event);
        outbox.Answer(Frame("c"));
        outbox.Page(_other, Frame("d"), Event, isAnswer: true);
        outbox.Tell(Frame("e"));
        Assert.Empty(_answered);
        _writer.TakeOne();
        Assert.Equal(["a"], Texts);
        Assert.Equal([1], _answered);
        _writer.TakeAll();
        Assert.Equal(["a", "b", "c", "d", "e"], Texts);
        Assert.Equal(2, _writer.Writes.Count);
        Assert.Equal([1, 2], _answered);
        Assert.False(_writer.HasOverlapped);
    }

    [Fact]
    public void Should_let_control_frames_overtake_what_waits()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Tell(Frame("a"));
        outbox.Tell(Frame("b"));
        outbox.Control(WireFrame.Ping);
        _writer.TakeAll();
        Assert.Equal(["a", "ping", "b"], Texts);
    }

    [Fact]
    public void Should_keep_only_the_latest_control_frames_when_many_wait()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Tell(Frame("a"));
        for (var i = 0; i < 100; i++)
            outbox.Control(i < 92 ? WireFrame.Ping : Frame($"latest {i}"));
        _writer.TakeAll();
        Assert.Equal(["a", .. Enumerable.Range(92, 8).Select(i => $"latest {i}")], Texts);
    }

    [Fact]
    public void Should_take_out_the_room_events_that_wait_and_nothing_else_when_the_bound_is_passed()
    {
        var outbox = New(bound: 1_000);
        _writer.Hold();
        outbox.Offer(_general, Frame("half sent"), new Passage("e", 1));
        outbox.Offer(_general, Frame("taken out", 200), new Passage("e", 2));
        outbox.Answer(Frame("a"));
        outbox.Offer(_other, Frame("taken out too"), new Passage("e", Joined: 1, Left: 2));
        outbox.Offer(_other, Frame("and this"), new Passage("e", 7));
        outbox.Tell(Frame("b"));
        outbox.Offer(_general, Frame("and that"), new Passage("e", 3, HasGap: true));
        Assert.Equal(Offer.Full, outbox.Offer(_general, Frame("too much", 700), new Passage("e", 4)));
        // What comes later must not overtake.
        Assert.Equal(Offer.Full, outbox.Offer(_other, Frame("c"), new Passage("e", 8)));
        _writer.TakeAll();
        Assert.Equal(["half sent", "a", "b"], Texts);
        Assert.Equal(0, outbox.Waiting);
        Assert.Equal(new Passage("e", 2, HasGap: true), outbox.TakeLost(_general));
        Assert.Equal(new Passage("e", 7, Joined: 1, Left: 2), outbox.TakeLost(_other));
        Assert.Null(outbox.TakeLost(_general));
        Assert.Equal(Offer.Accepted, outbox.Offer(_other, Frame("d"), new Passage("e", 9)));
    }

    [Fact]
    public void Should_keep_the_pages_up_to_the_answer_of_a_join_when_the_bound_is_passed()
    {
        var outbox = New(bound: 600);
        _writer.Hold();
        outbox.Tell(Frame("half sent"));
        outbox.Page(_general, Frame("a"), new Passage("e", 1), isAnswer: false);
        outbox.Page(_general, Frame("b"), new Passage("e", 50), isAnswer: true);
        outbox.Offer(_general, Frame("taken out"), new Passage("e", 100));
        outbox.Page(_other, Frame("taken out too"), new Passage("e", 1), isAnswer: false);
        Assert.Equal(Offer.Full, outbox.Offer(_general, Frame("too much", 500), new Passage("e", 101)));
        _writer.TakeAll();
        Assert.Equal(["half sent", "a", "b"], Texts);
        Assert.Equal(100, outbox.TakeLost(_general)!.From);
        Assert.Equal(1, outbox.TakeLost(_other)!.From);
    }

    [Fact]
    public void Should_refuse_room_events_and_take_answers_when_what_waits_can_not_be_taken_out()
    {
        var outbox = New(bound: 300);
        _writer.Hold();
        outbox.Answer(Frame("a", 200));
        Assert.Equal(Offer.Full, outbox.Offer(_general, Frame("too much", 200), Event));
        Assert.Null(outbox.TakeLost(_general));
        outbox.Answer(Frame("b", 200));
        outbox.Page(_general, Frame("c", 200), Event, isAnswer: false);
        _writer.TakeAll();
        Assert.Equal(["a", "b", "c"], Texts);
        Assert.Equal(Offer.Accepted, outbox.Offer(_general, Frame("d"), Event));
    }

    [Fact]
    public void Should_send_what_waits_of_a_subscription_that_is_over_when_the_bound_is_passed()
    {
        var outbox = New(bound: 300);
        _writer.Hold();
        outbox.Tell(Frame("half sent"));
        outbox.Offer(_general, Frame("a"), Event);
        outbox.End(_general);
        outbox.Answer(Frame("left"));
        Assert.Equal(Offer.Full, outbox.Offer(_other, Frame("too much", 300), Event));
        _writer.TakeAll();
        Assert.Equal(["half sent", "a", "left"], Texts);
        Assert.Null(outbox.TakeLost(_general));
    }

    [Fact]
    public void Should_take_a_batch_larger_than_the_bound_when_nothing_waits()
    {
        var outbox = New(bound: 100);
        Assert.Equal(Offer.Accepted, outbox.Offer(_general, Frame("large", 500), Event));
        Assert.Equal(["large"], Texts);
    }

    [Fact]
    public void Should_count_what_is_being_written_as_waiting()
    {
        var outbox = New(bound: 300);
        _writer.Hold();
        outbox.Offer(_general, Frame("a", 100), Event);
        Assert.Equal(Frame("a", 100).Length, outbox.Waiting);
        Assert.Equal(Offer.Full, outbox.Offer(_general, Frame("b", 250), Event));
        _writer.TakeAll();
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void Should_take_back_a_rooms_events_but_no_answer_nor_the_pages_before_it_when_it_is_dropped()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Offer(_general, Frame("half sent"), Event);
        outbox.Offer(_other, Frame("a"), Event);
        outbox.Answer(Frame("b"));
        outbox.Page(_general, Frame("c"), Event, isAnswer: false);
        outbox.Page(_general, Frame("d"), Event, isAnswer: true);
        outbox.Offer(_general, Frame("dropped"), Event);
        outbox.Page(_general, Frame("dropped too"), Event, isAnswer: false);
        outbox.Drop(General);
        outbox.Offer(_general, Frame("e"), Event);
        _writer.TakeAll();
        Assert.Equal(["half sent", "a", "b", "c", "d", "e"], Texts);
        Assert.Equal(0, outbox.Waiting);
        Assert.Equal(2, _answered.Sum());
    }

    [Fact]
    public void Should_write_in_parts_when_a_frame_is_large()
    {
        var outbox = New();
        outbox.Tell(Frame("large", 200_000));
        Assert.Equal(["large"], Texts);
        Assert.Equal(4, _writer.Writes.Count);
        Assert.All(_writer.Writes, length => Assert.InRange(length, 1, 64 * 1024));
    }

    [Fact]
    public void Should_tell_how_long_no_byte_was_taken()
    {
        var outbox = New();
        Assert.Equal(TimeSpan.Zero, outbox.Stalled);
        _writer.Hold();
        outbox.Tell(Frame("large", 100_000));
        _time.Advance(TimeSpan.FromSeconds(40));
        outbox.Tell(Frame("more"));
        Assert.Equal(TimeSpan.FromSeconds(40), outbox.Stalled);
        _writer.TakeOne();
        Assert.Equal(TimeSpan.Zero, outbox.Stalled);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), outbox.Stalled);
        _writer.TakeAll();
        Assert.Equal(TimeSpan.Zero, outbox.Stalled);
    }

    [Fact]
    public void Should_release_a_place_when_a_request_has_no_answer()
    {
        New().NoAnswer();
        Assert.Equal([1], _answered);
        Assert.Empty(_writer.Frames);
    }

    [Fact]
    public void Should_close_after_all_that_waits()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Tell(Frame("a"));
        outbox.Answer(Frame("b"));
        outbox.Close(1000, "bye");
        ExpectTakesNothing(outbox);
        Assert.False(_writer.IsCloseSent);
        _writer.TakeAll();
        Assert.Equal(["a", "b", "closed 1000"], Texts);
        Assert.True(_writer.IsCloseSent);
        Assert.False(_writer.IsAborted);
        ExpectTakesNothing(outbox);
        Assert.Equal(3, _writer.Frames.Count);
    }

    [Fact]
    public void Should_close_at_once_after_the_frame_that_is_half_sent()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Tell(Frame("half sent", 100_000));
        _writer.TakeOne();
        outbox.Tell(Frame("never"));
        outbox.Answer(Frame("nor this"));
        outbox.Control(WireFrame.Ping);
        outbox.Close(4002, "takes nothing", atOnce: true);
        Assert.Equal(0, outbox.Waiting);
        _writer.TakeAll();
        Assert.Equal(["half sent", "closed 4002"], Texts);
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void Should_keep_the_first_close_when_there_is_a_second()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Tell(Frame("a"));
        outbox.Close(1000, "bye");
        outbox.Close(1011, "internal error");
        outbox.Close(WireFrame.Close(1002, ""), atOnce: true);
        _writer.TakeAll();
        Assert.Equal(["a", "closed 1000"], Texts);
        outbox.Close(1011, "internal error");
        Assert.Equal(2, _writer.Frames.Count);
    }

    [Fact]
    public void Should_abort_and_take_nothing_more_when_a_write_fails()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Answer(Frame("a"));
        outbox.Answer(Frame("b"));
        _writer.Fail();
        Assert.True(_writer.IsAborted);
        Assert.True(outbox.IsAbandoned);
        Assert.Equal(0, outbox.Waiting);
        Assert.Empty(_answered);
        ExpectTakesNothing(outbox);
        Assert.Empty(_writer.Frames);
        Assert.False(_writer.IsCloseSent);
    }

    [Fact]
    public void Should_send_nothing_more_when_it_is_abandoned()
    {
        var outbox = New();
        _writer.Hold();
        outbox.Tell(Frame("under way"));
        outbox.Tell(Frame("never"));
        outbox.Abandon();
        _writer.TakeAll();
        ExpectTakesNothing(outbox);
        Assert.Equal(["under way"], Texts);
    }

    private void ExpectTakesNothing(Outbox outbox)
    {
        Assert.Equal(Offer.Closed, outbox.Offer(_general, Frame("no"), Event));
        outbox.Answer(Frame("no"));
        outbox.Tell(Frame("no"));
        outbox.Page(_general, Frame("no"), Event, isAnswer: true);
        outbox.Control(WireFrame.Ping);
    }

    [Fact]
    public void Should_read_back_what_was_encoded()
    {
        New().Tell(WireFrame.Text(Encoding.UTF8.GetBytes("""{"type":"pong"}""")));
        Assert.Equal([new ServerEvent.Pong()], _writer.Frames);
    }
}
