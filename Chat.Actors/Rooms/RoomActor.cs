using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Rooms;

/// <summary>
/// One room: gives messages their order, has them stored before anybody sees them, and tells its relays. The rules are
/// <see cref="RoomState"/>'s; this gives them messages, time and a persister.
/// </summary>
public sealed class RoomActor : UntypedActor, IWithTimers, IWithStash
{
    private sealed record TellDigest : INotInfluenceReceiveTimeout;

    private sealed record RetryStorage : INotInfluenceReceiveTimeout;

    private sealed record StayedIdle : INotInfluenceReceiveTimeout;

    private sealed record RelayLost(IActorRef Relay);

    // What a read off the actor came to; `reply` makes of the page what the asker is told.
    private sealed record ReadDone(IActorRef Asker, object Reply);

    private readonly ChatOptions _options;
    private readonly IRoomLog _log;
    private readonly RoomState _state;
    private readonly RecentLines _recent;
    private readonly PendingPosts _pending;
    private readonly PresenceDigest _digest = new();
    private readonly Dictionary<IActorRef, HashSet<SessionId>> _relays = [];
    private readonly ILoggingAdapter _logger = Context.GetLogger();
    private IActorRef _writer = ActorRefs.Nobody;
    private IActorRef? _flush;
    private LogState _opened = new("", 1, 0, null);
    private HashSet<SessionId> _held = [];
    private bool _knowsIds;
    private bool _storageFailed;
    private int _reads;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RoomActor(ChatOptions options, IRoomLog log, RoomName room)
    {
        (_options, _log) = (options, log);
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

    /// <summary>Props of one room.</summary>
    public static Props Props(ChatOptions options, IRoomLog log, RoomName room) =>
        Akka.Actor.Props.Create(() => new RoomActor(options, log, room)).WithStashCapacity(StashCapacity);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _writer = Context.ActorOf(HistoryWriterActor.Props(_log), "history");
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
                _storageFailed = false;
                _state.Recover(opened.State.Last, opened.State.LastTimestamp);
                _recent.Restart(opened.State.Last + 1);
                _writer.Tell(ReadWindow());
                // Behind the window, so that what is deleted is still known by its id.
                _writer.Tell(HistoryWriterActor.Trim.Instance);
                // Those whose members were taken in before it was known.
                foreach (var relay in _relays.Keys)
                    relay.Tell(Attached());
                Become(Open);
                RestIfIdle();
                Stash.UnstashAll();
                break;
            case HistoryWriterActor.Failed failed:
                StorageFailed(failed);
                Become(Unavailable);
                RestIfIdle();
                Stash.UnstashAll();
                break;
            case IWithRoom:
                // Whom to watch, should this room fail before it can say more.
                if (message is RoomCommands.Enter or RoomCommands.Attach)
                    Sender.Tell(new RoomReplies.Opening(_state.Room));
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
            case RoomQueries.Who q:
                Sender.Tell(WhoIs(q));
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
                Sender.Tell(Attached());
                break;
            case RoomQueries.Who who:
                Sender.Tell(WhoIs(who));
                break;
            case RoomQueries.History history:
                ReadHistory(history);
                break;
            case ReadDone done:
                _reads--;
                done.Asker.Tell(done.Reply);
                break;
            case HistoryWriterActor.WindowRead window:
                Remember(window.Window);
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
                TellRelays(Notice(_digest.Take(_state.Room, _state.Online, _state.Time(Now())), null, joined, left));
                break;
            case StayedIdle when OwesNothing:
                Context.Parent.Tell(new ChildReports.Idle(_state.Room));
                break;
            case StayedIdle:
                RestIfIdle();
                break;
            case ChildReports.Stop when OwesNothing:
                Context.Stop(Self);
                break;
            case ChildReports.Stop:
                // Somebody came while the parent was being told.
                Context.Parent.Tell(new ChildReports.Busy(_state.Room));
                RestIfIdle();
                break;
            case ChildReports.Flush:
                _flush = Sender;
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
            default:
                // Also where the writer failed for a reason that isn't the storage: the room ends, and its relays call a new one.
                Unhandled(message);
                break;
        }
    }

    // ---- members

    private void Enter(RoomCommands.Enter enter)
    {
        switch (_state.Decide(new RoomDemand.Enter(enter.Who), Now()))
        {
            case RoomDecision.Refused refused:
                Refuse(enter.Ticket, refused);
                break;
            case RoomDecision.Happens happens:
                var isNew = _state.Find(enter.Who) is null;
                foreach (var fact in happens.Facts)
                {
                    _state.Apply(fact);
                    if (fact is RoomFact.Left left)
                        TellPresence(left.Who, joined: false);
                }
                Relay(Sender).Add(enter.Who.Session);
                if (isNew)
                    TellPresence(enter.Who, joined: true);
                Sender.Tell(new RoomReplies.Entered(
                    _state.Room, enter.Ticket, _opened.Epoch, _opened.First, _state.Stored, _state.Online));
                break;
        }
    }

    private void Leave(RoomCommands.Leave leave)
    {
        switch (_state.Decide(new RoomDemand.Leave(leave.Who), Now()))
        {
            case RoomDecision.Refused refused:
                Refuse(leave.Ticket, refused);
                break;
            case RoomDecision.Happens happens:
                foreach (var fact in happens.Facts)
                    _state.Apply(fact);
                if (_relays.TryGetValue(Sender, out var sessions))
                    sessions.Remove(leave.Who.Session);
                TellPresence(leave.Who, joined: false);
                Sender.Tell(new RoomReplies.LeftRoom(_state.Room, leave.Ticket, leave.Who.User.Value, _state.Online, _state.Time(Now())));
                if (_relays.TryGetValue(Sender, out var left) && left.Count == 0)
                    ForgetRelay(Sender);
                break;
        }
        RestIfIdle();
    }

    private void TakeIn(RoomCommands.Attach attach)
    {
        var sessions = Relay(Sender);
        foreach (var who in attach.Members)
        {
            if (_state.Decide(new RoomDemand.Enter(who), Now()) is not RoomDecision.Happens happens)
                continue;
            foreach (var fact in happens.Facts)
                _state.Apply(fact);
            sessions.Add(who.Session);
        }
        TellPopulation();
    }

    private HashSet<SessionId> Relay(IActorRef relay)
    {
        Timers.Cancel(nameof(StayedIdle));
        if (!_relays.TryGetValue(relay, out var sessions))
        {
            _relays[relay] = sessions = [];
            Context.WatchWith(relay, new RelayLost(relay));
        }
        return sessions;
    }

    // A relay without members ends by itself. One that still had some failed: its connections are closed with it.
    private void ForgetRelay(IActorRef relay)
    {
        if (!_relays.Remove(relay, out var sessions))
            return;
        Context.Unwatch(relay);
        foreach (var who in _state.Members.Where(member => sessions.Contains(member.Session)).ToArray())
        {
            _state.Apply(new RoomFact.Left(who));
            TellPresence(who, joined: false);
        }
        RestIfIdle();
    }

    private void TellPresence(Speaker who, bool joined)
    {
        var online = _state.Online;
        TellPopulation();
        if (online > _options.DigestAbove || !_digest.IsEmpty)
        {
            _digest.Add(joined ? 1 : 0, joined ? 0 : 1);
            if (!Timers.IsTimerActive(nameof(TellDigest)))
                Timers.StartSingleTimer(nameof(TellDigest), new TellDigest(), _options.DigestEvery);
            return;
        }
        var (room, user, now) = (_state.Room.Value, who.User.Value, _state.Time(Now()));
        ServerEvent e = joined
            ? new ServerEvent.Joined(room, user, online, $"{user} joined the room", now)
            : new ServerEvent.Left(room, user, online, $"{user} left the room", now);
        TellRelays(Notice(e, who.Session, joined ? 1 : 0, joined ? 0 : 1));
    }

    private void Type(RoomCommands.Type type)
    {
        if (_state.Find(type.Who) is null)
        {
            Refuse(type.Ticket, new ServerEvent.Error(
                ErrorCodes.NotInRoom, $"You are not in the room {_state.Room}. Join it first.", _state.Room.Value));
            return;
        }
        TellRelays(Notice(new ServerEvent.Typing(_state.Room.Value, type.Who.User.Value), type.Who.Session, 0, 0));
        Sender.Tell(new RoomReplies.Done(_state.Room, type.Ticket));
    }

    // ---- messages

    private void Post(RoomCommands.Post post)
    {
        if (_storageFailed)
        {
            Refuse(post.Ticket, StorageUnavailable());
            return;
        }
        if (_pending.Bytes > _options.MaxWaitingBytes)
        {
            Refuse(post.Ticket, Busy());
            return;
        }
        var id = post.Id ?? Guid.NewGuid().ToString("N");
        switch (_state.Decide(new RoomDemand.Post(post.Who, id, post.Text), Now()))
        {
            case RoomDecision.Refused refused:
                Refuse(post.Ticket, refused);
                break;
            case RoomDecision.Known { IsStored: true } known:
                Sender.Tell(new RoomReplies.Delivered(
                    _state.Room, [], [new RoomReplies.Ack(post.Ticket, known.Id, known.Seq, known.Timestamp, Duplicate: true)]));
                break;
            case RoomDecision.Known known:
                // The first copy is being written: the second shares its fate.
                _pending.Find(known.Seq)!.Waiters.Add((Sender, post.Ticket, Duplicate: true));
                break;
            case RoomDecision.Happens happens:
                foreach (var fact in happens.Facts)
                {
                    _state.Apply(fact);
                    if (fact is RoomFact.Posted posted)
                        Gather(posted, post.Ticket);
                }
                AppendNext();
                break;
        }
    }

    private void Gather(RoomFact.Posted posted, long ticket)
    {
        var line = LogLine.Encode(_state.Room, posted.Seq, posted.Id, posted.Who.User.Value, posted.Text, posted.Timestamp);
        var pending = new PendingPost(new LogEntry(posted.Seq, line), posted.Id, posted.Timestamp, posted.Who.Session);
        pending.Waiters.Add((Sender, ticket, Duplicate: false));
        _pending.Add(pending);
    }

    private void AppendNext()
    {
        if (_pending.TakeBatch() is { Count: > 0 } batch)
            _writer.Tell(new HistoryWriterActor.Append(batch));
    }

    private void Stored()
    {
        var posts = _pending.Stored();
        _state.Apply(new RoomFact.Stored(posts[^1].Entry.Seq));
        foreach (var post in posts)
            _recent.Add(post.Entry);
        // The next batch is written while this one is being told.
        AppendNext();

        LogEntry[] entries = [.. posts.Select(post => post.Entry)];
        var acks = posts
            .SelectMany(post => post.Waiters, (post, waiter) => (waiter.Relay, Ack: new RoomReplies.Ack(
                waiter.Ticket, post.Id, post.Entry.Seq, post.Timestamp, waiter.Duplicate)))
            .ToLookup(answer => answer.Relay, answer => answer.Ack);
        foreach (var relay in _relays.Keys)
            relay.Tell(new RoomReplies.Delivered(_state.Room, entries, [.. acks[relay]]));
        foreach (var gone in acks.Where(answers => !_relays.ContainsKey(answers.Key)))
            gone.Key.Tell(new RoomReplies.Delivered(_state.Room, [], [.. gone]));
        if (_held.Count > 0)
            Release();
        TellIfFlushed();
        RestIfIdle();
    }

    // ---- pages

    private void ReadPage(RoomCommands.ReadPage read)
    {
        var (room, epoch, last) = (_state.Room, _opened.Epoch, _state.Stored);
        Read(
            new LogQuery(read.From, last, PageEnd.Oldest, Limits.PageMessages, Limits.PageBytes),
            page => new RoomReplies.PageRead(room, read.Ticket, epoch, read.From, page, last),
            error => new RoomReplies.Refused(room, read.Ticket, error));
    }

    private void ReadHistory(RoomQueries.History history)
    {
        var (room, epoch, last) = (_state.Room, _opened.Epoch, _state.Stored);
        var query = history.After is { } after
            ? new LogQuery(after < 0 ? 1 : after == long.MaxValue ? after : after + 1, last, PageEnd.Oldest, history.Limit, Limits.PageBytes)
            : new LogQuery(1, Math.Min(last, history.Before is { } before ? Math.Max(before, 1) - 1 : last), PageEnd.Newest, history.Limit, Limits.PageBytes);
        Read(
            query,
            page => new RoomReplies.HistoryRead(
                room,
                history.RequestId,
                new ServerEvent.History(
                    room.Value, epoch, [], last, More: page.From > page.First && last > 0, Live: false, IsGap(page, query), page.Missing, 0),
                [.. page.Entries.Select(entry => entry.Line)]),
            error => new RoomReplies.QueryRefused(room, history.RequestId, error));
    }

    // Deleted by retention: what was asked for begins below what is kept, and the page reaches down to it.
    private static bool IsGap(LogPage page, LogQuery query) =>
        page.Missing.Count > 0
        || (page.First > 1 && page.From == page.First && query.From < page.First
            && (query.Keep == PageEnd.Oldest || page.Entries.Count < query.MaxMessages));

    private void Read(LogQuery query, Func<LogPage, object> reply, Func<ServerEvent.Error, object> refusal)
    {
        if (_recent.Page(query, _opened.First) is { } page)
        {
            Sender.Tell(reply(page));
            return;
        }
        var (log, asker, logger, room, error) = (_log, Sender, _logger, _state.Room, StorageUnavailable());
        _reads++;
        DiskReads.Start(
            Context.System,
            () => log.Read(query),
            Self,
            success: read => new ReadDone(asker, reply(read)),
            failure: cause =>
            {
                logger.Error(cause, "A page of the room {Room} can't be read", room);
                return new ReadDone(asker, refusal(error));
            });
    }

    private RoomReplies.WhoIs WhoIs(RoomQueries.Who who) => new(
        _state.Room,
        who.RequestId,
        [.. _state.Members.OrderBy(member => member.User.Folded, StringComparer.Ordinal).Take(Limits.WhoMembers).Select(member => member.User.Value)],
        _state.Online);

    // ---- storage

    private HistoryWriterActor.ReadWindow ReadWindow() =>
        new(new WindowQuery(
            Now() - _options.WindowTime, _options.WindowAtLeast, _options.WindowAtMost, _options.RecentMessages, _options.RecentBytes));

    private void Remember(LogWindow window)
    {
        foreach (var (seq, user, id, timestamp, text) in window.Ids)
            _state.Remember(user, id, new SeenId(seq, timestamp, text));
        if (window.Recent.Count > 0 && window.Recent[^1].Seq == _state.Stored)
        {
            foreach (var entry in window.Recent)
                _recent.Add(entry);
        }
        _knowsIds = true;
        Release();
    }

    // What waits is refused, the failed batch with its seqs and ids; reading goes on, and the log is opened again in a while.
    private void StorageFailed(HistoryWriterActor.Failed failed)
    {
        if (!_storageFailed)
            _logger.Error(failed.Cause, "The log of the room {Room} failed; publishes are refused until it opens again", _state.Room);
        _storageFailed = true;
        _state.Apply(new RoomFact.Lost());
        foreach (var post in _pending.Lost())
        {
            foreach (var (relay, ticket, _) in post.Waiters)
                relay.Tell(new RoomReplies.Refused(_state.Room, ticket, StorageUnavailable()));
        }
        Timers.StartSingleTimer(nameof(RetryStorage), new RetryStorage(), _options.StorageRetry);
        TellIfFlushed();
        Release();
    }

    private void Reopened(LogState state)
    {
        _logger.Info("The log of the room {Room} is open again, at seq {Last}", _state.Room, state.Last);
        var isOther = state.Epoch != _opened.Epoch || state.Last != _state.Stored;
        _opened = state;
        _storageFailed = false;
        _state.Recover(state.Last, state.LastTimestamp);
        if (isOther)
        {
            _recent.Restart(state.Last + 1);
            foreach (var relay in _relays.Keys)
                relay.Tell(Attached());
        }
        if (!_knowsIds)
            _writer.Tell(ReadWindow());
    }

    private RoomReplies.Attached Attached() =>
        new(_state.Room, _opened.Epoch, _opened.First, _state.Stored, _state.Online);

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
            case RoomQueries.Who who:
                Sender.Tell(new RoomReplies.QueryRefused(_state.Room, who.RequestId, error));
                break;
            case RoomQueries.History history:
                Sender.Tell(new RoomReplies.QueryRefused(_state.Room, history.RequestId, error));
                break;
        }
    }

    private bool IsIdle => _relays.Count == 0 && _pending.IsEmpty;

    // Nor does anybody wait for a page, or for the log to open.
    private bool OwesNothing => IsIdle && _reads == 0 && Stash.IsEmpty;

    private void RestIfIdle()
    {
        // One that nobody wrote in has nothing to keep in memory.
        if (IsIdle)
            Timers.StartSingleTimer(nameof(StayedIdle), new StayedIdle(), _knowsIds && _state.Last == 0 ? TimeSpan.Zero : _options.RoomIdle);
    }

    private void TellIfFlushed()
    {
        if (!_pending.IsEmpty || _flush is null)
            return;
        _flush.Tell(ChildReports.Flushed.Instance);
        _flush = null;
    }

    private void TellPopulation() =>
        Context.Parent.Tell(new ChildReports.Population(_state.Room, _state.Online, Exists: _state.Online > 0 || _state.Last > 0));

    private void TellRelays(RoomReplies.Notice notice)
    {
        foreach (var relay in _relays.Keys)
            relay.Tell(notice);
    }

    private RoomReplies.Notice Notice(ServerEvent e, SessionId? except, int joined, int left) =>
        new(_state.Room, EventCodec.Encode(e), except, joined, left, _state.Online);

    private void Refuse(long ticket, RoomDecision.Refused refused) =>
        Refuse(ticket, new ServerEvent.Error(refused.Code, refused.Sentence, _state.Room.Value));

    private void Refuse(long ticket, ServerEvent.Error error) => Sender.Tell(new RoomReplies.Refused(_state.Room, ticket, error));

    private ServerEvent.Error StorageUnavailable() => new(
        ErrorCodes.StorageUnavailable, "The room's history can't be reached at the moment. Try again in a while.",
        _state.Room.Value, _options.StorageRetry);

    private ServerEvent.Error Busy() => new(
        ErrorCodes.Busy, "The room has more to store than it can. Try again in a while.", _state.Room.Value, TimeSpan.FromSeconds(1));

    private DateTime Now() => _options.Time.GetUtcNow().UtcDateTime;
}
