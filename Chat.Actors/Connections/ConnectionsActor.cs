using Akka.Actor;

namespace Chat.Actors.Connections;

/// <summary>The actors that the connections of this node talk to.</summary>
public sealed record ChatActorRefs(IActorRef Users, IActorRef Relays, IActorRef Rooms);

/// <summary>The parent of all connections.</summary>
public sealed class ConnectionsActor : UntypedActor, IWithTimers
{
    private sealed record Ended;

    private sealed record TellMore;

    // Where clients are told over a time, so often some of them are.
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(250);

    // Clients of a server that goes away come back over this time at least, and longer the more they are.
    private static readonly TimeSpan LeastSpread = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SpreadEach = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan SoonestReturn = TimeSpan.FromMilliseconds(500);

    private readonly ChatOptions _options;
    private readonly ChatActorRefs _actors;
    private long _last;
    private int _open;
    private IActorRef? _stopping;
    private bool _isDraining;
    private readonly Queue<IActorRef> _untold = new();
    private (TimeSpan Over, long Since, int Count) _telling;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public ConnectionsActor(ChatOptions options, ChatActorRefs actors) => (_options, _actors) = (options, actors);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

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
                if (_isDraining)
                    connection.Tell(ConnectionInputs.Draining.Instance);
                if (_stopping is not null)
                    connection.Tell(new ConnectionInputs.ServerStopping(SoonestReturn));
                break;
            case Ended:
                _open--;
                TellIfStopped();
                break;
            case ConnectionsCommands.Drain:
                _isDraining = true;
                foreach (var child in Context.GetChildren())
                    child.Tell(ConnectionInputs.Draining.Instance);
                break;
            case ConnectionsCommands.Stop stop:
                _stopping = Sender;
                foreach (var child in Context.GetChildren())
                    _untold.Enqueue(child);
                _telling = (stop.Over, _options.Time.GetTimestamp(), _untold.Count);
                Tell();
                TellIfStopped();
                break;
            case TellMore:
                Tell();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // As many as are due by now: the scheduler's ticks are no clock. They come back when all are told, over a time that is longer the more
    // there are at once.
    private void Tell()
    {
        var (over, since, count) = _telling;
        var elapsed = _options.Time.GetElapsedTime(since) + TellEvery;
        var due = elapsed >= over ? count : (int)Math.Ceiling(count * (elapsed / over));
        var atOnce = due - (count - _untold.Count);
        var (rest, spread) = (over > elapsed ? over - elapsed : TimeSpan.Zero, LeastSpread + atOnce * SpreadEach);
        for (var i = 0; i < atOnce && _untold.TryDequeue(out var connection); i++)
            connection.Tell(new ConnectionInputs.ServerStopping(rest + SoonestReturn + _options.Jitter() * spread));
        if (_untold.Count > 0)
            Timers.StartSingleTimer(nameof(TellMore), new TellMore(), TellEvery);
    }

    private void TellIfStopped()
    {
        if (_open == 0)
            _stopping?.Tell(new ConnectionsCommands.Stopped());
    }
}
