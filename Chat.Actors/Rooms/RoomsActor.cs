using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>The rooms of a single gateway: makes each on demand, routes to it, and knows how many are in which.</summary>
public sealed class RoomsActor : UntypedActor, IWithTimers
{
    private sealed record Listed(IReadOnlyList<RoomName> Rooms);

    private sealed record ListFailed(Exception Cause);

    private sealed record ListAgain;

    private readonly ChatOptions _options;
    private readonly IHistoryStore _store;
    private readonly ChildrenByRoom _rooms;
    private readonly Dictionary<RoomName, int> _online = [];
    // Let in as new rooms, and not told of yet.
    private readonly HashSet<RoomName> _making = [];
    private readonly RoomMakers _makers;
    private readonly HashSet<RoomName> _failing = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private (IActorRef Asker, HashSet<IActorRef> Rooms)? _flush;
    private bool _isListed;
    private (long Taken, IReadOnlyList<string> Names, IReadOnlyDictionary<string, int> Online)? _picture;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RoomsActor(ChatOptions options, IHistoryStore store, IActorRef sync)
    {
        (_options, _store, _makers) = (options, store, new RoomMakers(options));
        _rooms = new ChildrenByRoom(Context, room => RoomActor.Props(options, store.Log(room), sync, room), Lost);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the parent of all rooms, whose logs share syncs by a <see cref="HistorySyncActor"/>.</summary>
    public static Props Props(ChatOptions options, IHistoryStore store, IActorRef sync) =>
        Akka.Actor.Props.Create(() => new RoomsActor(options, store, sync));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        ListRooms();
    }

    private void ListRooms()
    {
        DiskReads.Start(Context.System, _store.Rooms, Self, rooms => new Listed(rooms), cause => new ListFailed(cause));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Addressed addressed when !_rooms.IsCurrent(addressed.Room, addressed.To):
                break;
            case Addressed addressed:
                _rooms.Forward(addressed.Room, addressed, Sender);
                break;
            case ChildReports.Population { Exists: true } population:
                _making.Remove(population.Room);
                _online[population.Room] = population.Online;
                ChatMeter.Rooms(_online.Count);
                break;
            case ChildReports.Population population:
                _online.Remove(population.Room);
                ChatMeter.Rooms(_online.Count);
                break;
            case ChildReports.Storage { IsFailing: true } storage:
                _failing.Add(storage.Room);
                break;
            case ChildReports.Storage storage:
                _failing.Remove(storage.Room);
                break;
            case RoomQueries.Storage:
                Sender.Tell(new RoomReplies.StorageIs(_failing.Count, _isListed));
                break;
            case ChildReports.Idle idle:
                _rooms.LetStop(idle.Room, Sender);
                break;
            case ChildReports.Failed failed:
                _rooms.Failed(failed.Room, Sender);
                break;
            case ChildReports.Busy busy:
                _rooms.Keep(busy.Room, Sender);
                break;
            case ChildReports.Stopped stopped:
                _failing.Remove(stopped.Room);
                _rooms.Stopped(stopped);
                // What waited for its end may make it anew.
                if (!_rooms.Has(stopped.Room))
                {
                    _making.Remove(stopped.Room);
                    if (!_online.ContainsKey(stopped.Room))
                        _makers.Gone(stopped.Room);
                }
                Flushed(stopped.Child);
                break;
            case ChildReports.Flush:
                _flush = (Sender, [.. Context.GetChildren()]);
                foreach (var room in _flush.Value.Rooms)
                    room.Tell(message);
                Flushed(ActorRefs.Nobody);
                break;
            case ChildReports.Flushed:
                Flushed(Sender);
                break;
            case ChildReports.Trim:
                foreach (var room in Context.GetChildren())
                    room.Tell(message);
                break;
            case RoomQueries.List list:
                Sender.Tell(Picture(list));
                break;
            case RoomCommands.Enter enter when IsUnknown(enter.Room):
                Make(enter, enter.Who, enter.From, enter.Ticket);
                break;
            case RoomCommands.Post { IsGuest: true } post when IsUnknown(post.Room):
                Make(post, post.Who, post.From, post.Ticket);
                break;
            case RoomQueries.Who who when IsUnknown(who.Room):
                Sender.Tell(new RoomReplies.WhoIs(who.Room, who.Ticket, who.RequestId, [], 0));
                break;
            case RoomQueries.History { Waits: false } history when IsUnknown(history.Room):
                Sender.Tell(new RoomReplies.HistoryRead(
                    history.Room, history.Ticket, history.RequestId, new ServerEvent.History(history.Room.Value, "", [], 0, false, false, false, [], 0), []));
                break;
            case IWithRoom toRoom:
                _rooms.Forward(toRoom.Room, toRoom, Sender);
                break;
            case Listed listed:
                _isListed = true;
                foreach (var room in listed.Rooms)
                    _online.TryAdd(room, 0);
                ChatMeter.Rooms(_online.Count);
                _picture = null;
                break;
            case ListFailed failed:
                _log.Error(failed.Cause, "The rooms can't be listed; until they can, those not joined since the start are missing in `rooms`, and the limits on new rooms don't hold.");
                Timers.StartSingleTimer(nameof(ListAgain), new ListAgain(), _options.StorageRetry);
                break;
            case ListAgain:
                ListRooms();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Make(IWithRoom command, Speaker who, string? from, long ticket)
    {
        var room = command.Room;
        var error = _options.MaxRooms > 0 && _online.Count + _making.Count >= _options.MaxRooms
            ? new ServerEvent.Error(
                ErrorCodes.TooManyRooms, $"The server has as many rooms as it may ({_options.MaxRooms}). Join one of them.", room.Value)
            : _makers.TryMake(who.User, from, room);
        if (error is not null)
        {
            Sender.Tell(new RoomReplies.Refused(room, ticket, error));
            return;
        }
        _making.Add(room);
        _rooms.Forward(room, command, Sender);
    }

    // Whoever addressed the room that failed follows it, learns of its end, and asks its successor for all in order. Nobody else does.
    private void Lost(object message, IActorRef sender, IActorRef room)
    {
        if (message is not Addressed)
            _rooms.Forward(((IWithRoom)message).Room, message, sender);
    }

    private void Flushed(IActorRef room)
    {
        if (_flush is not { } flush)
            return;
        flush.Rooms.Remove(room);
        if (flush.Rooms.Count > 0)
            return;
        _flush = null;
        flush.Asker.Tell(ChildReports.Flushed.Instance);
    }

    // Never made, as far as is known: it has neither a log nor members. It may have an actor where somebody follows it.
    private bool IsUnknown(RoomName room) => _isListed && !_online.ContainsKey(room) && !_making.Contains(room);

    private RoomReplies.RoomsListed Picture(RoomQueries.List list)
    {
        if (_picture is not { } picture || _options.Time.GetElapsedTime(picture.Taken) > _options.RoomsPictureAge)
        {
            var top = _online.OrderByDescending(room => room.Value).ThenBy(room => room.Key).Take(Limits.RoomNames).ToArray();
            _picture = picture = (
                _options.Time.GetTimestamp(),
                [.. top.Select(room => room.Key.Value)],
                top.ToDictionary(room => room.Key.Value, room => room.Value));
        }
        return new RoomReplies.RoomsListed(list.RequestId, list.IsRequest, picture.Names, picture.Online);
    }
}
