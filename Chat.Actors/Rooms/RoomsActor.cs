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
    private readonly RoomDirectory _directory;
    private readonly HashSet<RoomName> _failing = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private (IActorRef Asker, HashSet<IActorRef> Rooms)? _flush;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RoomsActor(ChatOptions options, IHistoryStore store, IActorRef sync)
    {
        (_options, _store, _directory) = (options, store, new RoomDirectory(options));
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
                Pass(addressed.Command, addressed);
                break;
            case ChildReports.Population population:
                _directory.Told(population);
                break;
            case ChildReports.Storage { IsFailing: true } storage:
                _failing.Add(storage.Room);
                break;
            case ChildReports.Storage storage:
                _failing.Remove(storage.Room);
                break;
            case RoomQueries.Storage:
                Sender.Tell(new RoomReplies.StorageIs(_failing.Count, _directory.IsListed));
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
                    _directory.Stopped(stopped.Room);
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
                Sender.Tell(_directory.Picture(list));
                break;
            case IWithRoom toRoom:
                Pass(toRoom, toRoom);
                break;
            case Listed listed:
                _directory.Listed(listed.Rooms);
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

    // A first join may make the room, where that is within the limits.
    private void Pass(IWithRoom command, IWithRoom message)
    {
        if (_directory.Admit(command) is { } error)
            Sender.Tell(RoomReplies.Refused.To(command, error));
        else if (_directory.AnswerUnknown(command) is { } answer)
            Sender.Tell(answer);
        else
            _rooms.Forward(command.Room, message, Sender);
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
}
