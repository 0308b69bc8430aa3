using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Delivery;

/// <summary>Several threads at once, each the relay of one room: all comes out whole, once, and in each room's order.</summary>
public sealed class OutboxConcurrencyTests
{
    private const int Threads = 4;
    private const int Frames = 2_000;
    private const int JoinEvery = 90;
    private const int PageSize = 20;

    // Every other write isn't done at once, so that both ways of going on are taken, and some take long enough for much to wait.
    private sealed class Taking(RecordingWriter inner) : IFrameWriter
    {
        private const int LongWrite = 500;

        private int _writes;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            var write = Interlocked.Increment(ref _writes);
            for (var turns = write % 10 == 0 ? LongWrite : write % 2; turns > 0; turns--)
                await Task.Yield();
            await inner.WriteAsync(bytes);
        }

        public void CloseSent() => inner.CloseSent();

        public void Abort() => inner.Abort();
    }

    // Holds what a relay is told until its thread looks.
    private sealed class Inbox : MinimalActorRef
    {
        private readonly ConcurrentQueue<PageTurn> _turns = new();

        public override ActorPath Path => new RootActorPath(Address.AllSystems) / "inbox";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        public bool IsEmpty => _turns.IsEmpty;

        public PageTurn? Next => _turns.TryDequeue(out var turn) ? turn : null;

        protected override void TellInternal(object message, IActorRef sender) => _turns.Enqueue((PageTurn)message);
    }

    // A cursor in the events 0, 1, 2, … of one room, driven as a relay does.
    private sealed class Room(string name, Outbox outbox)
    {
        private readonly Inbox _inbox = new();
        private Feed _feed = null!;
        private bool _isLive;
        private bool _owesAnswer;
        private int _next;

        public int Head { get; private set; }

        public int Joins { get; private set; }

        public int Losses { get; private set; }

        public bool WasRobbed { get; private set; }

        public bool IsLive => _isLive;

        public bool IsAtRest => _isLive && _inbox.IsEmpty && _feed.Lost is null;

        public void Join(int since)
        {
            if (Joins++ > 0)
            {
                outbox.End(_feed);
                if (_owesAnswer)
                    outbox.Answer(Frame($"unanswered {Joins - 1}"));
            }
            outbox.Drop(RoomName.Trusted(name));
            _feed = new Feed(RoomName.Trusted(name), new SessionId(1), outbox, _inbox);
            (_isLive, _owesAnswer, _next) = (false, true, since);
            outbox.RequestTurn(_feed);
        }

        public void Happen()
        {
            var passage = new Passage("e", Head);
            var frame = Frame($"event {Head++}");
            if (!_isLive)
                return;
            if (outbox.Offer(_feed, frame, passage) == Offer.Accepted)
                _next = Head;
            else
                FallBehind();
        }

        public void TakeTurns()
        {
            while (_inbox.Next is { Feed: var feed })
            {
                if (ReferenceEquals(feed, _feed))
                    TakeTurn();
                else
                    outbox.End(feed);
            }
        }

        private void TakeTurn()
        {
            if (outbox.TakeLost(_feed) is { } lost)
                (_next, Losses) = (Math.Min(_next, (int)lost.From!.Value), Losses + 1);
            var (from, count) = (_next, Math.Min(PageSize, Head - _next));
            _next += count;
            _isLive = _next == Head;
            var page = Enumerable.Range(from, count).Select(i => Frame($"event {i}")).Prepend(Frame($"page {Joins} {from}"));
            outbox.Page(_feed, page.SelectMany(frame => frame.ToArray()).ToArray(), new Passage("e", from), isAnswer: _isLive && _owesAnswer);
            _owesAnswer &= !_isLive;
            Thread.Yield();
            // Nobody would ask for it again.
            WasRobbed |= _feed.Lost is not null;
            outbox.EndTurn(_feed, again: !_isLive);
        }

        private void FallBehind()
        {
            _isLive = false;
            outbox.RequestTurn(_feed);
        }

        private ReadOnlyMemory<byte> Frame(string what) =>
            WireFrame.Text(EventCodec.Encode(new ServerEvent.Notice(name, what.PadRight(20 + (Head * 7 % 900), '.'), null)));
    }

    [Theory]
    [InlineData(Outbox.DefaultBound)]
    [InlineData(20_000)]
    public async Task Should_lose_double_and_mix_nothing_when_several_threads_write(int bound)
    {
        var writer = new RecordingWriter();
        var answered = 0;
        var outbox = new Outbox(new Taking(writer), count => Interlocked.Add(ref answered, count), TimeProvider.System, bound);
        var rooms = Enumerable.Range(0, Threads).Select(thread => new Room($"room{thread}", outbox)).ToArray();
        var (busy, began) = (Threads, Stopwatch.GetTimestamp());
        using var barrier = new Barrier(Threads);

        await Task.WhenAll(rooms.Select(room => Task.Factory.StartNew(() =>
        {
            barrier.SignalAndWait();
            for (var i = 0; i < Frames; i++)
            {
                if (i % JoinEvery == 0)
                    room.Join(since: Math.Max(0, room.Head - 3));
                if (i % 7 == 0)
                    outbox.Control(WireFrame.Ping);
                room.Happen();
                room.TakeTurns();
                while (i % PageSize == 0 && !room.IsLive)
                    TakeTurns(room);
            }
            Interlocked.Decrement(ref busy);
            // When nobody offers any more, nothing is taken out any more.
            while (Volatile.Read(ref busy) > 0 || !room.IsAtRest)
                TakeTurns(room);
        }, TaskCreationOptions.LongRunning)));
        outbox.Close(1000, "bye");
        await Patience.UntilAsync(() => Task.FromResult(writer.IsCloseSent), "the close frame");

        // Far beyond what it takes; then a turn is lost, or another thread has failed.
        void TakeTurns(Room room)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience.Limit, "A room waits for its turn in vain.");
            Thread.Yield();
            room.TakeTurns();
        }

        var notices = writer.Frames.OfType<ServerEvent.Notice>().ToLookup(notice => notice.Room, notice => notice.Sentence.TrimEnd('.').Split(' '));
        foreach (var (room, number) in rooms.Select((room, number) => (room, number)))
        {
            var (join, next) = (0, 0);
            foreach (var words in notices[$"room{number}"])
            {
                var at = int.Parse(words[^1]);
                if (words[0] == "page")
                {
                    // A later join begins anew; whatever else is fed again follows on.
                    Assert.True(int.Parse(words[1]) >= join);
                    if (int.Parse(words[1]) > join)
                        (join, next) = (int.Parse(words[1]), at);
                    Assert.Equal(next, at);
                }
                else if (words[0] == "event")
                {
                    Assert.Equal(next++, at);
                }
            }
            Assert.Equal((room.Joins, room.Head), (join, next));
        }
        Assert.Equal(rooms.Sum(room => room.Joins), answered);
        Assert.DoesNotContain(rooms, room => room.WasRobbed);
        Assert.Equal(bound < Outbox.DefaultBound, rooms.Sum(room => room.Losses) > 0);
        // Control frames overtake, and only the latest few may wait.
        Assert.InRange(writer.Frames.Count(frame => frame is OtherFrame.Ping), 1, Threads * Frames);
        Assert.IsType<OtherFrame.Closed>(writer.Frames[^1]);
        Assert.False(writer.HasOverlapped);
        Assert.Equal(0, outbox.Waiting);
    }
}
