using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>
/// What whoever speaks for a process's rooms does for all of them: has those that have a log listed, knows which can't be stored, and passes on what
/// is asked of each.
/// </summary>
/// <param name="context">Of the actor that has it, and gives it what it is told.</param>
/// <param name="timed">The same actor.</param>
/// <param name="options">The server's options.</param>
/// <param name="store">Where the logs are.</param>
/// <param name="directory">Is told which there are.</param>
/// <param name="here">The rooms of this process.</param>
internal sealed class RoomsUpkeep(
    IActorContext context, IWithTimers timed, ChatOptions options, IHistoryStore store, RoomDirectory directory, Func<IEnumerable<IActorRef>> here)
{
    private sealed record Listed(IReadOnlyList<RoomName> Rooms);

    private sealed record ListFailed(Exception Cause);

    private sealed record ListAgain : INotInfluenceReceiveTimeout;

    private readonly HashSet<RoomName> _failing = [];
    private readonly ILoggingAdapter _log = context.GetLogger();
    private (IActorRef Asker, HashSet<IActorRef> Rooms)? _flush;

    /// <summary>Has the rooms listed that have a log, again and again until they are.</summary>
    public void ListRooms() =>
        DiskReads.Start(context.System, store.Rooms, context.Self, rooms => new Listed(rooms), cause => new ListFailed(cause));

    /// <summary>Takes what is its affair; gives whether it was.</summary>
    public bool Takes(object message)
    {
        switch (message)
        {
            case ChildReports.Storage { IsFailing: true } storage:
                _failing.Add(storage.Room);
                break;
            case ChildReports.Storage storage:
                _failing.Remove(storage.Room);
                break;
            case RoomQueries.Storage:
                context.Sender.Tell(new RoomReplies.StorageIs(_failing.Count, directory.IsListed));
                break;
            case RoomQueries.List list:
                context.Sender.Tell(directory.Picture(list));
                break;
            case ChildReports.Flush:
                _flush = (context.Sender, [.. here()]);
                foreach (var room in _flush.Value.Rooms)
                    room.Tell(message);
                Flushed(ActorRefs.Nobody);
                break;
            case ChildReports.Flushed:
                Flushed(context.Sender);
                break;
            case ChildReports.Trim:
                foreach (var room in here())
                    room.Tell(message);
                break;
            case Listed listed:
                directory.Listed(listed.Rooms);
                break;
            case ListFailed failed:
                _log.Error(failed.Cause, "The rooms that have a log can't be listed; until they can, those not joined since the start are missing in `rooms`, and the limits on new rooms don't hold.");
                timed.Timers.StartSingleTimer(nameof(ListAgain), new ListAgain(), options.StorageRetry);
                break;
            case ListAgain:
                ListRooms();
                break;
            default:
                return false;
        }
        return true;
    }

    /// <summary>A room of this process is gone.</summary>
    public void Stopped(ChildReports.Stopped stopped)
    {
        _failing.Remove(stopped.Room);
        Flushed(stopped.Child);
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
