using Akka.Actor;
using Chat.Actors.Nodes;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

// Who is in, by relay; entering, leaving, and what the others are told of it.
public sealed partial class RoomActor
{
    // Members that no relay has at the moment, and since when. They come back by another node, or leave: in the order of the queue, which may have more.
    private readonly Dictionary<SessionId, (Speaker Who, long Since)> _expected = [];
    private readonly Queue<(SessionId Session, long Since)> _expectedInOrder = new();

    private void Enter(RoomCommands.Enter enter)
    {
        switch (_state.Decide(new RoomDemand.Enter(enter.Who), Now()))
        {
            case RoomDecision.Refused refused:
                Refuse(enter.Ticket, refused);
                break;
            case RoomDecision.Happens happens:
                var isNew = _state.Find(enter.Who) is null;
                _expected.Remove(enter.Who.Session);
                foreach (var fact in happens.Facts)
                {
                    _state.Apply(fact);
                    if (fact is not RoomFact.Left left)
                        continue;
                    _expected.Remove(left.Who.Session);
                    // Its own leave may be on its way, and finds nobody.
                    foreach (var sessions in _relays.Values)
                        sessions.Remove(left.Who.Session);
                    TellPresence(left.Who, joined: false);
                }
                Relay(Sender).Add(enter.Who.Session);
                if (isNew)
                    TellPresence(enter.Who, joined: true);
                Tell(Sender, new RoomReplies.Entered(
                    Room, enter.Ticket, _opened.Epoch, _opened.First, _state.Stored, _state.Online));
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
                _expected.Remove(leave.Who.Session);
                if (_relays.TryGetValue(Sender, out var sessions))
                    sessions.Remove(leave.Who.Session);
                TellPresence(leave.Who, joined: false);
                Tell(Sender, new RoomReplies.LeftRoom(Room, leave.Ticket, leave.Who.User.Value, _state.Online, _state.Time(Now())));
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
            {
                _state.Apply(fact);
                if (fact is RoomFact.Left left)
                    _expected.Remove(left.Who.Session);
            }
            _expected.Remove(who.Session);
            sessions.Add(who.Session);
        }
        TellPopulation();
    }

    private void Expect(RoomCommands.Expect expect)
    {
        var hers = _relays.GetValueOrDefault(Sender);
        foreach (var who in expect.Members)
        {
            hers?.Remove(who.Session);
            // It may have come already.
            if (_relays.Values.Any(sessions => sessions.Contains(who.Session))
                || _state.Decide(new RoomDemand.Enter(who), Now()) is not RoomDecision.Happens { Facts: [RoomFact.Entered entered] })
                continue;
            _state.Apply(entered);
            Expect(who);
        }
        if (hers is { Count: 0 })
            ForgetRelay(Sender);
        TellPopulation();
        Tell(Sender, new RoomReplies.Done(Room, expect.Ticket));
    }

    private void Expect(Speaker who)
    {
        var now = _options.Time.GetTimestamp();
        _expected[who.Session] = (who, now);
        _expectedInOrder.Enqueue((who.Session, now));
        Timers.Cancel(nameof(StayedIdle));
        if (!Timers.IsTimerActive(nameof(ExpectedTooLong)))
            Timers.StartSingleTimer(nameof(ExpectedTooLong), new ExpectedTooLong(), _options.Limits.Grace);
    }

    private void LetExpectedLeave()
    {
        while (_expectedInOrder.TryPeek(out var next))
        {
            var (session, since) = next;
            var rest = _options.Limits.Grace - _options.Time.GetElapsedTime(since);
            if (rest > TimeSpan.Zero)
            {
                Timers.StartSingleTimer(nameof(ExpectedTooLong), new ExpectedTooLong(), rest);
                return;
            }
            _expectedInOrder.Dequeue();
            // One that came back may be expected anew.
            if (!_expected.TryGetValue(session, out var expected) || expected.Since != since)
                continue;
            _expected.Remove(session);
            if (_state.Find(expected.Who) is not { } who)
                continue;
            _state.Apply(new RoomFact.Left(who));
            TellPresence(who, joined: false);
        }
        RestIfIdle();
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

    // A relay without members ends by itself. One that still had some failed, and its connections are closed with it; or its node is gone, and its
    // members come back by another.
    private void ForgetRelay(IActorRef relay)
    {
        if (!_relays.Remove(relay, out var sessions))
            return;
        Context.Unwatch(relay);
        // Who came in by its successor before its end was told stays.
        sessions.ExceptWith(_relays.Values.SelectMany(others => others));
        foreach (var who in _state.Members.Where(member => sessions.Contains(member.Session)).ToArray())
        {
            if (NodeLinks.IsFar(relay))
            {
                Expect(who);
                continue;
            }
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
        var (room, user, now) = (Room.Value, who.User.Value, _state.Time(Now()));
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
                ErrorCodes.NotInRoom, $"You are not in the room {Room}. Join it first.", Room.Value));
            return;
        }
        TellRelays(Notice(new ServerEvent.Typing(Room.Value, type.Who.User.Value), type.Who.Session, 0, 0));
        Tell(Sender, new RoomReplies.Done(Room, type.Ticket));
    }
}
