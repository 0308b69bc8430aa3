using Akka.Actor;
using Akka.Event;
using Chat.Actors.Delivery;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Relays;

/// <summary>
/// A room's hand on this node: all that goes to the room from here, and all that comes from it in its order, passes here. Each
/// local subscriber is a cursor and an outbox; a batch is framed once and handed to all.
/// </summary>
public sealed partial class RelayActor : PerRoomActor, IWithTimers
{
    private sealed record RoomLost(IActorRef Room);

    private sealed record CallRoom;

    private sealed record RetryPage(Member Member, Subscription Subscription);

    private readonly ChatOptions _options;
    private readonly IActorRef _rooms;
    private readonly Members _members = new();
    private readonly Unanswered _unanswered = new();
    private IActorRef _roomRef = ActorRefs.Nobody;
    private bool _isRoomOpen;
    // What a room that ends has said of it.
    private RoomReplies.Ending? _ending;
    // How the last one ended, and whom it expected.
    private bool _hasFailed;
    private IReadOnlyList<Speaker> _expected = [];
    // The last few of which the end was told: what still comes of them is late.
    private readonly Queue<IActorRef> _former = new();
    private LogPlace _log = new("", 1, 0);
    private int _online;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RelayActor(ChatOptions options, RoomName room, IActorRef rooms)
        : base(room) => (_options, _rooms) = (options, rooms);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of one room's relay.</summary>
    public static Props Props(ChatOptions options, RoomName room, IActorRef rooms) =>
        Akka.Actor.Props.Create(() => new RelayActor(options, room, rooms));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        // All else may have a place among what a member is sent.
        if (message is not (GoOn or RoomReplies.Delivered or RelayCommands.Publish or RelayCommands.PublishAsGuest or RelayCommands.Type or RoomQueries.Who or RoomQueries.History))
            VisitAll();
        switch (message)
        {
            case RoomReplies.Delivered late when IsFormer(Sender):
                Deliver(late with { Entries = [] });
                break;
            case RoomReplies.Entered or RoomReplies.Attached or RoomReplies.Opening or RoomReplies.Notice when IsFormer(Sender):
                break;
            case RelayCommands.Publish publish:
                Publish(publish);
                break;
            case RelayCommands.PublishAsGuest guest:
                Ask(ticket => new Pending.Query(
                    new RoomCommands.Post(Room, guest.Who, guest.Id, guest.Text, ticket, IsGuest: true, guest.From), null)
                { Asker = Sender, Timer = PublishTimer.Start(Room, guest.Id) });
                break;
            case RoomReplies.Delivered delivered:
                Deliver(delivered);
                break;
            case RelayCommands.Join join:
                Join(join);
                break;
            case RelayCommands.Leave leave:
                Leave(leave.Who, leave.Outbox, leave.RequestId);
                break;
            case RelayCommands.Drop drop:
                Leave(drop.Who, null, null);
                break;
            case RelayCommands.Release release:
                Release(release.Members);
                break;
            case RelayCommands.Expect expect:
                Expect(expect.Members);
                break;
            case RelayCommands.Type type:
                Type(type);
                break;
            case RelayCommands.Detach detach:
                if (_members.Find(detach.Who.Session) is { } detached && detached.Who.Generation == detach.Who.Generation)
                    (detached.Connection, detached.Subscription) = (ActorRefs.Nobody, null);
                break;
            case RelayCommands.Resumed resumed:
                Resume(resumed);
                break;
            case PageTurn turn:
                _turns.Enqueue(turn.Feed);
                TakeTurns();
                break;
            case RetryPage retry:
                if (_members.IsCurrent(retry.Member, retry.Subscription) && !retry.Subscription.Cursor.IsLive)
                    RequestTurn(retry.Subscription);
                break;
            case RoomReplies.PageRead read:
                if (_unanswered.Take(read.Ticket) is Pending.Page page)
                {
                    _pages--;
                    SendPage(page.Member, page.Subscription, read);
                    TakeTurns();
                }
                break;
            case RoomReplies.Notice notice:
                Tell(notice);
                break;
            case RoomReplies.Entered entered:
                Entered(entered);
                break;
            case RoomReplies.LeftRoom left:
                if (_unanswered.Take(left.Ticket) is Pending.Leave leaver)
                    Left(leaver, left);
                break;
            case RoomReplies.Done done:
                if (_unanswered.Take(done.Ticket) is Pending.Say said)
                    said.Outbox.NoAnswer();
                break;
            case RoomReplies.Ending ending when Sender.Equals(_roomRef):
                _ending = ending;
                // It tells nothing more, and its successor can be found: of its death one may hear much later.
                if (ending.HasMoved)
                    LoseRoom();
                break;
            case RoomReplies.Ending { Expected.Count: > 0 } late when IsFormer(Sender):
                // One heard of its death first.
                Expect(late.Expected);
                break;
            case RoomReplies.Ending:
                break;
            case RoomReplies.Here when !_roomRef.IsNobody():
                // It is told of the end of the one that it follows, and looks for another then.
                break;
            case RoomReplies.Here when !IsFormer(Sender):
                FollowRoom(Sender, isOpen: false);
                CallSuccessor();
                break;
            case RoomReplies.Here:
                // An answer of before its end.
                CallSuccessor();
                break;
            case RoomReplies.Refused refused:
                Refused(refused);
                break;
            case RoomReplies.Attached attached:
                Attached(attached);
                break;
            case RoomReplies.Opening:
                FollowRoom(Sender, isOpen: _isRoomOpen && _roomRef.Equals(Sender));
                break;
            case RoomLost lost:
                Remember(lost.Room);
                if (lost.Room.Equals(_roomRef))
                    Lost();
                break;
            case LinkBroken broken when _roomRef.Path.Address == broken.Node:
                // It may live, and lack what was under way either way. Where it doesn't, its end is told.
                CallSuccessor();
                break;
            case LinkBroken:
                break;
            case GoOn:
                VisitSome();
                break;
            case CallRoom:
                CallSuccessor();
                break;
            case RoomQueries.Who who:
                Ask(ticket => new Pending.Query(who with { Ticket = ticket }, who.RequestId) { Asker = Sender });
                break;
            case RoomQueries.History history:
                Ask(ticket => new Pending.Query(history with { Ticket = ticket }, history.RequestId) { Asker = Sender });
                break;
            case RoomReplies.WhoIs who:
                Answer(who.Ticket, who);
                break;
            case RoomReplies.HistoryRead read:
                Answer(read.Ticket, read);
                break;
            case RoomReplies.QueryRefused refused:
                Answer(refused.Ticket, refused);
                break;
            case ChildReports.Stop when IsIdle:
                Context.Stop(Self);
                break;
            case ChildReports.Stop:
                Context.Parent.Tell(new ChildReports.Busy(Room));
                break;
            default:
                Unhandled(message);
                break;
        }
        if (IsIdle && message is not ChildReports.Stop)
            Context.Parent.Tell(new ChildReports.Idle(Room));
    }

    // ---- from connections

    private void Join(RelayCommands.Join join)
    {
        var member = _members.Find(join.Who.Session) ?? _members.Add(join.Who);
        if (member.Who.Generation > join.Who.Generation)
            return;
        (member.Who, member.Connection) = (join.Who, Sender);
        Timers.Cancel(member);
        if (member.Subscription is { } old)
            End(old, "A later join of the same room took the place of this one.");
        join.Outbox.Drop(Room);
        var subscription = member.Subscription = new Subscription(
            new Feed(Room, join.Who.Session, join.Outbox, Self), join.Request, wasMember: member.IsIn && !member.IsLeaving);
        member.EnterTicket = Ask(ticket => new Pending.Enter(new RoomCommands.Enter(Room, join.Who, ticket, join.From), member, subscription));
    }

    // Where it isn't a member, the relay failed since it was, or an older connection's leave came late: it goes in again.
    private void Resume(RelayCommands.Resumed resumed)
    {
        var known = _members.Find(resumed.Who.Session);
        var member = known ?? _members.Add(resumed.Who);
        (member.Who, member.Connection, member.Subscription, member.ComesBack) = (resumed.Who, resumed.Connection, null, true);
        if (known is null or { IsLeaving: true })
            member.EnterTicket = Ask(ticket => new Pending.Enter(new RoomCommands.Enter(Room, resumed.Who, ticket), member, null));
    }

    private void Leave(Speaker who, Outbox? outbox, string? requestId)
    {
        if (_members.Find(who) is not { } member)
        {
            outbox?.Answer(Frame(NotInRoom(requestId)));
            return;
        }
        member.LeaveTicket = Ask(ticket => new Pending.Leave(new RoomCommands.Leave(Room, who, ticket), member, outbox, requestId)
        {
            Asker = outbox is null ? ActorRefs.Nobody : Sender,
        });
    }

    private void Release(IReadOnlyList<Speaker> members)
    {
        var released = new List<Speaker>();
        foreach (var who in members)
        {
            if (_members.Find(who) is not { } member)
                continue;
            Forget(member);
            released.Add(who);
        }
        if (released.Count > 0)
            Expect(released);
    }

    private void Expect(IReadOnlyList<Speaker> members) => Ask(ticket => new Pending.Release(new RoomCommands.Expect(Room, members, ticket)));

    private void Publish(RelayCommands.Publish publish)
    {
        if (_members.Find(publish.Who) is null)
        {
            publish.Outbox.Answer(Frame(NotInRoom(publish.RequestId)));
            return;
        }
        // The id is made here, so that what is sent again to a room's successor is still the same publish.
        var id = publish.RequestId ?? Guid.NewGuid().ToString("N");
        Ask(ticket => new Pending.Say(
            new RoomCommands.Post(Room, publish.Who, id, publish.Text, ticket), publish.Outbox, publish.RequestId)
        { Asker = Sender, Timer = PublishTimer.Start(Room, id) });
    }

    private void Type(RelayCommands.Type type)
    {
        if (_members.Find(type.Who) is not { } member)
        {
            type.Outbox.Answer(Frame(NotInRoom(type.RequestId)));
            return;
        }
        if (member.TypedAt is { } before && _options.Time.GetElapsedTime(before) < _options.TypingEvery)
        {
            type.Outbox.NoAnswer();
            return;
        }
        member.TypedAt = _options.Time.GetTimestamp();
        Ask(ticket => new Pending.Say(new RoomCommands.Type(Room, type.Who, ticket), type.Outbox, type.RequestId)
        { Asker = Sender });
    }

    // A question waits behind what its connection sent to the room before, and is asked again of a successor.
    private void Answer(long ticket, object answer)
    {
        if (_unanswered.Take(ticket) is Pending.Query query)
            query.Asker.Tell(answer);
    }

    // ---- its own failure

    private protected override void Fail()
    {
        foreach (var connection in _members.All.Select(member => member.Connection).Concat(_unanswered.Askers))
            connection.Tell(RelayCommands.Failed.Instance);
    }

    private protected override void TellOfFailure(object message, IActorRef sender) => TellLost(message, sender);

    /// <summary>The relay failed, with a message to it unanswered: the connection that waits for it ends, and comes back.</summary>
    internal static void TellLost(object message, IActorRef sender)
    {
        switch (message)
        {
            case RelayCommands.Join or RelayCommands.Leave or RelayCommands.Publish or RelayCommands.PublishAsGuest or RelayCommands.Type or RoomQueries.Who or RoomQueries.History:
                sender.Tell(RelayCommands.Failed.Instance);
                break;
            case RelayCommands.Resumed resumed:
                resumed.Connection.Tell(RelayCommands.Failed.Instance);
                break;
        }
    }

    // ---- the rest

    private long Ask(Func<long, Pending> pending)
    {
        CallIfWaiting();
        var (ticket, command) = _unanswered.Add(pending);
        TellRoom(command);
        return ticket;
    }

    // Where it isn't known, it is made, or found: then all is told anew.
    private void TellRoom(IWithRoom command) => _rooms.Tell(_roomRef.IsNobody() ? command : new Addressed(_roomRef, command));

    private bool IsIdle => _members.Count == 0 && _unanswered.Count == 0;

    private ServerEvent.Error NotInRoom(string? requestId) =>
        new(ErrorCodes.NotInRoom, $"You are not in the room {Room}. Join it first.", Room.Value) { Id = requestId };

    private static ReadOnlyMemory<byte> Frame(ServerEvent e)
    {
        if (e is ServerEvent.Error { Code: var code })
            ChatMeter.Refused(code);
        return WireFrame.Text(EventCodec.Encode(e));
    }
}
