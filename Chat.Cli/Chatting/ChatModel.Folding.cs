using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Cli.Chatting;

// What comes from the connection.
internal sealed partial class ChatModel
{
    private List<string> _knownRooms = [];
    private bool _tellWho;

    /// <summary>Folds in what the client tells.</summary>
    public IReadOnlyList<Effect> Fold(ClientEvent happening)
    {
        switch (happening)
        {
            case ClientEvent.StateChanged changed:
                Fold(changed.State);
                return [];
            case ClientEvent.PublishChanged changed:
                Fold(changed.Message);
                return [];
            case ClientEvent.Received received:
                return Fold(received.Event);
            default:
                return [];
        }
    }

    /// <summary>How the connection is doing.</summary>
    public void Fold(ConnectionState state)
    {
        RoundTrip = state.RoundTrip ?? (state.Status == ConnectionStatus.Online ? RoundTrip : null);
        Connection = state;
    }

    /// <summary>The answer to a join. The room's name is the one that the server calls it.</summary>
    public IReadOnlyList<Effect> Joined(string asked, ServerEvent.History page)
    {
        if (asked == page.Room || Find(asked) is not { } room)
            return [];
        var wasShown = room == _current;
        _rooms.Remove(room);
        var known = FindOrAdd(page.Room);
        known.Scroll.Add(page, _now());
        if (wasShown)
            Show(known);
        return [new Effect.AskWho(page.Room)];
    }

    /// <summary>A join was refused.</summary>
    public void NotJoined(string asked, string reason)
    {
        Forget(asked);
        Notice($"{asked} can't be joined: {reason}", NoticeKind.Wrong);
    }

    /// <summary>A message of one's own won't be sent.</summary>
    public void Refused(Effect.Publish publish, string reason)
    {
        if (Find(publish.Room) is { } room && room.Scroll.Outgoing.Any(line => line.Id == publish.Id))
            room.Scroll.Set(new ChatLine.Outgoing(publish.Id, User ?? "", publish.Text, OutgoingStatus.Refused, reason, _now()));
    }

    /// <summary>The room was left.</summary>
    public void Left(string room) => Forget(room);

    /// <summary>The answer to the question for older messages, or why there is none.</summary>
    public void LoadedOlder(string asked, ServerEvent.History? page, string? problem)
    {
        if (Find(asked) is not { } room)
            return;
        room.IsLoading = false;
        if (problem is not null)
            Notice($"Older messages can't be loaded: {problem}", NoticeKind.Wrong);
        if (page is null)
            return;
        room.Scroll.Add(page, _now());
        if (!page.More)
            room.Scroll.EndOlder();
    }

    /// <summary>The answer to who is in a room.</summary>
    public void Fold(ServerEvent.Who who)
    {
        if (Find(who.Room) is not { } room)
            return;
        room.SetMembers(who.Members, who.Online);
        if (!_tellWho)
            return;
        _tellWho = false;
        var more = who.Online > who.Members.Count ? $" and {who.Online - who.Members.Count} more" : "";
        room.Scroll.AddNotice($"{who.Online} here: {string.Join(", ", who.Members)}{more}", NoticeKind.Local, _now());
    }

    /// <summary>The answer to which rooms there are.</summary>
    public void Tell(ServerEvent.Rooms rooms)
    {
        Fold(rooms);
        Notice(rooms.Names.Count == 0 ? "There are no rooms yet." : "Rooms: " + string.Join(", ", rooms.Names.Select(name =>
            $"{name} ({rooms.Online.GetValueOrDefault(name)})")));
    }

    private void Fold(ServerEvent.Rooms rooms) => _knownRooms = [.. rooms.Names];

    private void Fold(OutgoingMessage message)
    {
        if (Find(message.Room) is not { } room)
            return;
        room.Scroll.Set(new ChatLine.Outgoing(message.Id, User ?? "", message.Text, message.Status, message.Error?.Sentence, _now()));
    }

    private IReadOnlyList<Effect> Fold(ServerEvent e)
    {
        switch (e)
        {
            case ServerEvent.Welcome welcome:
                User = welcome.User;
                Limits = welcome.Limits;
                return [];
            case ServerEvent.Message message when Find(message.Room) is { } saidIn:
                if (saidIn.Scroll.Add(message))
                    Count(saidIn, [message]);
                return [];
            case ServerEvent.History page when Find(page.Room) is { } room:
                var isFirst = room.Scroll.Epoch is null;
                var fresh = room.Scroll.Add(page, _now());
                if (!isFirst)
                    Count(room, fresh);
                return page.Live ? [new Effect.AskWho(page.Room)] : [];
            case ServerEvent.Joined joined when Find(joined.Room) is { } entered:
                entered.Came(joined.User, joined.Online);
                entered.Scroll.AddNotice($"{joined.User} joined", NoticeKind.Came, joined.Timestamp ?? _now());
                return [];
            case ServerEvent.Left left when Find(left.Room) is { } gone && left.User != User:
                gone.Went(left.User, left.Online);
                gone.Scroll.AddNotice($"{left.User} left", NoticeKind.Went, left.Timestamp ?? _now());
                return [];
            case ServerEvent.Presence presence when Find(presence.Room) is { } busy:
                (busy.Online, busy.IsStale) = (presence.Online, true);
                return [];
            case ServerEvent.Typing typing when typing.User != User:
                Find(typing.Room)?.Types(typing.User, _now());
                return [];
            case ServerEvent.Notice notice:
                ((notice.Room is null ? null : Find(notice.Room)) ?? Current).Scroll.AddNotice(notice.Sentence, NoticeKind.Server, notice.Timestamp ?? _now());
                return [];
            case ServerEvent.Shutdown shutdown:
                Notice(shutdown.Sentence, NoticeKind.Server);
                return [];
            case ServerEvent.Rooms rooms:
                Fold(rooms);
                return [];
            case ServerEvent.Who who:
                Fold(who);
                return [];
            case ServerEvent.Error error:
                ((error.Room is null ? null : Find(error.Room)) ?? Current).Scroll.AddNotice(error.Sentence, NoticeKind.Wrong, _now());
                return [];
            default:
                return [];
        }
    }

    private void Count(RoomView room, IReadOnlyList<ServerEvent.Message> fresh)
    {
        foreach (var message in fresh)
        {
            room.Spoke(message.User);
            if (room == _current || message.User == User)
                continue;
            room.Unread++;
            room.IsMentioned |= User is { Length: > 0 } user && message.Text.Contains(user, StringComparison.OrdinalIgnoreCase);
        }
    }

    private void Forget(string name)
    {
        if (Find(name) is not { } room)
            return;
        var index = _rooms.IndexOf(room);
        _rooms.Remove(room);
        if (_current != room)
            return;
        _current = null;
        if (_rooms.Count > 0)
            Show(_rooms[Math.Min(index, _rooms.Count - 1)]);
    }
}
