using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>
/// The rooms that there are: how many are in which, and on which node it is. What <c>rooms</c> tells, and what the limits on new rooms are decided by. In
/// a cluster it is each node's picture of all of them, a moment old.
/// </summary>
internal sealed class RoomDirectory(ChatOptions options)
{
    private readonly record struct Entry(int Online, bool HasLog, Address? Node);

    // One that is on its way into another node's picture, and so into this one, longer than that never was made.
    private static readonly TimeSpan MakingTime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<RoomName, Entry> _rooms = [];
    // Let in as new rooms, and not told of yet.
    private readonly Dictionary<RoomName, long> _making = [];
    // In the order in which they were let in; some are told of.
    private readonly Queue<(RoomName Room, long Since)> _makingInOrder = new();
    private readonly RoomMakers _makers = new(options);
    private (long Taken, IReadOnlyList<string> Names, IReadOnlyDictionary<string, int> Online)? _picture;

    /// <summary>Those with a log are known.</summary>
    public bool IsListed { get; private set; }

    /// <summary>These have a log.</summary>
    public void Listed(IReadOnlyList<RoomName> rooms)
    {
        IsListed = true;
        foreach (var room in rooms)
            _rooms.TryAdd(room, new Entry(0, true, null));
        _picture = null;
        ChatMeter.Rooms(_rooms.Count);
    }

    /// <summary>A room tells, from a node of the cluster.</summary>
    public void Told(ChildReports.Population population, Address? node = null)
    {
        _making.Remove(population.Room);
        if (population.Exists)
            _rooms[population.Room] = new Entry(population.Online, population.HasLog, node);
        else
            _rooms.Remove(population.Room);
        ChatMeter.Rooms(_rooms.Count);
    }

    /// <summary>A room's actor is gone: where it was never written in, so is the room.</summary>
    public void Stopped(RoomName room)
    {
        _making.Remove(room);
        if (!_rooms.ContainsKey(room))
            _makers.Gone(room);
    }

    /// <summary>A room isn't on that node any more; where it is on another, that has told.</summary>
    public void Left(RoomName room, Address node)
    {
        if (!_rooms.TryGetValue(room, out var entry) || entry.Node != node)
            return;
        if (entry.HasLog)
            _rooms[room] = new Entry(0, true, null);
        else
            _rooms.Remove(room);
        Stopped(room);
        ChatMeter.Rooms(_rooms.Count);
    }

    /// <summary>A node is gone, and with it its rooms.</summary>
    public void Left(Address node)
    {
        foreach (var room in _rooms.Where(room => room.Value.Node == node).Select(room => room.Key).ToArray())
            Left(room, node);
    }

    /// <summary>The rooms of each node, and how many are in them; by nobody's address those that are on none.</summary>
    public ILookup<Address?, (RoomName Room, int Online)> ByNode() => _rooms.ToLookup(room => room.Value.Node, room => (room.Key, room.Value.Online));

    /// <summary>Never made, as far as is known: it has neither a log nor members. It may have an actor where somebody follows it.</summary>
    public bool IsUnknown(RoomName room) => IsListed && !_rooms.ContainsKey(room) && !IsMaking(room);

    /// <summary>Whether a command may go to its room: null, or why not. It makes the room where that isn't there.</summary>
    public ServerEvent.Error? Admit(IWithRoom command) => command switch
    {
        RoomCommands.Enter enter when IsUnknown(enter.Room) => Make(enter.Room, enter.Who, enter.From),
        RoomCommands.Post { IsGuest: true } post when IsUnknown(post.Room) => Make(post.Room, post.Who, post.From),
        _ => null,
    };

    /// <summary>What a question comes to about a room that never was; null where it has to be asked.</summary>
    public object? AnswerUnknown(IWithRoom query) => query switch
    {
        RoomQueries.Who who when IsUnknown(who.Room) => new RoomReplies.WhoIs(who.Room, who.Ticket, who.RequestId, [], 0),
        RoomQueries.History { Waits: false } history when IsUnknown(history.Room) => new RoomReplies.HistoryRead(
            history.Room, history.Ticket, history.RequestId, new ServerEvent.History(history.Room.Value, "", [], 0, false, false, false, [], 0), []),
        _ => null,
    };

    /// <summary>The most populated rooms first; a picture that isn't too old.</summary>
    public RoomReplies.RoomsListed Picture(RoomQueries.List list)
    {
        if (_picture is not { } picture || options.Time.GetElapsedTime(picture.Taken) > options.RoomsPictureAge)
        {
            var top = _rooms.OrderByDescending(room => room.Value.Online).ThenBy(room => room.Key).Take(Limits.RoomNames).ToArray();
            _picture = picture = (
                options.Time.GetTimestamp(),
                [.. top.Select(room => room.Key.Value)],
                top.ToDictionary(room => room.Key.Value, room => room.Value.Online));
        }
        return new RoomReplies.RoomsListed(list.RequestId, list.IsRequest, picture.Names, picture.Online);
    }

    private bool IsMaking(RoomName room) => _making.TryGetValue(room, out var since) && options.Time.GetElapsedTime(since) <= MakingTime;

    private ServerEvent.Error? Make(RoomName room, Speaker who, string? from)
    {
        while (_makingInOrder.TryPeek(out var oldest) && (!_making.ContainsKey(oldest.Room) || options.Time.GetElapsedTime(oldest.Since) > MakingTime))
        {
            _makingInOrder.Dequeue();
            if (_making.TryGetValue(oldest.Room, out var since) && since == oldest.Since)
                Stopped(oldest.Room);
        }
        var error = options.MaxRooms > 0 && _rooms.Count + _making.Count >= options.MaxRooms
            ? new ServerEvent.Error(
                ErrorCodes.TooManyRooms, $"The server has as many rooms as it may ({options.MaxRooms}). Join one of them.", room.Value)
            : _makers.TryMake(who.User, from, room);
        if (error is null)
        {
            _making[room] = options.Time.GetTimestamp();
            _makingInOrder.Enqueue((room, _making[room]));
        }
        return error;
    }
}
