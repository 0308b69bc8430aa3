using Akka.Actor;
using Akka.Event;
using Chat.Actors.Delivery;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Connections;

/// <summary>
/// One socket's side of the protocol: nameless until a login is accepted, then named, until it is closed. Checks each request,
/// stamps who speaks, and passes it on; writes itself only what has no order with a room's messages.
/// </summary>
public sealed class ConnectionActor : UntypedActor, IWithStash
{
    private sealed record LoginTimeOver : IDeadLetterSuppression;

    private sealed record ResumeTimeOver : IDeadLetterSuppression;

    private readonly ChatOptions _options;
    private readonly ChatActorRefs _actors;
    private readonly Outbox _outbox;
    private readonly long _number;
    private readonly bool _isOriginal;
    private readonly AddressBudget? _address;
    // Each made when it is first asked.
    private TokenBucket? _logins;
    private TokenBucket? _publishes;
    private TokenBucket? _reads;
    private TokenBucket? _joins;
    // The rooms that the session is in, each with the join that this connection sent last.
    private readonly Dictionary<RoomName, Request.Join?> _rooms = [];
    private HashSet<RoomName>? _notJoinedYet;
    private Queue<long>? _malformed;
    private Speaker? _who;
    private string? _loginId;
    // To log in, and then to join what a resumed session was in. None while the connection is quiet.
    private ICancelable? _timer;
    private bool _isDraining;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public ConnectionActor(ChatOptions options, ChatActorRefs actors, ConnectionsCommands.Open open, long number)
    {
        (_options, _actors, _outbox, _number, _isOriginal, _address) = (options, actors, open.Outbox, number, open.IsOriginal, open.Address);
    }

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    private Limits Limits => _options.Limits;

    private Speaker Who => _who!;

    /// <summary>Props of one connection; a later one has a higher number.</summary>
    public static Props Props(ChatOptions options, ChatActorRefs actors, ConnectionsCommands.Open open, long number) =>
        Akka.Actor.Props.Create(() => new ConnectionActor(options, actors, open, number)).WithMailbox(QuietMailbox.Name);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        StartLoginTimer();
        Become(Nameless);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        StopTimer();
        foreach (var room in _rooms.Keys)
            _actors.Relays.Tell(new RelayCommands.Detach(room, Who));
        // Whatever ended this has closed the outbox before, unless it was a failure.
        _outbox.Close(CloseCodes.Internal, "internal error");
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);

    // ---- states

    private void Nameless(object message)
    {
        switch (message)
        {
            case ConnectionInputs.Received { Request: Request.Login login }:
                Login(login);
                break;
            case ConnectionInputs.Received { Request: Request.Ping ping }:
                Answer(new ServerEvent.Pong(), ping);
                break;
            case ConnectionInputs.Received { Request: Request.Logout } or ConnectionInputs.Closed { Code: 0 }:
                End(CloseCodes.Normal, "bye");
                break;
            case ConnectionInputs.Closed closed:
                AnswerClose(closed);
                break;
            case ConnectionInputs.Received received:
                Refuse(received.Request, ErrorCodes.NotLoggedIn, "Log in first: {\"type\":\"login\",\"username\":\"…\"}.");
                break;
            default:
                Always(message);
                break;
        }
    }

    // The registry is asked, then the rooms: what comes meanwhile waits, so that all takes effect in the order sent.
    private void LoggingIn(object message)
    {
        switch (message)
        {
            case ConnectionInputs.Received or ConnectionInputs.Malformed or ConnectionInputs.Closed:
                Stash.Stash();
                break;
            case LoginOutcome.Accepted accepted:
                Welcome(accepted);
                break;
            case LoginTimeOver:
                // The registry takes its time, which in a cluster may be seconds.
                _timer = null;
                break;
            case LoginOutcome.Refused refused:
                Send(new ServerEvent.Error(refused.Code, refused.Sentence, null, refused.RetryAfter) { Id = _loginId });
                if (_timer is null || refused.Code == ErrorCodes.Busy)
                    StartLoginTimer();
                Become(Nameless);
                Stash.UnstashAll();
                break;
            case RoomReplies.RoomsListed listed:
                _outbox.Tell(Frame(new ServerEvent.Rooms(listed.Names, listed.Online)));
                Become(Named);
                Stash.UnstashAll();
                break;
            default:
                Always(message);
                break;
        }
    }

    private void Named(object message)
    {
        switch (message)
        {
            case ConnectionInputs.Received received:
                Receive(received.Request);
                break;
            case ConnectionInputs.Closed { Code: 0 or CloseCodes.Normal }:
                Logout();
                break;
            case ConnectionInputs.Closed closed:
                AnswerClose(closed);
                break;
            case RoomReplies.WhoIs who:
                Send(new ServerEvent.Who(who.Room.Value, who.Members, who.Online) { Id = who.RequestId });
                break;
            case RoomReplies.HistoryRead read:
                _outbox.Answer(WireFrame.TextInPlace(read.Encode(WireFrame.Headroom)));
                break;
            case RoomReplies.RoomsListed { IsAnswer: true } listed:
                Send(new ServerEvent.Rooms(listed.Names, listed.Online) { Id = listed.RequestId });
                break;
            case RoomReplies.RoomsListed listed:
                _outbox.Tell(Frame(new ServerEvent.Rooms(listed.Names, listed.Online)));
                break;
            case RoomReplies.QueryRefused refused:
                Send(refused.Error with { Id = refused.RequestId });
                break;
            case RelayCommands.JoinAnswered when _isOriginal:
                _actors.Rooms.Tell(new RoomQueries.List(null, IsRequest: false));
                break;
            case RelayCommands.JoinAnswered:
                break;
            case RelayCommands.JoinRefused refused:
                if (_rooms.TryGetValue(refused.Room, out var last) && ReferenceEquals(last, refused.Request))
                    Forget(refused.Room);
                break;
            case ResumeTimeOver:
                foreach (var room in _notJoinedYet ?? [])
                    LeaveQuietly(room);
                (_notJoinedYet, _timer) = (null, null);
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
            case ConnectionInputs.Malformed malformed:
                Send(malformed.Error);
                CountMalformed();
                break;
            case LoginTimeOver when _who is null:
                Expel("no login in time");
                break;
            case LoginTimeOver:
                break;
            case RelayCommands.Failed:
                End(CloseCodes.Internal, "internal error");
                break;
            case UserNotices.Replaced or LoginOutcome.Replaced:
                End(CloseCodes.Replaced, "replaced by a resumed session");
                break;
            case ConnectionInputs.Draining:
                _isDraining = true;
                break;
            case ConnectionInputs.ServerStopping stopping:
                _outbox.Tell(Frame(new ServerEvent.Shutdown(
                    stopping.ReconnectIn, "The server is going away. Come back in a moment.", Now())));
                End(CloseCodes.GoingAway, "server is going away");
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // ---- login

    private void Login(Request.Login login)
    {
        if (IsTooFast(login, _logins ??= new(_options.LoginRate, _options.LoginBurst, _options.Time), _options.LoginRate, AddressAct.Login, "logins"))
            return;
        if (_options.AccessToken is { } secret && !secret.Is(login.Token))
        {
            Refuse(login, ErrorCodes.BadToken, login.Token is null
                ? "This server asks for an access token. Send it as the login's \"token\"."
                : "That isn't this server's access token. Ask its operator for it.");
            return;
        }
        if (UserName.Parse(login.Username, out var problem) is not { } name)
        {
            Refuse(login, ErrorCodes.BadUsername, problem);
            return;
        }
        _loginId = login.Id;
        _actors.Users.Tell(new UserCommands.Login(name, login.Session, _number, HasGrace: !_isOriginal));
        Become(LoggingIn);
    }

    private void Welcome(LoginOutcome.Accepted accepted)
    {
        StopTimer();
        (_who, _logins) = (accepted.Who, null);
        if (accepted.Rooms.Count > 0)
        {
            foreach (var room in accepted.Rooms)
                _rooms.Add(room, null);
            _notJoinedYet = [.. accepted.Rooms];
            StartTimer(new ResumeTimeOver(), Limits.Grace);
        }
        Send(new ServerEvent.Welcome(
            Who.User.Value, accepted.Token, accepted.Resumed, [.. accepted.Rooms.Select(room => room.Value)], _options.Server, Limits,
            $"Welcome {Who.User}!", Now())
        { Id = _loginId });
        _actors.Rooms.Tell(new RoomQueries.List(null, IsRequest: false));
    }

    // ---- requests

    private void Receive(Request request)
    {
        switch (request)
        {
            case Request.Publish publish:
                Publish(publish);
                break;
            case Request.Join join:
                Join(join);
                break;
            case Request.Leave leave when InRoom(leave, leave.Room) is { } room:
                Forget(room);
                _actors.Relays.Tell(new RelayCommands.Leave(room, Who, _outbox, leave.Id));
                break;
            case Request.Typing typing when InRoom(typing, typing.Room) is { } room:
                _actors.Relays.Tell(new RelayCommands.Type(room, Who, _outbox, typing.Id));
                break;
            case Request.History history when Room(history, history.Room) is { } room && MayRead(history):
                _actors.Relays.Tell(new RoomQueries.History(
                    room, history.Id, history.Before, history.After, history.Limit ?? Limits.HistoryLimit, Who.Session));
                break;
            case Request.Who who when Room(who, who.Room) is { } room && MayRead(who):
                _actors.Relays.Tell(new RoomQueries.Who(room, who.Id, Who.Session));
                break;
            case Request.Rooms rooms when MayRead(rooms):
                _actors.Rooms.Tell(new RoomQueries.List(rooms.Id, IsRequest: true));
                break;
            case Request.Ping ping:
                Answer(new ServerEvent.Pong(), ping);
                break;
            case Request.Logout:
                Logout();
                break;
            case Request.Login login:
                Refuse(login, ErrorCodes.AlreadyLoggedIn, $"You are logged in as {Who.User}. Log out first to use another name.");
                break;
        }
    }

    private void Publish(Request.Publish publish)
    {
        if (InRoom(publish, publish.Room) is not { } room)
            return;
        if (MessageText.Check(publish.Text, Limits.MessageCharacters, out var code, out var problem) is not { } text)
            Refuse(publish, code, problem, room);
        else if (_isDraining)
            Refuse(publish, ErrorCodes.Busy, GoingAway.Sentence, room, GoingAway.RetryAfter);
        else if (!IsTooFast(publish, _publishes ??= new(Limits.PublishRate, Limits.PublishBurst, _options.Time), Limits.PublishRate, AddressAct.Publish, "messages", room))
            _actors.Relays.Tell(new RelayCommands.Publish(room, Who, _outbox, publish.Id, text));
    }

    private void Join(Request.Join join)
    {
        if (Room(join, join.Room) is not { } room)
            return;
        if (IsTooFast(join, _joins ??= new(_options.JoinRate, _options.JoinBurst, _options.Time), _options.JoinRate, AddressAct.Join, "joins", room))
            return;
        if (_isOriginal)
        {
            foreach (var other in _rooms.Keys.Where(other => other != room).ToArray())
                LeaveQuietly(other);
        }
        if (!_rooms.ContainsKey(room) && _rooms.Count >= Limits.Rooms)
        {
            Refuse(join, ErrorCodes.TooManyRooms, $"You are in {_rooms.Count} rooms, as many as one may be in. Leave one first.", room);
            return;
        }
        _rooms[room] = join;
        _notJoinedYet?.Remove(room);
        // In this order: where this connection isn't the session's any more, the registry has the room left behind the join.
        _actors.Relays.Tell(new RelayCommands.Join(room, Who, _outbox, join, _address?.Address));
        _actors.Users.Tell(new UserCommands.EnterRoom(Who, room));
    }

    private void LeaveQuietly(RoomName room)
    {
        Forget(room);
        _actors.Relays.Tell(new RelayCommands.Drop(room, Who));
    }

    private void Forget(RoomName room)
    {
        _rooms.Remove(room);
        _notJoinedYet?.Remove(room);
        _actors.Users.Tell(new UserCommands.LeaveRoom(Who, room));
    }

    // The room that a request names; null, and refused, where the name breaks a rule.
    private RoomName? Room(Request request, string text)
    {
        if (RoomName.Parse(text, out var problem) is { } room)
            return room;
        Refuse(request, ErrorCodes.BadRoom, problem);
        return null;
    }

    // The same, where the session is in the room.
    private RoomName? InRoom(Request request, string text)
    {
        if (Room(request, text) is not { } room)
            return null;
        if (_rooms.ContainsKey(room))
            return room;
        Refuse(request, ErrorCodes.NotInRoom, $"You are not in the room {room}. Join it first.", room);
        return null;
    }

    // Of this connection, or of all that come from its address.
    private bool IsTooFast(Request request, TokenBucket own, double rate, AddressAct act, string acts, RoomName? room = null)
    {
        if (own.TryTake() is { } wait)
            Refuse(request, ErrorCodes.RateLimited, $"At most {rate} {acts} a second. Wait a moment.", room, wait);
        else if (_address?.TryTake(act) is { } longer)
            Refuse(request, ErrorCodes.RateLimited, $"Too many {acts} come from your address. Wait a moment.", room, longer);
        else
            return false;
        return true;
    }

    private bool MayRead(Request request)
    {
        _reads ??= new(Limits.ReadRate, Math.Max(1, (int)Limits.ReadRate), _options.Time);
        return !IsTooFast(request, _reads, Limits.ReadRate, AddressAct.Query, "history, who and rooms requests");
    }

    // ---- ends

    private void CountMalformed()
    {
        if (_options.MaxMalformed == 0)
            return;
        var malformed = _malformed ??= new();
        malformed.Enqueue(_options.Time.GetTimestamp());
        while (_options.Time.GetElapsedTime(malformed.Peek()) > _options.MalformedWithin)
            malformed.Dequeue();
        if (malformed.Count >= _options.MaxMalformed)
            Expel("too many malformed frames");
    }

    private void Logout()
    {
        _actors.Users.Tell(new UserCommands.Logout(Who));
        End(CloseCodes.Normal, "logout");
    }

    // In the system's one wheel: timers of Akka's own keep a table for each actor.
    private void StartTimer(object message, TimeSpan time) => _timer = Context.System.Scheduler.ScheduleTellOnceCancelable(time, Self, message, Self);

    private void StartLoginTimer()
    {
        StopTimer();
        if (_options.LoginTime > TimeSpan.Zero)
            StartTimer(new LoginTimeOver(), _options.LoginTime);
    }

    private void StopTimer()
    {
        _timer?.Cancel();
        _timer = null;
    }

    // With the code that it came with (RFC 6455, section 5.5.1); where the connection is lost, nothing gets out.
    private void AnswerClose(ConnectionInputs.Closed closed) => End(closed.Code ?? CloseCodes.Normal, "bye");

    private void Expel(string reason)
    {
        ChatMeter.Refused(reason);
        End(CloseCodes.Policy, reason);
    }

    // Where the session has a grace period it runs from here: the registry watches this actor.
    private void End(int code, string reason)
    {
        _outbox.Close(code, reason);
        Context.Stop(Self);
    }

    // ---- answers

    private void Answer(ServerEvent e, Request request) => Send(e with { Id = request.Id });

    private void Refuse(Request request, string code, string sentence, RoomName? room = null, TimeSpan? retryAfter = null) =>
        Send(new ServerEvent.Error(code, sentence, room?.Value, retryAfter) { Id = request.Id });

    private void Send(ServerEvent e)
    {
        if (e is ServerEvent.Error { Code: var code })
            ChatMeter.Refused(code);
        _outbox.Answer(Frame(e));
    }

    private static ReadOnlyMemory<byte> Frame(ServerEvent e) => WireFrame.Text(EventCodec.Encode(e));

    private DateTime Now() => _options.Time.GetUtcNow().UtcDateTime;
}
