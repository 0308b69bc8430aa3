using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>
/// Arbitrates names for all nodes of the cluster, on one of them at a time. Each node keeps its own sessions and tells of them; a new arbiter asks all
/// for theirs first. Those whose node is gone are known from what it saved: their grace period begins anew, and their rooms are told to expect them.
/// </summary>
public sealed class NamesActor : UntypedActor, IWithTimers
{
    private sealed record Loaded(IReadOnlyList<SavedSession> Sessions);

    private sealed record LoadFailed(Exception Cause);

    private sealed record Tick : INotInfluenceReceiveTimeout;

    private sealed record YieldTimeOver(SessionId Session) : INotInfluenceReceiveTimeout;

    // Claims of a session that a node has yet to give up.
    private sealed class Moving(Address from)
    {
        public Address From => from;
        public Queue<(NameMessages.Claim Claim, IActorRef Node)> Claims { get; } = new();
    }

    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(1);

    // A node that doesn't answer may be gone, which takes the cluster a while to see.
    private static readonly TimeSpan YieldTime = TimeSpan.FromSeconds(3);

    // For longer than a node asks for it.
    private static readonly TimeSpan GrantedKept = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly ISessionStore _store;
    private readonly NodeLinks _links;
    private readonly IActorRef _relays;
    private readonly NameBook _book;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<Address, IActorRef> _nodes = [];
    private readonly HashSet<Address> _unheard = [];
    private readonly Dictionary<SessionId, Moving> _moving = [];
    // Those that can't be decided yet, as long as they are waited for.
    private readonly Queue<(NameMessages.Claim Claim, IActorRef Node, TimeSpan At)> _early = new();
    // What was granted lately.
    private readonly Dictionary<(IActorRef Node, long Ticket), (NameMessages.Granted Answer, TimeSpan At)> _granted = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly long _start;
    private long _term;
    private long _lastSession;
    private bool _isLoading;
    private bool _mustLoad;
    private bool _isRebuilt;
    private IReadOnlyList<SavedSession>? _savedBefore;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public NamesActor(ChatOptions options, ISessionStore store, NodeLinks links, IActorRef relays)
    {
        (_time, _store, _links, _relays) = (options.Time, store, links, relays);
        (_start, _term) = (_time.GetTimestamp(), _time.GetUtcNow().Ticks);
        _book = new NameBook(options.Limits.Grace, NewSession);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the cluster's only one. <paramref name="relays"/> are those of its node.</summary>
    public static Props Props(ChatOptions options, ISessionStore store, NodeLinks links, IActorRef relays) =>
        Akka.Actor.Props.Create(() => new NamesActor(options, store, links, relays));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var state = _cluster.State;
        foreach (var member in state.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed)))
        {
            Meet(member.Address);
            if (!state.Unreachable.Contains(member))
                _unheard.Add(member.Address);
        }
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.UnreachableMember));
        Timers.StartPeriodicTimer(nameof(Tick), new Tick(), TickEvery);
        Load();
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NameMessages.Claim claim when !_isRebuilt || (IsLoading && claim.Session is { } session && _book.IsOnNone(session)):
                DropLate();
                _early.Enqueue((claim, Sender, Now()));
                break;
            case NameMessages.Claim claim:
                Claim(claim, Sender);
                break;
            case NameMessages.Yielded yielded:
                Yielded(yielded);
                break;
            case YieldTimeOver over when _moving.TryGetValue(over.Session, out var moving):
                _log.Warning("The node {Node} doesn't answer for a session that goes on elsewhere, which is taken as it was saved last", moving.From);
                Load();
                break;
            case YieldTimeOver:
                break;
            case NameMessages.Freed freed:
                _book.Free(freed.Who.Session, AddressOf(Sender));
                break;
            case NameMessages.Waits waits:
                _book.Waits(waits.Who.Session, waits.IsWaiting, AddressOf(Sender), Now());
                break;
            case NameMessages.Behind behind when behind.Term >= _term:
                BeginTermBehind(behind.Term);
                break;
            case NameMessages.Behind:
                break;
            case NameMessages.Sessions sessions when sessions.Term == _term:
                foreach (var (who, hasGrace, isWaiting) in sessions.All)
                {
                    // Two sides of what was a partition gave it to one each.
                    if (_book.Report(who, AddressOf(Sender), hasGrace, isWaiting, Now()) is var (node, loser))
                        Tell(Meet(node), new NameMessages.Yield(loser.User, loser.Session));
                    _lastSession = Math.Max(_lastSession, who.Session.Value);
                }
                if (!sessions.MoreFollow)
                    Heard(AddressOf(Sender));
                break;
            case NameMessages.Sessions:
                break;
            case NameMessages.GoingAway:
                Gone(AddressOf(Sender));
                break;
            case Loaded loaded:
                _isLoading = false;
                Saved(loaded.Sessions);
                break;
            case LoadFailed failed:
                _isLoading = false;
                _mustLoad = true;
                _log.Error(failed.Cause, "The sessions of nodes that are gone can't be read; until they can, these can't be taken up{AnyElse}", _isRebuilt ? "" : ", and nobody logs in");
                break;
            case Tick:
                DoDue();
                break;
            case ClusterEvent.MemberRemoved removed:
                _nodes.Remove(removed.Member.Address);
                Gone(removed.Member.Address);
                Heard(removed.Member.Address);
                break;
            case ClusterEvent.UnreachableMember unreachable:
                Heard(unreachable.Member.Address);
                break;
            case ClusterEvent.IMemberEvent there:
                Meet(there.Member.Address);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // ---- claims

    private void Claim(NameMessages.Claim claim, IActorRef node)
    {
        Expire();
        // The same again, as its answer may be lost.
        if (_granted.TryGetValue((node, claim.Ticket), out var before))
        {
            Tell(node, before.Answer);
            return;
        }
        if (claim.Session is { } id && _moving.TryGetValue(id, out var moving))
        {
            if (!moving.Claims.Any(other => other.Claim.Ticket == claim.Ticket && other.Node.Equals(node)))
                moving.Claims.Enqueue((claim, node));
            return;
        }
        switch (_book.Claim(claim.Name, claim.Session, claim.HasGrace, AddressOf(node), Now()))
        {
            case ClaimOutcome.Granted granted:
                Grant(claim, granted, node);
                break;
            case ClaimOutcome.Denied denied:
                Tell(node, new NameMessages.Denied(claim.Ticket, denied.Code, denied.Sentence, denied.RetryAfter));
                break;
            case ClaimOutcome.MustYield(var holder, var who):
                _moving[who.Session] = moving = new Moving(holder);
                moving.Claims.Enqueue((claim, node));
                Timers.StartSingleTimer(who.Session, new YieldTimeOver(who.Session), YieldTime);
                Tell(Meet(holder), new NameMessages.Yield(who.User, who.Session));
                break;
        }
    }

    private void Yielded(NameMessages.Yielded yielded)
    {
        if (yielded.Generation == 0)
            _book.Free(yielded.Session, AddressOf(Sender));
        Move(new Speaker(yielded.Name, yielded.Session, yielded.Generation), yielded.Rooms);
    }

    // The first who claimed it has it; from there it goes on to the next.
    private void Move(Speaker who, IReadOnlyList<RoomName> rooms)
    {
        if (!_moving.Remove(who.Session, out var moving))
            return;
        Timers.Cancel(who.Session);
        if (moving.Claims.TryPeek(out var first) && _book.Move(who, rooms, first.Claim.HasGrace, AddressOf(first.Node)) is { } granted)
        {
            moving.Claims.Dequeue();
            Grant(first.Claim, granted, first.Node);
        }
        foreach (var (claim, node) in moving.Claims)
            Claim(claim, node);
    }

    private void Grant(NameMessages.Claim claim, ClaimOutcome.Granted granted, IActorRef node)
    {
        var answer = new NameMessages.Granted(claim.Ticket, granted.Who, granted.Resumed, granted.Rooms);
        _granted[(node, claim.Ticket)] = (answer, Now());
        Tell(node, answer);
    }

    // ---- nodes

    private void Heard(Address node)
    {
        if (_unheard.Remove(node))
            RebuildIfHeard();
    }

    // Whoever follows a former one with a better clock follows this one from now on.
    private void BeginTermBehind(long term)
    {
        _term = term + 1;
        foreach (var node in _nodes.Values)
            Tell(node, new NameMessages.Arbiter(_term));
    }

    private void Gone(Address node)
    {
        if (_book.Gone(node, Now()).Count > 0 || _moving.Values.Any(moving => moving.From == node))
            Load();
    }

    private void RebuildIfHeard()
    {
        if (_isRebuilt || _unheard.Count > 0 || _savedBefore is not { } saved)
            return;
        (_isRebuilt, _savedBefore) = (true, null);
        Expect([.. saved.Select(session => _book.Saved(session, knownOnly: false, Now())).OfType<SavedSession>()]);
        TakeEarly();
    }

    private void Load()
    {
        _mustLoad = _isLoading;
        if (_isLoading)
            return;
        _isLoading = true;
        DiskReads.Start(Context.System, _store.Load, Self, sessions => new Loaded(sessions), cause => new LoadFailed(cause));
    }

    private void Saved(IReadOnlyList<SavedSession> sessions)
    {
        foreach (var session in sessions)
            _lastSession = Math.Max(_lastSession, session.Who.Session.Value);
        if (!_isRebuilt)
        {
            _savedBefore = sessions;
            RebuildIfHeard();
            return;
        }
        if (_mustLoad)
        {
            Load();
            return;
        }
        Expect([.. sessions.Select(session => _book.Saved(session, knownOnly: true, Now())).OfType<SavedSession>()]);
        foreach (var session in sessions.Where(session => _moving.TryGetValue(session.Who.Session, out var moving) && IsSilent(session.Who.Session, moving)))
            Move(session.Who with { Generation = session.Who.Generation + 1_000 }, session.Rooms);
        // Nor was it ever saved.
        foreach (var (id, moving) in _moving.Where(moving => IsSilent(moving.Key, moving.Value)).ToArray())
        {
            _book.Free(id, moving.From);
            Move(new Speaker(moving.Claims.Peek().Claim.Name, id, 0), []);
        }
        TakeEarly();
    }

    private bool IsSilent(SessionId session, Moving moving) => !Timers.IsTimerActive(session) || !_nodes.ContainsKey(moving.From);

    private bool IsLoading => _isLoading || _mustLoad;

    private void TakeEarly()
    {
        DropLate();
        while (!IsLoading && _early.TryDequeue(out var early))
            Claim(early.Claim, early.Node);
    }

    // Their nodes have told those who wait to come again.
    private void DropLate()
    {
        while (_early.TryPeek(out var oldest) && Now() - oldest.At > NodeUsersActor.ClaimTime)
            _early.Dequeue();
    }

    // Room by room, as their relays tell them.
    private void Expect(IReadOnlyCollection<SavedSession> sessions)
    {
        foreach (var room in sessions.SelectMany(session => session.Rooms, (session, room) => (room, session.Who)).GroupBy(member => member.room, member => member.Who))
            _relays.Tell(new RelayCommands.Expect(room.Key, [.. room]));
    }

    private void DoDue()
    {
        Expire();
        foreach (var (key, _) in _granted.Where(granted => Now() - granted.Value.At > GrantedKept).ToArray())
            _granted.Remove(key);
        foreach (var node in _unheard)
            Tell(Meet(node), new NameMessages.Arbiter(_term));
        if (_mustLoad)
            Load();
    }

    private void Expire()
    {
        if (!_isRebuilt || _book.Expire(Now()) is not { Count: > 0 } ended)
            return;
        DiskReads.Start(
            Context.System,
            () =>
            {
                _store.Save([], ended);
                return true;
            },
            ActorRefs.Nobody, _ => true, _ => false);
    }

    private IActorRef Meet(Address node)
    {
        if (_nodes.TryGetValue(node, out var known))
            return known;
        var provider = ((ExtendedActorSystem)Context.System).Provider;
        var users = _nodes[node] = provider.ResolveActorRef(new RootActorPath(node) / "user" / NodeUsersActor.Name);
        Tell(users, new NameMessages.Arbiter(_term));
        return users;
    }

    private void Tell(IActorRef node, object message) => _links.Tell(node, message, Self);

    private Address AddressOf(IActorRef actor) => NodeLinks.IsFar(actor) ? actor.Path.Address : _cluster.SelfAddress;

    // Later ones are higher, those of an arbiter on the other side of a partition are others.
    private long NewSession()
    {
        var (milliseconds, random) = (_time.GetUtcNow().ToUnixTimeMilliseconds(), RandomNumberGenerator.GetInt32(1 << 20));
        return _lastSession = Math.Max(_lastSession + 1, (milliseconds << 20) | (long)random);
    }

    private TimeSpan Now() => _time.GetElapsedTime(_start);
}
