using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Actors.Nodes;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Rooms;

/// <summary>
/// One room: gives messages their order, has them stored before anybody sees them, and tells its relays. The rules are
/// <see cref="RoomState"/>'s; this gives them messages, time and a persister.
/// </summary>
public sealed partial class RoomActor : PerRoomActor, IWithTimers, IWithStash
{
    private sealed record TellDigest : INotInfluenceReceiveTimeout;

    private sealed record RetryStorage : INotInfluenceReceiveTimeout;

    private sealed record StayedIdle : INotInfluenceReceiveTimeout;

    private sealed record FollowTimeOver : INotInfluenceReceiveTimeout;

    private sealed record ExpectedTooLong : INotInfluenceReceiveTimeout;

    private sealed record EndSuperseded : INotInfluenceReceiveTimeout;

    private sealed record RelayLost(IActorRef Relay);

    // What a read off the actor came to; `reply` makes of the page what the asker is told.
    private sealed record ReadDone(IActorRef Asker, object Reply);

    private readonly ChatOptions _options;
    private readonly IRoomLog _log;
    private readonly IActorRef _sync;
    private readonly NodeLinks _links;
    private readonly RoomState _state;
    private readonly RecentLines _recent;
    private readonly PendingPosts _pending;
    private readonly PresenceDigest _digest = new();
    private readonly Dictionary<IActorRef, HashSet<SessionId>> _relays = [];
    // Who has something in the stash while the log opens.
    private readonly HashSet<IActorRef> _waiting = [];
    private IActorRef _writer = ActorRefs.Nobody;
    // Who waits until what was taken before is stored.
    private (IActorRef Asker, long Through)? _flush;
    private LogState _opened = new("", 1, 0, null);
    private HashSet<SessionId> _held = [];
    private bool _knowsIds;
    private bool _isCalled;
    private bool _storageFailed;
    private bool _isSuperseded;
    private int _reads;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RoomActor(ChatOptions options, IRoomLog log, IActorRef sync, RoomName room, NodeLinks links)
        : base(room)
    {
        (_options, _log, _sync, _links) = (options, log, sync, links);
        _state = new RoomState(room, new IdWindow(options.WindowTime, options.WindowAtLeast, options.WindowAtMost));
        _recent = new RecentLines(options.RecentMessages, options.RecentBytes);
        _pending = new PendingPosts(options.BatchBytes);
    }

    // Commands that may wait for the log to open.
    private const int StashCapacity = 20_000;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <summary>Props of one room; its log shares syncs by a <see cref="HistorySyncActor"/>, and its relays may be those of other nodes.</summary>
    public static Props Props(ChatOptions options, IRoomLog log, IActorRef sync, RoomName room, NodeLinks? links = null) =>
        Akka.Actor.Props.Create(() => new RoomActor(options, log, sync, room, links ?? NodeLinks.None)).WithStashCapacity(StashCapacity);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _writer = Context.ActorOf(HistoryWriterActor.Props(_log, _sync), "history");
        Context.Watch(_writer);
        _writer.Tell(HistoryWriterActor.Open.Instance);
        Become(Opening);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);

    // The log is being opened: commands wait for it.
    private void Opening(object message)
    {
        switch (message)
        {
            case HistoryWriterActor.Opened opened:
                _opened = opened.State;
                TellStorage(isFailing: false);
                _state.Recover(opened.State.Last, opened.State.LastTimestamp);
                _recent.Restart(opened.State.Last + 1);
                _writer.Tell(ReadWindow());
                // Behind the window, so that what is deleted is still known by its id.
                _writer.Tell(HistoryWriterActor.Trim.Instance);
                // Those whose members were taken in before it was known.
                foreach (var relay in _relays.Keys)
                    Tell(relay, Attached());
                if (_relays.Count > 0)
                    TellPopulation();
                Become(Open);
                _waiting.Clear();
                RestIfIdle();
                Stash.UnstashAll();
                break;
            case HistoryWriterActor.Failed { Cause.Failure: StorageFailure.Superseded }:
                Superseded();
                break;
            case HistoryWriterActor.Failed failed:
                StorageFailed(failed);
                Become(Unavailable);
                _waiting.Clear();
                RestIfIdle();
                Stash.UnstashAll();
                break;
            case RoomQueries.Where:
                SayWhere();
                break;
            // Who is in, no command is to come before; the relay is told where the log stands when that is known.
            case RoomCommands.Attach attach:
                Introduce();
                TakeIn(attach);
                break;
            case RoomCommands.Expect expect when Stash.IsFull:
                Expect(expect);
                break;
            case IWithRoom:
                Introduce();
                _waiting.Add(Sender);
                Hold(message);
                break;
            default:
                Always(message);
                break;
        }
    }

    // The log can't be opened: all is refused until it can.
    private void Unavailable(object message)
    {
        switch (message)
        {
            case RetryStorage:
                _writer.Tell(HistoryWriterActor.Open.Instance);
                Become(Opening);
                break;
            case RoomCommands.Leave leave:
                Leave(leave);
                break;
            case RoomCommands.Attach attach:
                // They stay members; the relay is told where the log stands when that is known.
                TakeIn(attach);
                break;
            case RoomCommands.Expect expect:
                Expect(expect);
                break;
            case RoomQueries.Who q:
                Tell(Sender, WhoIs(q));
                break;
            case RoomQueries.Where:
                SayWhere();
                break;
            case IWithRoom:
                RefuseAny(message, StorageUnavailable());
                break;
            default:
                Always(message);
                break;
        }
    }

    private void Open(object message)
    {
        switch (message)
        {
            case IWithRoom when MustWait(message):
                Hold(message);
                break;
            case RoomCommands.Post post:
                Post(post);
                break;
            case HistoryWriterActor.Appended:
                Stored();
                break;
            case RoomCommands.Enter enter:
                Enter(enter);
                break;
            case RoomCommands.Leave leave:
                Leave(leave);
                break;
            case RoomCommands.Type type:
                Type(type);
                break;
            case RoomCommands.ReadPage read:
                ReadPage(read);
                break;
            case RoomCommands.Attach attach:
                TakeIn(attach);
                Tell(Sender, Attached());
                break;
            case RoomCommands.Expect expect:
                Expect(expect);
                break;
            case RoomQueries.Where:
                SayWhere();
                break;
            case RoomQueries.Who who:
                Tell(Sender, WhoIs(who));
                break;
            case RoomQueries.History { Waits: true } history when history.After == _state.Stored:
                Follow(history);
                break;
            case RoomQueries.History history:
                ReadHistory(history, Sender);
                break;
            case FollowTimeOver:
                AnswerFollowers();
                RestIfIdle();
                break;
            case ReadDone done:
                _reads--;
                Tell(done.Asker, done.Reply);
                break;
            case HistoryWriterActor.WindowRead window:
                Remember(window.Window);
                break;
            case HistoryWriterActor.Failed { Cause.Failure: StorageFailure.Superseded }:
                Superseded();
                break;
            case HistoryWriterActor.Failed failed:
                StorageFailed(failed);
                break;
            case RetryStorage:
                _writer.Tell(HistoryWriterActor.Open.Instance);
                break;
            case HistoryWriterActor.Opened opened:
                Reopened(opened.State);
                break;
            default:
                Always(message);
                break;
        }
    }

    private void Always(object message)
    {
        switch (message)
        {
            case TellDigest:
                var (joined, left) = (_digest.Joined, _digest.Left);
                TellRelays(Notice(_digest.Take(Room, _state.Online, _state.Time(Now())), null, joined, left));
                break;
            case StayedIdle when OwesNothing:
                Context.Parent.Tell(new ChildReports.Idle(Room));
                break;
            case StayedIdle:
                RestIfIdle();
                break;
            case ChildReports.Stop when OwesNothing:
                Context.Stop(Self);
                break;
            case ChildReports.Stop:
                // Somebody came while the parent was being told.
                Context.Parent.Tell(new ChildReports.Busy(Room));
                RestIfIdle();
                break;
            case ChildReports.Flush:
                _flush = (Sender, _state.Last);
                TellIfFlushed();
                break;
            case ChildReports.Trim:
                _writer.Tell(HistoryWriterActor.Trim.Instance);
                break;
            case HistoryWriterActor.Trimmed trimmed:
                _opened = _opened with { First = trimmed.First };
                break;
            case RelayLost lost:
                ForgetRelay(lost.Relay);
                break;
            case ExpectedTooLong:
                LetExpectedLeave();
                break;
            case ChildReports.MoveOn:
                Become(MovingOn);
                MoveOnIfStored();
                break;
            default:
                // Also where the writer failed for a reason that isn't the storage: the room ends, and its relays call a new one.
                Unhandled(message);
                break;
        }
    }

    // ---- its own failure

    // Who asks has something to say, that is on its way.
    private void SayWhere()
    {
        _isCalled = true;
        RestIfIdle();
        Tell(Sender, new RoomReplies.Here(Room));
    }

    // Whom to watch, should this room fail before it can say more.
    private void Introduce()
    {
        if (!_relays.ContainsKey(Sender))
            Tell(Sender, new RoomReplies.Opening(Room));
    }

    // The room goes to another node: what it has taken is stored, and told, and all else its relays ask its successor.
    private void MovingOn(object message)
    {
        switch (message)
        {
            case HistoryWriterActor.Appended:
                Stored();
                break;
            case HistoryWriterActor.Failed { Cause.Failure: StorageFailure.Superseded }:
                // Its successor is there already, and is asked for what wasn't stored.
                _pending.Lost();
                break;
            case Terminated:
                // Whether the writer has stored it, its successor finds out.
                _pending.Lost();
                break;
            case HistoryWriterActor.Failed failed:
                StorageFailed(failed);
                break;
        }
        MoveOnIfStored();
    }

    private void MoveOnIfStored()
    {
        if (!_pending.IsEmpty)
            return;
        var ending = new RoomReplies.Ending(Room, IsFailure: false, [.. _expected.Values.Select(expected => expected.Who)], HasMoved: true);
        _waiting.UnionWith(_relays.Keys);
        foreach (var relay in _waiting)
            Tell(relay, ending);
        if (!IsIdle)
            _log.MoveOn();
        Context.Stop(Self);
    }

    // Relays watch it, and ask again. Those of other nodes would take an end without a word for that of this node, and those here for a failure.
    private protected override void Fail()
    {
        foreach (var relay in _relays.Keys.Where(relay => _isSuperseded || NodeLinks.IsFar(relay)))
            Tell(relay, new RoomReplies.Ending(Room, IsFailure: !_isSuperseded, [.. _expected.Values.Select(expected => expected.Who)]));
        Stash.UnstashAll();
    }

    // Also to a relay that is known: it may have come with the message that the room failed over.
    private protected override void TellOfFailure(object message, IActorRef sender)
    {
        // Who asks where it is asks again.
        if (message is IWithRoom and not RoomQueries.Where)
            Tell(sender, new RoomReplies.Opening(Room));
    }

    // ---- the rest

    // A publish waits until the ids seen are known. A leave waits until all that its session said is stored, so that nobody sees
    // it go before its last words, and a history, so that it has them. All that a session sends behind what waits, waits too.
    // Nobody else does.
    private bool MustWait(object command)
    {
        if (_storageFailed)
            return false;
        var (session, hasToWait) = command switch
        {
            RoomCommands.Post post => (post.Who.Session, !_knowsIds),
            RoomCommands.Leave leave => (leave.Who.Session, _pending.HasAnyOf(leave.Who.Session)),
            RoomCommands.Enter enter => (enter.Who.Session, false),
            RoomCommands.Type type => (type.Who.Session, false),
            RoomQueries.History { By: { } reader } => (reader, _pending.HasAnyOf(reader)),
            RoomQueries.Who { By: { } asker } => (asker, false),
            _ => default((SessionId?, bool)),
        };
        if (session is not { } held || !(hasToWait || _held.Contains(held)))
            return false;
        _held.Add(held);
        return true;
    }

    // What waited is looked at again, in its order.
    private void Release()
    {
        _held = [];
        Stash.UnstashAll();
    }

    private void Hold(object message)
    {
        if (Stash.IsFull)
            RefuseAny(message, Busy());
        else
            Stash.Stash();
    }

    private void RefuseAny(object message, ServerEvent.Error error)
    {
        switch (message)
        {
            case RoomCommands.Enter enter:
                Refuse(enter.Ticket, error);
                break;
            case RoomCommands.Leave leave:
                Refuse(leave.Ticket, error);
                break;
            case RoomCommands.Post post:
                Refuse(post.Ticket, error);
                break;
            case RoomCommands.Type type:
                Refuse(type.Ticket, error);
                break;
            case RoomCommands.ReadPage read:
                Refuse(read.Ticket, error);
                break;
            case RoomCommands.Expect expect:
                Refuse(expect.Ticket, error);
                break;
            case RoomQueries.Who who:
                Tell(Sender, new RoomReplies.QueryRefused(Room, who.Ticket, who.RequestId, error));
                break;
            case RoomQueries.History history:
                Tell(Sender, new RoomReplies.QueryRefused(Room, history.Ticket, history.RequestId, error));
                break;
        }
    }

    private bool IsIdle => _relays.Count == 0 && _expected.Count == 0 && _pending.IsEmpty;

    // Nor does anybody wait for a page, or for the log to open.
    private bool OwesNothing => IsIdle && _reads == 0 && _followers.Count == 0 && Stash.IsEmpty;

    private void RestIfIdle()
    {
        // One that nobody wrote in has nothing to keep in memory.
        if (IsIdle)
            Timers.StartSingleTimer(nameof(StayedIdle), new StayedIdle(), _knowsIds && _state.Last == 0 && !_isCalled ? TimeSpan.Zero : _options.RoomIdle);
    }

    private void TellIfFlushed()
    {
        if (_flush is not { } flush || (!_pending.IsEmpty && _state.Stored < flush.Through))
            return;
        flush.Asker.Tell(ChildReports.Flushed.Instance);
        _flush = null;
    }

    private void TellPopulation() =>
        Context.Parent.Tell(new ChildReports.Population(Room, _state.Online, HasLog: _state.Last > 0));

    private void Tell(IActorRef to, object message) => _links.Tell(to, message, Self);

    private void TellRelays(RoomReplies.Notice notice)
    {
        foreach (var relay in _relays.Keys)
            Tell(relay, notice);
    }

    private RoomReplies.Notice Notice(ServerEvent e, SessionId? except, int joined, int left) =>
        new(Room, EventCodec.Encode(e), except, joined, left, _state.Online);

    private void Refuse(long ticket, RoomDecision.Refused refused) =>
        Refuse(ticket, new ServerEvent.Error(refused.Code, refused.Sentence, Room.Value));

    private void Refuse(long ticket, ServerEvent.Error error) => Tell(Sender, new RoomReplies.Refused(Room, ticket, error));

    private ServerEvent.Error StorageUnavailable() => new(
        ErrorCodes.StorageUnavailable, "The room's history can't be reached at the moment. Try again in a while.",
        Room.Value, _options.StorageRetry);

    private ServerEvent.Error Busy() => new(
        ErrorCodes.Busy, "The room has more to store than it can. Try again in a while.", Room.Value, TimeSpan.FromSeconds(1));

    private DateTime Now() => _options.Time.GetUtcNow().UtcDateTime;
}
