using Chat.Protocol;
using Chat.Tests.Fakes;

namespace Chat.Tests.Simulation;

/// <summary>
/// What a server was asked over one connection, and what it said: each request is answered once and by what answers it, nothing comes
/// out of turn, and each room's messages come in order (<see cref="WireRoom"/>).
/// </summary>
internal sealed class Wire(World world, string name, string user, bool isOriginal)
{
    private readonly List<Request> _typings = [];
    private readonly List<Request> _unanswered = [];
    // Without an id: one of a room's was refused, which isn't told, and the first that waited was taken for it.
    private readonly List<Request.Publish> _refused = [];
    private readonly Dictionary<string, WireRoom> _rooms = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <summary>When it was opened, by a count of all.</summary>
    public int Opened { get; } = world.Names.Open();

    /// <summary>The login that was accepted.</summary>
    public ServerEvent.Welcome? Welcome { get; private set; }

    /// <summary>The rooms that it asked for.</summary>
    public IEnumerable<string> Rooms => _rooms.Keys;

    /// <summary>What is still to be answered.</summary>
    public IReadOnlyList<Request> Unanswered => _unanswered;

    /// <summary>The client logged out, or closed normally, which is the same.</summary>
    public bool IsToEnd { get; private set; }

    /// <summary>The name that is claimed, folded.</summary>
    public string User => Welcome?.User.ToLowerInvariant() ?? user;

    /// <summary>A request reaches the server.</summary>
    public void Asks(Request request)
    {
        // A typing is answered only where it is refused.
        (request is Request.Typing ? _typings : _unanswered).Add(request);
        switch (request)
        {
            case Request.Login login:
                world.Names.LoginAsked(this, login);
                break;
            case Request.Join join:
                Room(join.Room).Asks(join);
                world.Names.JoinAsked(this, join.Room);
                break;
            case Request.Leave leave:
                world.Names.LeaveAsked(User, leave.Room);
                break;
            case Request.Publish publish:
                Room(publish.Room).Asks(publish);
                break;
            case Request.Logout:
                IsToEnd = true;
                break;
        }
    }

    /// <summary>The server's read loop ends.</summary>
    public void Ends(int? code)
    {
        IsToEnd |= code is 0 or CloseCodes.Normal;
        world.Names.ConnectionEnded(this);
    }

    /// <summary>A frame goes out.</summary>
    public void Says(object frame)
    {
        world.Trace.Add($"{name} is told {Texts.Of(frame)}");
        if (_isClosed)
            Fail("something follows the close frame");
        switch (frame)
        {
            case OtherFrame.Closed closed:
                _isClosed = true;
                if (closed.Code == CloseCodes.Replaced)
                    world.Names.Replaced(this);
                break;
            case ServerEvent.Welcome welcome:
                var login = Answers<Request.Login>(welcome.Id);
                if (Welcome is not null)
                    Fail("a second welcome");
                Welcome = welcome;
                world.Names.Welcomed(this, login, welcome, isOriginal);
                break;
            case ServerEvent.Rooms { Id: not null } rooms:
                Answers<Request.Rooms>(rooms.Id);
                break;
            case ServerEvent.Who who:
                Answers<Request.Who>(who.Id);
                break;
            case ServerEvent.Pong pong:
                Answers<Request.Ping>(pong.Id);
                break;
            case ServerEvent.Ack ack:
                Acks(ack);
                break;
            case ServerEvent.Error error:
                Refuses(error);
                break;
            case ServerEvent.Left { Id: not null } left:
                Answers<Request.Leave>(left.Id);
                Room(left.Room).Left();
                break;
            case ServerEvent.History page:
                Pages(page);
                break;
            case ServerEvent.Message message:
                Room(message.Room).Says(message);
                break;
            case ServerEvent.Joined joined:
                Room(joined.Room).Notices(joined);
                break;
            case ServerEvent.Left left:
                Room(left.Room).Notices(left);
                world.Names.LeftSeen(left);
                break;
            case ServerEvent.Presence presence:
                Room(presence.Room).Notices(presence);
                break;
            case ServerEvent.Typing typing:
                Room(typing.Room).Notices(typing);
                break;
        }
    }

    private void Acks(ServerEvent.Ack ack)
    {
        var stored = world.Truth.Acks(User, ack.Id!, ack);
        var waiting = _unanswered.OfType<Request.Publish>().Where(publish => publish.Room == ack.Room).ToArray();
        var publish = Array.Find(waiting, publish => publish.Id == ack.Id && (stored is null || publish.Text == stored.Text))
            ?? Array.Find(waiting, publish => publish.Id is null && publish.Text == stored?.Text)
            ?? NotRefused(ack.Room, stored?.Text, Array.Find(waiting, publish => publish.Id is null));
        if (publish is null)
        {
            Fail($"an ack that nobody waits for: {ack}");
            return;
        }
        _unanswered.Remove(publish);
        Room(ack.Room).Acks(publish, ack);
    }

    // One that was taken for refused is acked: another one that waits was.
    private Request.Publish? NotRefused(string room, string? text, Request.Publish? other)
    {
        var publish = _refused.Find(publish => publish.Room == room && publish.Text == text);
        if (publish is null || other is null)
            return null;
        _refused[_refused.IndexOf(publish)] = other;
        _unanswered[_unanswered.IndexOf(other)] = publish;
        return publish;
    }

    private void Refuses(ServerEvent.Error error)
    {
        var request = _unanswered.Find(request =>
            request.Id == error.Id && (request is not Request.Publish { Id: null } publish || error.Room is null || publish.Room == error.Room));
        if (error.Code == ErrorCodes.IdConflict)
        {
            var first = world.Truth.TextOf(User, error.Id);
            request = _unanswered.FindLast(request => request.Id == error.Id && (request as Request.Publish)?.Text != first);
            // The relay's own refusal of a later one, with the text of the first, may come before the room's: that was taken for this one's.
            if (request is null && _refused.Exists(publish => publish.Id == error.Id && publish.Text != first))
                request = _unanswered.Find(request => request.Id == error.Id);
            if (!world.Truth.IsSaidTwice(User, error.Id))
                Fail($"a conflict of ids, where the text is the same: {error.Id}");
        }
        if (request is null)
        {
            if (_typings.RemoveAll(typing => typing.Id == error.Id) != 1)
                Fail($"a refusal of nothing: {error}");
            return;
        }
        _unanswered.Remove(request);
        switch (request)
        {
            case Request.Join join:
                Room(join.Room).Refuses(join);
                world.Names.LeaveAsked(User, join.Room);
                break;
            case Request.Login login:
                world.Names.LoginRefused(this, login, error);
                break;
            case Request.Publish publish:
                _refused.Add(publish);
                break;
        }
        if (error.Code == ErrorCodes.Internal && !world.HasFailures)
            Fail($"an error inside, though nothing failed: {error}");
    }

    private void Pages(ServerEvent.History page)
    {
        if (page.Id is not null && _unanswered.OfType<Request.History>().FirstOrDefault(history => history.Id == page.Id) is { } history)
        {
            _unanswered.Remove(history);
            Room(page.Room).Answers(history, page);
            return;
        }
        var join = _unanswered.OfType<Request.Join>().FirstOrDefault(join => join.Id == page.Id);
        if (join is null && page.Id is not null)
        {
            Fail($"a page that nobody waits for: {Texts.Of(page)}");
            return;
        }
        if (join is not null && page.Live)
            _unanswered.Remove(join);
        Room(page.Room).Pages(join, page);
    }

    private T? Answers<T>(string? id) where T : Request
    {
        var request = _unanswered.OfType<T>().FirstOrDefault(request => request.Id == id);
        if (request is null)
            Fail($"an answer to no {typeof(T).Name} ({id})");
        else
            _unanswered.Remove(request);
        return request;
    }

    private WireRoom Room(string room)
    {
        if (!_rooms.TryGetValue(room, out var found))
            _rooms[room] = found = new WireRoom(world, room, Fail);
        return found;
    }

    private void Fail(string what) => world.Fail($"To {name}: {what}");
}
