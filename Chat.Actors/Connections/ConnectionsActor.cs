using Akka.Actor;

namespace Chat.Actors.Connections;

/// <summary>The actors that the connections of this node talk to.</summary>
public sealed record ChatActorRefs(IActorRef Users, IActorRef Relays, IActorRef Rooms);

/// <summary>The parent of all connections.</summary>
public sealed class ConnectionsActor : UntypedActor
{
    private sealed record Ended;

    // Clients of a server that goes away come back over this time at least, and longer the more they are.
    private static readonly TimeSpan LeastSpread = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SpreadEach = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan SoonestReturn = TimeSpan.FromMilliseconds(500);

    private readonly ChatOptions _options;
    private readonly ChatActorRefs _actors;
    private long _last;
    private int _open;
    private IActorRef? _stopping;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public ConnectionsActor(ChatOptions options, ChatActorRefs actors) => (_options, _actors) = (options, actors);

    /// <summary>Props of the parent of all connections.</summary>
    public static Props Props(ChatOptions options, ChatActorRefs actors) =>
        Akka.Actor.Props.Create(() => new ConnectionsActor(options, actors));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => StopOnFailure.Strategy;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ConnectionsCommands.Open open:
                var number = ++_last;
                var connection = Context.ActorOf(ConnectionActor.Props(_options, _actors, open, number), $"c-{number}");
                Context.WatchWith(connection, new Ended());
                _open++;
                Sender.Tell(connection);
                if (_stopping is not null)
                    connection.Tell(new ConnectionInputs.ServerStopping(SoonestReturn));
                break;
            case Ended:
                _open--;
                TellIfStopped();
                break;
            case ConnectionsCommands.Stop:
                _stopping = Sender;
                var spread = LeastSpread + _open * SpreadEach;
                foreach (var child in Context.GetChildren())
                    child.Tell(new ConnectionInputs.ServerStopping(SoonestReturn + _options.Jitter() * spread));
                TellIfStopped();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void TellIfStopped()
    {
        if (_open == 0)
            _stopping?.Tell(new ConnectionsCommands.Stopped());
    }
}
