namespace Chat.Protocol.Client;

// Entering, leaving and coming back to rooms.
internal sealed partial class ClientSession
{
    private readonly Dictionary<string, RoomSession> _rooms = new(StringComparer.Ordinal);

    // What the user typed, where the server calls it otherwise than this program would.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The rooms that the user is in.</summary>
    public IReadOnlyCollection<string> JoinedRooms => [.. _rooms.Values.Where(room => room.IsJoined && room.Membership != Membership.Leaving).Select(room => room.Name)];

    /// <summary>Enters a room.</summary>
    public void Join(Call<ServerEvent.History> call, TimeSpan now)
    {
        if (IsOver(call))
            return;
        FindOrAdd(((Request.Join)call.Request).Room).Steps.AddLast(new JoinStep(call));
        Pump(now);
    }

    /// <summary>Leaves a room.</summary>
    public void Leave(Call<ServerEvent.Left?> call, TimeSpan now)
    {
        if (IsOver(call))
            return;
        FindOrAdd(((Request.Leave)call.Request).Room).Steps.AddLast(new LeaveStep(call));
        Pump(now);
    }

    private string NameOf(string typed)
    {
        var folded = RoomName.Parse(typed, out _)?.Value ?? typed;
        return _names.GetValueOrDefault(folded, folded);
    }

    private RoomSession? Find(string typed) => _rooms.GetValueOrDefault(NameOf(typed));

    private RoomSession FindOrAdd(string typed)
    {
        var name = NameOf(typed);
        if (!_rooms.TryGetValue(name, out var room))
            _rooms[name] = room = new RoomSession(name, new Backoff(options.FirstDelay, options.LongestDelay, options.Jitter));
        return room;
    }

    // The server's answer names the room as everything else that it sends will.
    private void Rename(RoomSession room, string name)
    {
        _rooms.Remove(room.Name);
        _names[room.Name] = name;
        room.Name = name;
        if (_rooms.Remove(name, out var other))
            room.Adopt(other);
        _rooms[name] = room;
    }

    private void Discard(RoomSession room)
    {
        if (room.IsIdle && _rooms.GetValueOrDefault(room.Name) == room)
            _rooms.Remove(room.Name);
    }

    private void PumpRooms(TimeSpan now)
    {
        foreach (var room in _rooms.Values)
        {
            if (now < room.HeldUntil)
            {
                if (room.Steps.Count > 0 || room.Membership == Membership.Due)
                    PumpAgainAt(room.HeldUntil);
                continue;
            }
            while (room.Steps.First?.Value is JoinStep join && room.Membership is Membership.Out or Membership.Live)
            {
                room.Steps.RemoveFirst();
                room.Begin(join);
            }
            if (!HasPlace)
                continue;
            if (room.Membership == Membership.Due)
                SendJoin(room, now);
            else if (room.Steps.First?.Value is LeaveStep { IsSent: false } leave && room.Membership != Membership.Asked)
                SendLeave(room, leave, now);
        }
    }

    private void SendJoin(RoomSession room, TimeSpan now)
    {
        var id = NextId();
        if (!Send(room.NextJoin() with { Id = id }))
        {
            Forsake(room, TooLarge(ErrorCodes.BadRoom));
            return;
        }
        var (number, at) = Stamp(now);
        _inFlight[id] = new InFlight.Join(number, at, room);
        room.Membership = Membership.Asked;
    }

    private void SendLeave(RoomSession room, LeaveStep leave, TimeSpan now)
    {
        var id = NextId();
        if (!Send(new Request.Leave(room.Name) { Id = id }))
        {
            room.Steps.Remove(leave);
            leave.Call.Fail(Refusal(TooLarge(ErrorCodes.BadRoom)));
            return;
        }
        var (number, at) = Stamp(now);
        _inFlight[id] = new InFlight.Leave(number, at, room, leave);
        leave.IsSent = true;
        leave.Times++;
        room.Membership = Membership.Leaving;
    }

    // Every room is joined again, whether the session was resumed or not; one that was being left is left.
    private void ReturnToRooms(ServerEvent.Welcome welcome)
    {
        foreach (var room in _rooms.Values.Where(room => room.Membership == Membership.Leaving).ToArray())
        {
            if (room.Steps.First?.Value is LeaveStep leave && !(welcome.Resumed && welcome.JoinedRooms.Contains(room.Name)))
                Left(room, leave, null);
        }
    }

    private void OnLeft(ServerEvent.Left left, ReadOnlyMemory<byte> json)
    {
        Tell(left, json);
        if (left.Id is not null && _inFlight.TryGetValue(left.Id, out var request) && request is InFlight.Leave leave)
        {
            _inFlight.Remove(left.Id);
            Left(leave.Room, leave.Step, left);
        }
    }

    private void Left(RoomSession room, LeaveStep leave, ServerEvent.Left? left)
    {
        room.Steps.Remove(leave);
        leave.Call.Complete(left);
        Forsake(room, new ServerEvent.Error(ErrorCodes.NotInRoom, "The room was left before the join was answered.", room.Name));
    }

    private void OnLeaveRefused(RoomSession room, LeaveStep leave, ServerEvent.Error error, TimeSpan now)
    {
        leave.IsSent = false;
        if (error.Code == ErrorCodes.NotInRoom)
        {
            // The first of two leaves did it, if there were two.
            if (leave.Times == 1)
                leave.Call.Fail(Refusal(error));
            Left(room, leave, null);
        }
        else if (IsPassing(error.Code))
        {
            room.HoldBack(now, error.RetryAfter);
        }
        else
        {
            room.Steps.Remove(leave);
            leave.Call.Fail(Refusal(error));
            room.Membership = room.IsJoined ? Membership.Due : Membership.Out;
        }
    }

    private void OnJoinRefused(RoomSession room, ServerEvent.Error error, ReadOnlyMemory<byte> json, TimeSpan now)
    {
        if (room.Membership is Membership.Leaving)
            return;
        // A room that one was in is asked for until it is there again; of another one, the caller decides.
        if (error.Code is ErrorCodes.RateLimited or ErrorCodes.Busy || (room.IsJoined && IsPassing(error.Code)))
        {
            room.Membership = Membership.Due;
            room.HoldBack(now, error.RetryAfter);
            return;
        }
        if (room.IsJoined)
            Tell(error, json);
        Forsake(room, error);
    }

    private void Forsake(RoomSession room, ServerEvent.Error error)
    {
        room.Forsaken();
        foreach (var call in room.Joins)
            call.Fail(Refusal(error));
        room.Joins.Clear();
        Discard(room);
    }
}
