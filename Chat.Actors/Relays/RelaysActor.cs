using Akka.Actor;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;

namespace Chat.Actors.Relays;

/// <summary>The node's relays, one for each room that its users are in or ask about. All that a connection asks of a room comes this way, in order.</summary>
public sealed class RelaysActor : UntypedActor
{
    private readonly ChildrenByRoom _relays;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public RelaysActor(ChatOptions options, IActorRef rooms) =>
        _relays = new ChildrenByRoom(Context, room => RelayActor.Props(options, room, rooms), (message, sender, _) => RelayActor.TellLost(message, sender));

    /// <summary>Props of the parent of all relays.</summary>
    public static Props Props(ChatOptions options, IActorRef rooms) => Akka.Actor.Props.Create(() => new RelaysActor(options, rooms));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ChildReports.IOfItself report:
                _relays.Take(report, Sender);
                break;
            case ChildReports.Stopped stopped:
                _relays.Stopped(stopped);
                break;
            case LinkBroken:
                foreach (var relay in Context.GetChildren())
                    relay.Tell(message);
                break;
            case RelayCommands.Detach or RelayCommands.Drop or RelayCommands.Release when !_relays.Has(((IWithRoom)message).Room):
                break;
            case IWithRoom toRoom:
                _relays.Forward(toRoom.Room, toRoom, Sender);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
