using Akka.Actor;
using Akka.Event;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>
/// Has every log trimmed, at the start and now and then: those in memory by their rooms, whose writers own them, the others by
/// itself, one after the other, on the threads that are kept for what blocks.
/// </summary>
public sealed class RetentionActor : UntypedActor, IWithTimers
{
    private sealed record Sweep;

    private sealed record Next;

    private readonly IHistoryStore _store;
    private readonly IActorRef _rooms;
    private readonly TimeSpan _every;
    private readonly Queue<RoomName> _left = new();
    private readonly ILoggingAdapter _logger = Context.GetLogger();

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RetentionActor(IHistoryStore store, IActorRef rooms, TimeSpan every) => (_store, _rooms, _every) = (store, rooms, every);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props for a store's logs.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="rooms">The parent of the rooms in memory.</param>
    /// <param name="every">The time from the end of a sweep to the next.</param>
    public static Props Props(IHistoryStore store, IActorRef rooms, TimeSpan every) =>
        Akka.Actor.Props.Create(() => new RetentionActor(store, rooms, every)).WithDispatcher(HistoryWriterActor.Dispatcher);

    /// <inheritdoc/>
    protected override void PreStart() => Self.Tell(new Sweep());

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Sweep:
                _rooms.Tell(ChildReports.Trim.Instance);
                ListRooms();
                Self.Tell(new Next());
                break;
            case Next when _left.TryDequeue(out var room):
                Trim(room);
                Self.Tell(new Next());
                break;
            case Next:
                Timers.StartSingleTimer(nameof(Sweep), new Sweep(), _every);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void ListRooms()
    {
        try
        {
            foreach (var room in _store.Rooms())
                _left.Enqueue(room);
        }
        catch (StorageException cause)
        {
            _logger.Error(cause, "The rooms can't be listed; what retention has come to is deleted when they can");
        }
    }

    private void Trim(RoomName room)
    {
        try
        {
            _store.Trim(room);
        }
        catch (StorageException cause)
        {
            _logger.Error(cause, "What retention has come to in the log of the room {Room} can't be deleted; it is tried again later", room);
        }
    }
}
