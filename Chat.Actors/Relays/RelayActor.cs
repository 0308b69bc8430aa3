using Akka.Actor;
using Akka.Event;
using Chat.Actors.Delivery;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Relays;

/// <summary>
/// A room's hand on this node: all that goes to the room from here, and all that comes from it in its order, passes here. Each
/// local subscriber is a cursor and an outbox; a batch is framed once and handed to all.
/// </summary>
public sealed class RelayActor : UntypedActor, IWithTimers
{
    private sealed record RoomLost(IActorRef Room);

    private sealed record CallRoom;

    private sealed record RetryPage(Member Member, Subscription Subscription);

    private readonly ChatOptions _options;
    private readonly RoomName _room;
    private readonly IActorRef _rooms;
    private readonly Dictionary<SessionId, Member> _members = [];
    private readonly SortedDictionary<long, Pending> _pending = [];
    private readonly ILoggingAdapter _logger = Context.GetLogger();
    private IActorRef _roomRef = ActorRefs.Nobody;
    private bool _isRoomOpen;
    private string _epoch = "";
    private long _head;
    private int _online;
    private long _lastTicket;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RelayActor(ChatOptions options, RoomName room, IActorRef rooms) => (_options, _room, _rooms) = (options, room, rooms);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of one room's relay.</summary>
    public static Props Props(ChatOptions options, RoomName room, IActorRef rooms) =>
        Akka.Actor.Props.Create(() => new RelayActor(options, room, rooms));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        // Only a failure stops a relay that has members: their connections come back and join again.
        foreach (var member in _members.Values)
            member.Subscription?.Outbox.Close(CloseCodes.Internal, "internal error");
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RelayCommands.Publish publish:
                Publish(publish);
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
            case RelayCommands.Type type:
                Type(type);
                break;
            case RelayCommands.Detach detach:
                if (_members.TryGetValue(detach.Who.Session, out var detached) && detached.Who.Generation == detach.Who.Generation)
                    detached.Subscription = null;
                break;
            case RelayCommands.Resumed resumed:
                if (_members.TryGetValue(resumed.Who.Session, out var member))
                    (member.Who, member.Subscription) = (resumed.Who, null);
                break;
            case PageTurn turn:
                TakeTurn(turn);
                break;
            case RetryPage retry:
                if (IsCurrent(retry.Member, retry.Subscription))
                    RequestTurn(retry.Member, retry.Subscription);
                break;
            case RoomReplies.PageRead read:
                if (Answered(read.Ticket) is Pending.Page page)
                    SendPage(page.Member, page.Subscription, read);
                break;
            case RoomReplies.Notice notice:
                Tell(notice);
                break;
            case RoomReplies.Entered entered:
                Entered(entered);
                break;
            case RoomReplies.LeftRoom left:
                if (Answered(left.Ticket) is Pending.Leave leaver)
                    Left(leaver, left);
                break;
            case RoomReplies.Done done:
                if (Answered(done.Ticket) is Pending.Say said)
                    said.Outbox.NoAnswer();
                break;
            case RoomReplies.Refused refused:
                Refused(refused);
                break;
            case RoomReplies.Attached attached:
                Attached(attached);
                break;
            case RoomReplies.Opening:
                FollowRoom(Sender, isOpen: false);
                break;
            case RoomLost lost when lost.Room.Equals(_roomRef):
                Lost();
                break;
            case RoomLost:
                break;
            case CallRoom:
                CallSuccessor();
                break;
            case IWithRoom query when query is RoomQueries.Who or RoomQueries.History:
                // Behind what this connection sent to the room before.
                _rooms.Forward(query);
                break;
            case ChildReports.Stop when IsIdle:
                Context.Stop(Self);
                break;
            case ChildReports.Stop:
                Context.Parent.Tell(new ChildReports.Busy(_room));
                break;
            default:
                Unhandled(message);
                break;
        }
        if (IsIdle && message is not ChildReports.Stop)
            Context.Parent.Tell(new ChildReports.Idle(_room));
    }

    // ---- from connections

    private void Join(RelayCommands.Join join)
    {
        var isNew = !_members.TryGetValue(join.Who.Session, out var member);
        if (isNew)
            _members[join.Who.Session] = member = new Member(join.Who);
        else if (member!.Who.Generation > join.Who.Generation)
            return;
        member.Who = join.Who;
        Timers.Cancel(member);
        var isLeaving = member.LeaveTicket > member.EnterTicket;
        var wasMember = !isNew && !isLeaving && (member.Subscription is null or { HasEntered: true } or { WasMember: true });
        if (member.Subscription is { } old)
            End(old, "A later join of the same room took the place of this one.");
        join.Outbox.Drop(_room);
        var subscription = member.Subscription = new Subscription(join.Outbox, Sender, join.Request, wasMember);
        member.EnterTicket = Ask(ticket => new Pending.Enter(
            new RoomCommands.Enter(_room, join.Who, ticket),
            member,
            subscription,
            new JoinWish(join.Request.Since, join.Request.Epoch, join.Request.HistoryCount)));
    }

    private void Leave(Speaker who, Outbox? outbox, string? requestId)
    {
        if (Find(who) is not { } member)
        {
            outbox?.Answer(Frame(NotInRoom(requestId)));
            return;
        }
        member.LeaveTicket = Ask(ticket => new Pending.Leave(new RoomCommands.Leave(_room, who, ticket), member, outbox, requestId));
    }

    private void Publish(RelayCommands.Publish publish)
    {
        if (Find(publish.Who) is null)
        {
            publish.Outbox.Answer(Frame(NotInRoom(publish.RequestId)));
            return;
        }
        // The id is made here, so that what is sent again to a room's successor is still the same publish.
        var id = publish.RequestId ?? Guid.NewGuid().ToString("N");
        Ask(ticket => new Pending.Say(
            new RoomCommands.Post(_room, publish.Who, id, publish.Text, ticket), publish.Outbox, publish.RequestId));
    }

    private void Type(RelayCommands.Type type)
    {
        if (Find(type.Who) is not { } member)
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
        Ask(ticket => new Pending.Say(new RoomCommands.Type(_room, type.Who, ticket), type.Outbox, type.RequestId));
    }

    // ---- from the room

    private void Deliver(RoomReplies.Delivered delivered)
    {
        if (delivered.Entries is { Count: > 0 } entries)
        {
            var last = _head = entries[^1].Seq;
            var frames = WireFrame.Texts([.. entries.Select(entry => entry.Line)]);
            foreach (var member in _members.Values)
            {
                // One that isn't live gets the batch with its pages.
                if (member.Subscription is { IsLive: true } subscription && Offered(member, subscription, frames))
                    subscription.Cursor = last + 1;
            }
        }
        foreach (var ack in delivered.Acks)
        {
            if (Answered(ack.Ticket) is Pending.Say said)
                said.Outbox.Answer(Frame(new ServerEvent.Ack(_room.Value, ack.Seq, ack.Timestamp, ack.Duplicate) { Id = ack.Id }));
        }
    }

    private void Tell(RoomReplies.Notice notice)
    {
        _online = notice.Online;
        ReadOnlyMemory<byte> frame = WireFrame.Text(notice.Json.Span);
        foreach (var member in _members.Values)
        {
            if (member.Subscription is not { HasEntered: true } subscription || member.Who.Session == notice.Except)
                continue;
            if (!subscription.IsLive || !Offered(member, subscription, frame))
                subscription.Missed.Add(notice.Joined, notice.Left);
        }
    }

    // False where the outbox is full or closed. One that is full keeps its place and catches up from history.
    private bool Offered(Member member, Subscription subscription, ReadOnlyMemory<byte> frames)
    {
        switch (subscription.Outbox.Offer(_room, frames))
        {
            case Offer.Accepted:
                return true;
            case Offer.Full:
                subscription.IsLive = false;
                RequestTurn(member, subscription);
                return false;
            default:
                member.Subscription = null;
                return false;
        }
    }

    private void Entered(RoomReplies.Entered entered)
    {
        FollowRoom(Sender, isOpen: true);
        (_epoch, _online) = (entered.Epoch, entered.Online);
        _head = Math.Max(_head, entered.Last);
        if (Answered(entered.Ticket) is not Pending.Enter enter || !IsCurrent(enter.Member, enter.Subscription))
            return;
        var subscription = enter.Subscription;
        (subscription.Cursor, subscription.Gap) = Cursor.Of(enter.Wish, entered.Epoch, entered.First, entered.Last);
        subscription.HasEntered = true;
        RequestTurn(enter.Member, subscription);
    }

    private void Left(Pending.Leave leave, RoomReplies.LeftRoom left)
    {
        ForgetUnlessBack(leave.Member, left.Ticket);
        leave.Outbox?.Answer(Frame(new ServerEvent.Left(
            _room.Value, left.User, left.Online, $"{left.User} left the room", left.Timestamp)
        { Id = leave.RequestId }));
    }

    private void Refused(RoomReplies.Refused refused)
    {
        switch (Answered(refused.Ticket))
        {
            case Pending.Say say:
                say.Outbox.Answer(Frame(refused.Error with { Id = say.RequestId }));
                break;
            case Pending.Leave leave:
                leave.Outbox?.Answer(Frame(refused.Error with { Id = leave.RequestId }));
                if (refused.Error.Code == ErrorCodes.NotInRoom)
                    ForgetUnlessBack(leave.Member, refused.Ticket);
                else
                    LeaveLater(leave.Member, refused.Ticket);
                break;
            case Pending.Enter enter:
                RefuseJoin(enter.Member, enter.Subscription, refused.Error);
                break;
            case Pending.Page page when IsCurrent(page.Member, page.Subscription):
                EndTurn(page.Subscription);
                if (page.Subscription.OwesAnswer)
                    RefuseJoin(page.Member, page.Subscription, refused.Error);
                else
                    Timers.StartSingleTimer(page.Member.Who.Session, new RetryPage(page.Member, page.Subscription), _options.StorageRetry);
                break;
            case Pending.Page page:
                EndTurn(page.Subscription);
                break;
        }
    }

    // Its connection has forgotten the room already, so it leaves in a while, unless it comes back before.
    private void LeaveLater(Member member, long leaveTicket)
    {
        if (member.EnterTicket > leaveTicket)
            return;
        member.LeaveTicket = 0;
        Timers.StartSingleTimer(member, new RelayCommands.Drop(_room, member.Who), _options.StorageRetry);
    }

    // A first join that can't be carried out leaves the session outside. One that was in the room stays, and may join again.
    private void RefuseJoin(Member member, Subscription subscription, ServerEvent.Error error)
    {
        if (!IsCurrent(member, subscription))
            return;
        subscription.OwesAnswer = false;
        member.Subscription = null;
        subscription.Outbox.Answer(Frame(error with { Id = subscription.Join.Id }));
        if (subscription.WasMember)
            return;
        subscription.Connection.Tell(new RelayCommands.JoinRefused(_room, subscription.Join));
        if (subscription.HasEntered)
            Leave(member.Who, null, null);
        else
            _members.Remove(member.Who.Session);
    }

    // ---- pages

    private void RequestTurn(Member member, Subscription subscription)
    {
        subscription.Turn = new PageTurn(_room, member.Who.Session, subscription.Outbox, Self);
        subscription.Outbox.RequestTurn(subscription.Turn);
    }

    private static void EndTurn(Subscription subscription)
    {
        if (subscription.Turn is { } turn)
            subscription.Outbox.EndTurn(turn);
        subscription.Turn = null;
    }

    private void TakeTurn(PageTurn turn)
    {
        if (_members.TryGetValue(turn.Session, out var member) && member.Subscription is { } subscription && ReferenceEquals(subscription.Turn, turn))
            Ask(ticket => new Pending.Page(new RoomCommands.ReadPage(_room, subscription.Cursor, ticket), member, subscription));
        else
            turn.Outbox.EndTurn(turn);
    }

    private void SendPage(Member member, Subscription subscription, RoomReplies.PageRead read)
    {
        if (!IsCurrent(member, subscription))
        {
            EndTurn(subscription);
            return;
        }
        var page = read.Page;
        var gap = subscription.Gap || page.Missing.Count > 0 || page.From > subscription.Cursor;
        subscription.Gap = false;
        subscription.Cursor = page.Through + 1;
        var isLive = page.Through >= _head;
        var isAnswer = isLive && subscription.OwesAnswer;
        var e = new ServerEvent.History(
            _room.Value, _epoch, [], Math.Max(_head, read.Last), More: page.From > page.First && read.Last > 0, isLive, gap, page.Missing, 0)
        { Id = subscription.OwesAnswer ? subscription.Join.Id : null };
        ReadOnlyMemory<byte> frame = WireFrame.Text(EventCodec.EncodeHistory(e, [.. page.Entries.Select(entry => entry.Line)]));
        subscription.Outbox.Page(_room, frame, isAnswer);
        EndTurn(subscription);
        if (!isLive)
        {
            RequestTurn(member, subscription);
            return;
        }
        if (isAnswer)
            subscription.Connection.Tell(new RelayCommands.JoinAnswered(_room));
        subscription.OwesAnswer = false;
        subscription.IsLive = true;
        // Part of the turn, which bounds it: offered, it could be refused, and the counts were lost.
        if (!subscription.Missed.IsEmpty)
            subscription.Outbox.Page(
                _room, Frame(subscription.Missed.Take(_room, _online, _options.Time.GetUtcNow().UtcDateTime)), isAnswer: false);
    }

    // ---- the room itself

    private void FollowRoom(IActorRef room, bool isOpen)
    {
        var wasLost = !_roomRef.Equals(ActorRefs.Nobody) && !_roomRef.Equals(room);
        if (!_roomRef.Equals(room))
        {
            Context.Unwatch(_roomRef);
            _roomRef = room;
            Context.WatchWith(room, new RoomLost(room));
        }
        _isRoomOpen = isOpen;
        // A successor answers before the end of the room was told.
        if (wasLost)
            CallSuccessor();
    }

    // A room that can't even open would fail again and again: then the next is called in a while.
    private void Lost()
    {
        _roomRef = ActorRefs.Nobody;
        if (_isRoomOpen)
            CallSuccessor();
        else
            Timers.StartSingleTimer(nameof(CallRoom), new CallRoom(), _options.StorageRetry);
        _isRoomOpen = false;
    }

    // A room ends while it has members only where it failed: its successor is told who is in, and what wasn't answered.
    private void CallSuccessor()
    {
        _logger.Warning("The room {Room} ended while it had members; its successor takes them in", _room);
        // Who was not let in yet isn't attached: its join is sent again, and the others are told.
        var joining = _pending.Values.OfType<Pending.Enter>().Where(enter => !enter.Subscription.WasMember).Select(enter => enter.Member);
        var members = _members.Values.Except(joining).Select(member => member.Who).ToArray();
        if (members.Length > 0)
            _rooms.Tell(new RoomCommands.Attach(_room, members));
        foreach (var (ticket, pending) in _pending.ToArray())
        {
            if (pending.WasSentAgain)
            {
                Self.Tell(new RoomReplies.Refused(_room, ticket, new ServerEvent.Error(
                    ErrorCodes.Internal, "The room failed over this. Whether it took effect is unknown.", _room.Value)));
                continue;
            }
            pending.WasSentAgain = true;
            _rooms.Tell(pending.Command);
        }
    }

    private void Attached(RoomReplies.Attached attached)
    {
        FollowRoom(Sender, isOpen: true);
        var isOtherLog = attached.Epoch != _epoch || attached.Last < _head;
        (_epoch, _head, _online) = (attached.Epoch, attached.Last, attached.Online);
        foreach (var member in _members.Values)
        {
            if (member.Subscription is not { HasEntered: true } subscription)
                continue;
            if (isOtherLog)
                (subscription.Cursor, subscription.Gap) = (attached.Last + 1, true);
            if (subscription.IsLive && (isOtherLog || subscription.Cursor <= attached.Last))
            {
                subscription.IsLive = false;
                RequestTurn(member, subscription);
            }
        }
    }

    // ---- the rest

    private long Ask(Func<long, Pending> pending)
    {
        var ticket = ++_lastTicket;
        var asked = _pending[ticket] = pending(ticket);
        _rooms.Tell(asked.Command);
        return ticket;
    }

    private Pending? Answered(long ticket) => _pending.Remove(ticket, out var pending) ? pending : null;

    // The member that a speaker is; an older connection of its session is none.
    private Member? Find(Speaker who) =>
        _members.TryGetValue(who.Session, out var member) && member.Who.Generation <= who.Generation ? member : null;

    // A join that was sent behind the leave is under way: the room takes it behind the leave too.
    private void ForgetUnlessBack(Member member, long leaveTicket)
    {
        if (member.EnterTicket < leaveTicket)
            Forget(member);
    }

    private void Forget(Member member)
    {
        if (!_members.TryGetValue(member.Who.Session, out var now) || !ReferenceEquals(now, member))
            return;
        _members.Remove(member.Who.Session);
        if (member.Subscription is { } subscription)
            End(subscription, "The room was left before the join was answered.");
    }

    private bool IsCurrent(Member member, Subscription subscription) =>
        ReferenceEquals(member.Subscription, subscription)
        && _members.TryGetValue(member.Who.Session, out var now) && ReferenceEquals(now, member);

    private void End(Subscription subscription, string why)
    {
        EndTurn(subscription);
        if (!subscription.OwesAnswer)
            return;
        subscription.OwesAnswer = false;
        subscription.Outbox.Answer(Frame(new ServerEvent.Error(ErrorCodes.NotInRoom, why, _room.Value) { Id = subscription.Join.Id }));
    }

    private bool IsIdle => _members.Count == 0 && _pending.Count == 0;

    private ServerEvent.Error NotInRoom(string? requestId) =>
        new(ErrorCodes.NotInRoom, $"You are not in the room {_room}. Join it first.", _room.Value) { Id = requestId };

    private static ReadOnlyMemory<byte> Frame(ServerEvent e) => WireFrame.Text(EventCodec.Encode(e));
}
