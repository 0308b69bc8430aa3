using Akka.Actor;
using Akka.Event;
using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Relays;

// What the room tells besides its batches: notices for all, answers for one, and its own end.
public sealed partial class RelayActor
{
    private void Tell(RoomReplies.Notice notice)
    {
        _online = notice.Online;
        ReadOnlyMemory<byte> frame = WireFrame.Text(notice.Json.Span);
        var passage = new Passage(_log.Epoch, Joined: notice.Joined, Left: notice.Left);
        foreach (var member in _members.All)
        {
            if (member.Subscription is not { Cursor: { IsPlaced: true } cursor } subscription || member.Who.Session == notice.Except)
                continue;
            if (!cursor.IsLive || !Offered(member, subscription, frame, passage))
                cursor.Missed.Add(notice.Joined, notice.Left);
        }
    }

    private void Entered(RoomReplies.Entered entered)
    {
        FollowRoom(Sender, isOpen: true);
        FollowLog(new LogPlace(entered.Epoch, entered.First, entered.Last), entered.Online);
        if (_unanswered.Take(entered.Ticket) is not Pending.Enter enter)
            return;
        enter.Member.IsIn = true;
        if (enter.Subscription is not { } subscription || !_members.IsCurrent(enter.Member, subscription))
            return;
        subscription.Cursor.Place(_log);
        RequestTurn(subscription);
    }

    private void Left(Pending.Leave leave, RoomReplies.LeftRoom left)
    {
        ForgetUnlessBack(leave.Member, left.Ticket);
        leave.Outbox?.Answer(Frame(new ServerEvent.Left(
            Room.Value, left.User, left.Online, $"{left.User} left the room", left.Timestamp)
        { Id = leave.RequestId }));
    }

    private void Refused(RoomReplies.Refused refused)
    {
        var pending = _unanswered.Take(refused.Ticket);
        pending?.Timer.Refused(refused.Error.Code);
        switch (pending)
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
                if (enter.Subscription is { } subscription)
                    RefuseJoin(enter.Member, subscription, refused.Error);
                // Also where its connection is gone by now, and nobody is to be told.
                if (!enter.Member.IsIn && enter.Member.EnterTicket == refused.Ticket)
                    Forget(enter.Member);
                break;
            case Pending.Query query:
                query.Asker.Tell(new RoomReplies.QueryRefused(Room, refused.Ticket, query.RequestId, refused.Error));
                break;
            case Pending.Page page:
                _pages--;
                RefusePage(page.Member, page.Subscription, refused.Error);
                TakeTurns();
                break;
        }
    }

    // Its connection has forgotten the room already, so it leaves in a while, unless it comes back before.
    private void LeaveLater(Member member, long leaveTicket)
    {
        if (member.EnterTicket > leaveTicket)
            return;
        member.LeaveTicket = 0;
        Timers.StartSingleTimer(member, new RelayCommands.Drop(Room, member.Who), _options.StorageRetry);
    }

    // A first join that can't be carried out leaves the session outside. One that was in the room stays, and may join again.
    private void RefuseJoin(Member member, Subscription subscription, ServerEvent.Error error)
    {
        if (!_members.IsCurrent(member, subscription))
            return;
        subscription.Cursor.EndAnswer();
        subscription.Outbox.End(subscription.Feed);
        member.Subscription = null;
        subscription.Outbox.Answer(Frame(error with { Id = subscription.Join.Id }));
        if (subscription.WasMember)
            return;
        member.Connection.Tell(new RelayCommands.JoinRefused(Room, subscription.Join));
        if (member.IsIn)
            Leave(member.Who, null, null);
    }

    // A join that was sent behind the leave is under way: the room takes it behind the leave too.
    private void ForgetUnlessBack(Member member, long leaveTicket)
    {
        member.IsIn = false;
        if (member.EnterTicket < leaveTicket)
            Forget(member);
    }

    private void Forget(Member member)
    {
        if (_members.Remove(member) && member.Subscription is { } subscription)
            End(subscription, "The room was left before the join was answered.");
    }

    private void End(Subscription subscription, string why)
    {
        subscription.Outbox.End(subscription.Feed);
        if (subscription.Cursor.EndAnswer())
            subscription.Outbox.Answer(Frame(new ServerEvent.Error(ErrorCodes.NotInRoom, why, Room.Value) { Id = subscription.Join.Id }));
    }

    // ---- the room itself

    private const int FormerKept = 4;

    private void FollowRoom(IActorRef room, bool isOpen)
    {
        var wasLost = !_roomRef.IsNobody() && !_roomRef.Equals(room);
        if (wasLost)
        {
            Context.Unwatch(_roomRef);
            Remember(_roomRef);
            NoteEnd();
        }
        if (!_roomRef.Equals(room))
        {
            (_roomRef, _ending) = (room, null);
            Context.WatchWith(room, new RoomLost(room));
        }
        _isRoomOpen = isOpen;
        // A successor answers before the end of the room was told.
        if (wasLost)
            CallSuccessor();
    }

    private void LoseRoom()
    {
        Context.Unwatch(_roomRef);
        Remember(_roomRef);
        Lost();
    }

    // Where nothing is known of its end, one of another node went with its node.
    private void NoteEnd() => (_hasFailed, _expected) = (_ending?.IsFailure ?? !NodeLinks.IsFar(_roomRef), _ending?.Expected ?? []);

    // What a room told before its end may come behind its successor's words: it is answered then, and is heard no more.
    private void Remember(IActorRef room)
    {
        if (IsFormer(room))
            return;
        _former.Enqueue(room);
        if (_former.Count > FormerKept)
            _former.Dequeue();
    }

    private bool IsFormer(IActorRef room) => _former.Contains(room);

    // A room that can't even open would fail again and again: then the next is called in a while.
    private void Lost()
    {
        NoteEnd();
        (_roomRef, _ending) = (ActorRefs.Nobody, null);
        if (_isRoomOpen || !_hasFailed)
            CallSuccessor();
        else
            Timers.StartSingleTimer(nameof(CallRoom), new CallRoom(), _options.StorageRetry);
        _isRoomOpen = false;
    }

    // Whatever is asked next makes the successor: that is to know first who is in.
    private void CallIfWaiting()
    {
        if (Timers.IsTimerActive(nameof(CallRoom)))
            CallSuccessor();
    }

    // A room ends while it has members only where it failed or moved: its successor is told who is in, and what wasn't answered. Where that has to be found first, it is told then.
    private void CallSuccessor()
    {
        Timers.Cancel(nameof(CallRoom));
        // Who was not let in yet isn't attached: its join is sent again, and the others are told.
        var members = _members.All.Where(member => member.IsIn || (member.ComesBack && !member.IsLeaving)).Select(member => member.Who).ToArray();
        if (members.Length > 0)
        {
            if (_hasFailed)
                Log.Warning("The room {Room} ended while it had members; its successor takes them in", Room);
            TellRoom(new RoomCommands.Attach(Room, members));
        }
        if (_expected.Count > 0)
            _unanswered.Add(ticket => new Pending.Release(new RoomCommands.Expect(Room, _expected, ticket)));
        _expected = [];
        var (again, lost) = _unanswered.Resend(_hasFailed);
        // That failure is counted.
        _hasFailed = false;
        foreach (var command in again)
            TellRoom(command);
        foreach (var ticket in lost)
        {
            Self.Tell(new RoomReplies.Refused(Room, ticket, new ServerEvent.Error(
                ErrorCodes.Internal, "The room failed over this. Whether it took effect is unknown.", Room.Value)));
        }
    }

    private void Attached(RoomReplies.Attached attached)
    {
        FollowRoom(Sender, isOpen: true);
        FollowLog(new LogPlace(attached.Epoch, attached.First, attached.Last), attached.Online);
    }

    // Where the log stands elsewhere than was told here, every cursor is moved to it.
    private void FollowLog(LogPlace log, int online)
    {
        var isOtherLog = log.Epoch != _log.Epoch || log.Head < _log.Head;
        (_log, _online) = (log, online);
        foreach (var member in _members.All)
        {
            if (member.Subscription is { } subscription && subscription.Cursor.Relocate(_log, isOtherLog))
                RequestTurn(subscription);
        }
    }
}
