using Akka.Actor;
using Chat.Actors.Relays;

namespace Chat.Actors.Users;

/// <summary>
/// A process's sessions: gives a <see cref="SessionBook"/> messages and time, watches the connections, and has the rooms left when a session ends.
/// How a name comes to be a session's is its heirs' affair.
/// </summary>
public abstract class SessionsActor : UntypedActor, IWithTimers
{
    private sealed record ConnectionGone(Speaker Who, long Connection);

    private sealed record GraceOver : INotInfluenceReceiveTimeout;

    private readonly TimeProvider _time;
    private readonly Dictionary<long, IActorRef> _connections = [];
    private readonly long _start;

    private protected SessionsActor(ChatOptions options, IActorRef relays, SessionBook book)
    {
        (_time, Relays, Book) = (options.Time, relays, book);
        _start = _time.GetTimestamp();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private protected SessionBook Book { get; }

    private protected IActorRef Relays { get; }

    private protected TimeSpan Now => _time.GetElapsedTime(_start);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case UserCommands.Logout logout:
                End(Book.Logout(logout.Who));
                break;
            case ConnectionGone gone:
                _connections.Remove(gone.Connection);
                Disconnected(gone.Who);
                break;
            case GraceOver:
                Expire();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private protected IActorRef Connection(long? number) => number is { } known ? _connections.GetValueOrDefault(known, ActorRefs.Nobody) : ActorRefs.Nobody;

    /// <summary>Tells a connection what its login came to.</summary>
    private protected virtual void Answer(UserCommands.Login login, IActorRef connection, LoginOutcome outcome)
    {
        if (outcome is LoginOutcome.Accepted accepted)
        {
            ChatMeter.Sessions(Book.Count);
            _connections[login.Connection] = connection;
            Context.WatchWith(connection, new ConnectionGone(accepted.Who, login.Connection));
            // Before the new connection knows, so that nothing an older one still sends comes behind what it does.
            if (accepted.Resumed)
            {
                foreach (var room in accepted.Rooms)
                    Relays.Tell(new RelayCommands.Resumed(room, accepted.Who, connection));
            }
            Connection(accepted.Replaces).Tell(UserNotices.Replaced.Instance);
        }
        connection.Tell(outcome);
    }

    /// <summary>A session's connection is gone; that of one that goes on with another has no say.</summary>
    private protected virtual void Disconnected(Speaker who)
    {
        End(Book.Disconnect(who, Now));
        WaitForDeadline();
    }

    /// <summary>Ends the sessions whose grace period is over, whether its timer rang yet or not.</summary>
    private protected virtual void Expire()
    {
        foreach (var ended in Book.Expire(Now))
            End(ended);
        WaitForDeadline();
    }

    /// <summary>A session ended; null where none did.</summary>
    private protected virtual void End(EndedSession? ended)
    {
        ChatMeter.Sessions(Book.Count);
        foreach (var room in ended?.Rooms ?? [])
            Relays.Tell(new RelayCommands.Drop(room, ended!.Who));
    }

    // One timer for all.
    private void WaitForDeadline()
    {
        if (Book.NextDeadline is not { } deadline)
            return;
        var wait = deadline - Now;
        Timers.StartSingleTimer(nameof(GraceOver), new GraceOver(), wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}
