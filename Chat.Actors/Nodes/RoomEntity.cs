using Akka.Actor;
using Akka.Cluster.Sharding;
using Chat.Actors.History;
using Chat.Actors.Rooms;

namespace Chat.Actors.Nodes;

/// <summary>
/// A room's place in the cluster: on one node at a time. The room is its child; whoever looks for it finds it here, and speaks to it directly from
/// then on. Ends when the room rests, and when its shard is handed over to another node.
/// </summary>
public sealed class RoomEntity : UntypedActor
{
    private readonly IActorRef _house;
    private readonly ChildrenByRoom _rooms;
    private bool _isMovingOn;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RoomEntity(ChatOptions options, IHistoryStore store, IActorRef sync, NodeLinks links, IActorRef house)
    {
        _house = house;
        _rooms = new ChildrenByRoom(
            Context, room => RoomActor.Props(options, store.Log(room), sync, room, links), (message, sender, _) => Forward((IWithRoom)message, sender));
    }

    /// <summary>Props of any room; the node's <see cref="ShardedRoomsActor"/> is told what it reports.</summary>
    public static Props Props(ChatOptions options, IHistoryStore store, IActorRef sync, NodeLinks links, IActorRef house) =>
        Akka.Actor.Props.Create(() => new RoomEntity(options, store, sync, links, house));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ChildReports.Population or ChildReports.Storage:
                _house.Forward(message);
                break;
            case ChildReports.IOfItself report:
                _rooms.Take(report, Sender);
                break;
            case ChildReports.Stopped stopped:
                _rooms.Stopped(stopped);
                Stopped(stopped);
                break;
            case ChildReports.MoveOn:
                MoveOn();
                break;
            case RoomQueries.Where where:
                Forward(where, Sender);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // What comes while it goes is asked again, of its successor.
    private void Forward(IWithRoom message, IActorRef sender)
    {
        if (!_isMovingOn)
            _rooms.Forward(message.Room, message, sender);
    }

    private void Stopped(ChildReports.Stopped stopped)
    {
        if (_rooms.Has(stopped.Room))
        {
            // Made anew by what waited for the end.
            if (_isMovingOn)
                MoveOn();
            return;
        }
        _house.Tell(stopped);
        if (_isMovingOn)
            Context.Stop(Self);
        else
            Context.Parent.Tell(new Passivate(ChildReports.MoveOn.Instance));
    }

    private void MoveOn()
    {
        _isMovingOn = true;
        var rooms = Context.GetChildren().ToArray();
        foreach (var room in rooms)
            room.Tell(ChildReports.MoveOn.Instance);
        if (rooms.Length == 0)
            Context.Stop(Self);
    }
}
