using Akka.Actor;
using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>The rooms of a single gateway: makes each on demand, routes to it, and knows how many are in which.</summary>
public sealed class RoomsActor : UntypedActor, IWithTimers
{
    private readonly ChildrenByRoom _rooms;
    private readonly RoomDirectory _directory;
    private readonly RoomsUpkeep _upkeep;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RoomsActor(ChatOptions options, IHistoryStore store, IActorRef sync)
    {
        _directory = new RoomDirectory(options);
        _rooms = new ChildrenByRoom(Context, room => RoomActor.Props(options, store.Log(room), sync, room), Lost);
        _upkeep = new RoomsUpkeep(Context, this, options, store, _directory, Context.GetChildren);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the parent of all rooms, whose logs share syncs by a <see cref="HistorySyncActor"/>.</summary>
    public static Props Props(ChatOptions options, IHistoryStore store, IActorRef sync) =>
        Akka.Actor.Props.Create(() => new RoomsActor(options, store, sync));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void PreStart() => _upkeep.ListRooms();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_upkeep.Takes(message))
            return;
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
            case ChildReports.IOfItself report:
                _rooms.Take(report, Sender);
                break;
            case ChildReports.Stopped stopped:
                _rooms.Stopped(stopped);
                // What waited for its end may make it anew.
                if (!_rooms.Has(stopped.Room))
                    _directory.Stopped(stopped.Room);
                _upkeep.Stopped(stopped);
                break;
            case IWithRoom toRoom:
                Pass(toRoom, toRoom);
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
}
