namespace Chat.Protocol.Client;

// What rooms say: each seq is told once and in order, whether it comes live or in a page.
internal sealed partial class ClientSession
{
    private void OnMessage(ServerEvent.Message message, ReadOnlyMemory<byte> json)
    {
        if (!_rooms.TryGetValue(message.Room, out var room) || !Hears(room))
            return;
        if (TakeLive(room, message.Seq))
            Tell(message, json);
        if (room.Cursor.Last >= message.Seq)
            Strike(room, message);
    }

    // A line of the log that this program can't read has its place in the order all the same.
    private void OnUnknown(ServerEvent.Unknown unknown, ReadOnlyMemory<byte> json)
    {
        if (LoggedLine.Read(json.Span) is not { } line || !_rooms.TryGetValue(line.Room, out var room))
            Tell(unknown, json);
        else if (Hears(room) && TakeLive(room, line.Seq))
            Tell(unknown, json);
    }

    // While a join is to be answered, what comes is of the subscription before it, and comes again after it.
    private static bool Hears(RoomSession room) => room.Membership is Membership.Paging or Membership.Live or Membership.Leaving;

    private static bool TakeLive(RoomSession room, long seq)
    {
        var verdict = room.Cursor.Take(seq);
        // No server leaves one out; should one, a join brings it.
        if (verdict == SeqVerdict.Gap && room.Membership == Membership.Live)
            room.Membership = Membership.Due;
        return verdict == SeqVerdict.Next;
    }

    private void OnPage(ServerEvent.History page, ReadOnlyMemory<byte> json)
    {
        if (OnAnswer(page))
            return;
        if (page.Id is not null && _inFlight.GetValueOrDefault(page.Id) is InFlight.Join join)
        {
            if (join.Room.Name != page.Room)
                Rename(join.Room, page.Room);
            OnRoomPage(join.Room, page, json);
        }
        else if (_rooms.TryGetValue(page.Room, out var room) && Hears(room))
        {
            // To a slow reader, at any time.
            OnRoomPage(room, page, json);
        }
    }

    private void OnRoomPage(RoomSession room, ServerEvent.History page, ReadOnlyMemory<byte> json)
    {
        var fresh = room.Cursor.Take(page);
        Tell(fresh, json);
        foreach (var message in page.Messages)
            Strike(room, message);
        room.Entered(page.Live);
        if (!page.Live)
            return;

        foreach (var (id, _) in _inFlight.Where(pair => pair.Value is InFlight.Join join && join.Room == room).ToArray())
            _inFlight.Remove(id);
        foreach (var call in room.Joins)
            call.Complete(fresh);
        room.Joins.Clear();
    }
}
