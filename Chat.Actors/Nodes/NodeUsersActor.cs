using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Users;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>
/// The sessions of one node of a cluster: in a single gateway <see cref="UserRegistryActor"/> is in its place. A name is claimed from the
/// <see cref="NamesActor"/>, wherever that is; what a session does from then on is this node's affair, and saved for whoever goes on with it.
/// </summary>
public sealed class NodeUsersActor : SessionsActor
{
    /// <summary>Its name on each node.</summary>
    public const string Name = "users";

    private sealed record ClaimTimeOver : INotInfluenceReceiveTimeout;

    private sealed record Save : INotInfluenceReceiveTimeout;

    private sealed record Saved(Exception? Cause);

    private sealed record Claimed(NameMessages.Claim Claim, UserCommands.Login Login, IActorRef Connection, TimeSpan At);

    // What a login waits for its name, at most: the arbiter may be about to move to another node.
    internal static readonly TimeSpan ClaimTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private const int SessionsAtOnce = 5_000;
    private const int FreedKept = 5_000;

    private readonly ChatOptions _options;
    private readonly NodeLinks _links;
    private readonly SessionTokens _tokens;
    private readonly ISessionStore _store;
    private readonly Dictionary<long, Claimed> _claims = [];
    // In the order in which they were made; some may be answered.
    private readonly Queue<long> _claimsInOrder = new();
    private readonly Dictionary<UserName, SavedSession?> _unsaved = [];
    private readonly List<Speaker> _ended = [];
    // What a link that broke may have lost.
    private readonly Queue<Speaker> _freedLately = new();
    // Sessions that are another node's, whose connections here haven't ended yet.
    private readonly HashSet<Speaker> _movedOn = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef _arbiter = ActorRefs.Nobody;
    private long _term;
    private long _lastTicket;
    private (IReadOnlyList<SavedSession> Sessions, IReadOnlyList<Speaker> Ended)? _saving;
    private bool _failsToSave;
    private IActorRef? _handingOver;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public NodeUsersActor(ChatOptions options, IActorRef relays, NodeLinks links, SessionTokens tokens, ISessionStore store)
        : base(options, relays, new SessionBook(options.Limits.Grace)) => (_options, _links, _tokens, _store) = (options, links, tokens, store);

    /// <summary>Props of a node's only one.</summary>
    public static Props Props(ChatOptions options, IActorRef relays, NodeLinks links, SessionTokens tokens, ISessionStore store) =>
        Akka.Actor.Props.Create(() => new NodeUsersActor(options, relays, links, tokens, store));

    /// <summary>The node goes away: others may have its sessions. Answered by <see cref="HandedOver"/>.</summary>
    public sealed record HandOver;

    /// <summary>See <see cref="HandOver"/>.</summary>
    public sealed record HandedOver;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case UserCommands.EnterRoom enter:
                if (Book.EnterRoom(enter.Who, enter.Room))
                    Changed(enter.Who.User);
                // A late join of an older connection: nobody else would ever leave for it. Of a session that goes on elsewhere nobody is to see a leave.
                else if (_movedOn.Contains(enter.Who))
                    Relays.Tell(new RelayCommands.Release(enter.Room, [enter.Who]));
                else
                    Relays.Tell(new RelayCommands.Drop(enter.Room, enter.Who));
                break;
            case UserCommands.LeaveRoom leave:
                Book.LeaveRoom(leave.Who, leave.Room);
                Changed(leave.Who.User);
                break;
            case UserCommands.Login login:
                Login(login);
                break;
            case NameMessages.Arbiter arbiter when arbiter.Term >= _term:
                Follow(arbiter.Term, Sender);
                break;
            case NameMessages.Arbiter when !Sender.Equals(_arbiter):
                _links.Tell(Sender, new NameMessages.Behind(_term), Self);
                break;
            case NameMessages.Arbiter:
                break;
            case NameMessages.Granted or NameMessages.Denied when !Sender.Equals(_arbiter):
                // A former arbiter's: the new one is asked for the same.
                break;
            case NameMessages.Granted granted:
                Granted(granted);
                break;
            case LinkBroken broken when _arbiter.Path.Address == broken.Node:
                Follow(_term, _arbiter);
                foreach (var who in _freedLately)
                    TellArbiter(new NameMessages.Freed(who));
                break;
            case LinkBroken:
                break;
            case NameMessages.Denied denied:
                if (_claims.Remove(denied.Ticket, out var refused))
                    refused.Connection.Tell(new LoginOutcome.Refused(denied.Code, denied.Sentence, denied.RetryAfter));
                break;
            case NameMessages.Yield yield:
                Yield(yield, Sender);
                break;
            case ClaimTimeOver:
                EndLateClaims();
                break;
            case Save:
                SaveNext();
                break;
            case Saved saved:
                Stored(saved.Cause);
                break;
            case HandOver:
                HandAllOver();
                break;
            default:
                base.OnReceive(message);
                break;
        }
    }

    // ---- logins

    private void Login(UserCommands.Login login)
    {
        Expire();
        if (_handingOver is not null)
            Sender.Tell(Busy("This server is going away. Log in again in a moment."));
        else if (login.Token is { } token && Book.Knows(token))
            Answer(login, Sender, Book.Login(login.Name, token, login.Connection, login.HasGrace, Now));
        else if (_options.ReservedNames.Contains(login.Name.Folded))
            Sender.Tell(new LoginOutcome.Refused(ErrorCodes.NameTaken, $"The name {login.Name} is reserved. Choose another."));
        else
            Claim(login);
    }

    private void Claim(UserCommands.Login login)
    {
        var claim = new NameMessages.Claim(++_lastTicket, login.Name, login.Token is { } token ? _tokens.Read(token) : null, login.HasGrace);
        _claims.Add(claim.Ticket, new Claimed(claim, login, Sender, Now));
        _claimsInOrder.Enqueue(claim.Ticket);
        TellArbiter(claim);
        WaitForClaims();
    }

    private void Granted(NameMessages.Granted granted)
    {
        if (!_claims.Remove(granted.Ticket, out var claimed))
        {
            // Too late: whoever asked was told to ask again.
            if (granted.Resumed)
                KeepForLater(granted);
            else
                TellArbiter(new NameMessages.Freed(granted.Who));
            return;
        }
        var (login, token) = (claimed.Login, _tokens.Of(granted.Who.Session));
        ExpectInRooms(granted);
        Book.Open(granted.Who, token, granted.Rooms, login.Connection, login.HasGrace);
        Answer(login, claimed.Connection, new LoginOutcome.Accepted(granted.Who, token, granted.Resumed, granted.Rooms, null));
    }

    // Its rooms know that it is expected, and it waits here for its connection, which comes again.
    private void KeepForLater(NameMessages.Granted granted)
    {
        ExpectInRooms(granted);
        Book.Open(granted.Who, _tokens.Of(granted.Who.Session), granted.Rooms, connection: 0, hasGrace: true);
        foreach (var room in granted.Rooms)
            Relays.Tell(new RelayCommands.Resumed(room, granted.Who, ActorRefs.Nobody));
        Changed(granted.Who.User);
        Disconnected(granted.Who);
    }

    // It is in them, be it that a room which was taken over hasn't heard so from the arbiter: then nobody is told that it joined once more.
    private void ExpectInRooms(NameMessages.Granted granted)
    {
        foreach (var room in granted.Rooms)
            Relays.Tell(new RelayCommands.Expect(room, [granted.Who]));
    }

    private protected override void Answer(UserCommands.Login login, IActorRef connection, LoginOutcome outcome)
    {
        base.Answer(login, connection, outcome);
        if (outcome is not LoginOutcome.Accepted accepted)
            return;
        if (accepted.Resumed)
            TellArbiter(new NameMessages.Waits(accepted.Who, IsWaiting: false));
        Changed(accepted.Who.User);
    }

    private void EndLateClaims()
    {
        while (OldestClaim() is { } oldest && Now - oldest.At >= ClaimTime)
        {
            _claims.Remove(oldest.Claim.Ticket);
            oldest.Connection.Tell(Busy("The server can't give names at the moment. Log in again in a moment."));
        }
        WaitForClaims();
    }

    private void WaitForClaims()
    {
        if (Timers.IsTimerActive(nameof(ClaimTimeOver)) || OldestClaim() is not { } oldest)
            return;
        var wait = ClaimTime - (Now - oldest.At);
        Timers.StartSingleTimer(nameof(ClaimTimeOver), new ClaimTimeOver(), wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private Claimed? OldestClaim()
    {
        while (_claimsInOrder.TryPeek(out var ticket))
        {
            if (_claims.TryGetValue(ticket, out var claimed))
                return claimed;
            _claimsInOrder.Dequeue();
        }
        return null;
    }

    private static LoginOutcome.Refused Busy(string sentence) => new(ErrorCodes.Busy, sentence, RetryAfter);

    // ---- the arbiter

    private void Follow(long term, IActorRef arbiter)
    {
        (_term, _arbiter) = (term, arbiter);
        if (_handingOver is not null)
        {
            TellArbiter(new NameMessages.Sessions(term, [], MoreFollow: false));
            return;
        }
        var chunks = Book.All.Select(session => new NameMessages.Held(session.Who, session.HasGrace, session.Connection is null)).Chunk(SessionsAtOnce).ToArray();
        foreach (var chunk in chunks)
            TellArbiter(new NameMessages.Sessions(term, chunk, MoreFollow: true));
        TellArbiter(new NameMessages.Sessions(term, [], MoreFollow: false));
        foreach (var claimed in _claims.Values.OrderBy(claimed => claimed.Claim.Ticket))
            TellArbiter(claimed.Claim);
    }

    private void Yield(NameMessages.Yield yield, IActorRef arbiter)
    {
        if (Book.Find(yield.Name) is { } held && held.Who.Session == yield.Session && _unsaved.ContainsKey(yield.Name))
            _unsaved[yield.Name] = new SavedSession(held.Who, held.Rooms);
        var yielded = Book.Yield(yield.Name, yield.Session);
        if (yielded is not null)
        {
            ChatMeter.Sessions(Book.Count);
            if (Connection(yielded.Connection) is var connection && !connection.IsNobody())
            {
                _movedOn.Add(yielded.Who);
                connection.Tell(UserNotices.Replaced.Instance);
            }
            foreach (var room in yielded.Rooms)
                Relays.Tell(new RelayCommands.Release(room, [yielded.Who]));
        }
        _links.Tell(arbiter, new NameMessages.Yielded(yield.Name, yield.Session, yielded?.Who.Generation ?? 0, yielded?.Rooms ?? []), Self);
    }

    private void TellArbiter(object message)
    {
        if (!_arbiter.IsNobody())
            _links.Tell(_arbiter, message, Self);
    }

    // ---- ends

    private protected override void Disconnected(Speaker who)
    {
        _movedOn.Remove(who);
        base.Disconnected(who);
        if (Book.Find(who.User) is { Connection: null } held && held.Who == who)
            TellArbiter(new NameMessages.Waits(who, IsWaiting: true));
    }

    private protected override void Expire()
    {
        // What was handed over ends elsewhere.
        if (_handingOver is null)
            base.Expire();
    }

    private protected override void End(EndedSession? ended)
    {
        base.End(ended);
        if (ended is null)
            return;
        TellArbiter(new NameMessages.Freed(ended.Who));
        _freedLately.Enqueue(ended.Who);
        if (_freedLately.Count > FreedKept)
            _freedLately.Dequeue();
        _unsaved.Remove(ended.Who.User);
        _ended.Add(ended.Who);
        SaveLater();
    }

    // Its rooms expect them, by whichever node they come.
    private void HandAllOver()
    {
        _handingOver = Sender;
        foreach (var (_, claimed) in _claims)
            claimed.Connection.Tell(Busy("This server is going away. Log in again in a moment."));
        _claims.Clear();
        var sessions = Book.All.ToArray();
        foreach (var session in sessions)
            Changed(session.Who.User);
        // Room by room: they are about to move, and this is before all that they still say.
        foreach (var room in sessions.SelectMany(session => session.Rooms, (session, room) => (room, session.Who)).GroupBy(member => member.room, member => member.Who))
            Relays.Tell(new RelayCommands.Release(room.Key, [.. room]));
        SaveNext();
    }

    // ---- what is saved

    private void Changed(UserName user)
    {
        _unsaved[user] = null;
        SaveLater();
    }

    private void SaveLater()
    {
        if (_saving is null && !Timers.IsTimerActive(nameof(Save)))
            Timers.StartSingleTimer(nameof(Save), new Save(), _failsToSave ? RetryAfter : SaveEvery);
    }

    // One save at a time; those that don't outlive their connection needn't be.
    private void SaveNext()
    {
        if (_saving is not null)
            return;
        if (_unsaved.Count == 0 && _ended.Count == 0)
        {
            TellHandedOver();
            return;
        }
        SavedSession[] sessions = [.. _unsaved
            .Select(unsaved => unsaved.Value ?? (Book.Find(unsaved.Key) is { HasGrace: true } held ? new SavedSession(held.Who, held.Rooms) : null))
            .OfType<SavedSession>()];
        Speaker[] ended = [.. _ended];
        _unsaved.Clear();
        _ended.Clear();
        _saving = (sessions, ended);
        var store = _store;
        DiskReads.Start(
            Context.System,
            () =>
            {
                store.Save(sessions, ended);
                return true;
            },
            Self, _ => new Saved(null), cause => new Saved(cause));
    }

    private void Stored(Exception? cause)
    {
        var (sessions, ended) = _saving!.Value;
        _saving = null;
        if (cause is not null)
        {
            if (!_failsToSave)
                _log.Error(cause, "Sessions can't be saved; until they can, they wouldn't outlive this node");
            foreach (var session in sessions)
                _unsaved.TryAdd(session.Who.User, Book.Find(session.Who.User) is null ? session : null);
            _ended.AddRange(ended);
        }
        _failsToSave = cause is not null;
        if (_failsToSave && _handingOver is not null)
            TellHandedOver();
        else if (_unsaved.Count > 0 || _ended.Count > 0)
            SaveLater();
        else
            TellHandedOver();
    }

    private void TellHandedOver()
    {
        if (_handingOver is not { } asker || asker.IsNobody())
            return;
        TellArbiter(new NameMessages.GoingAway());
        asker.Tell(new HandedOver());
        _handingOver = ActorRefs.Nobody;
    }
}
