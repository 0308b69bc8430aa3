using Akka.Actor;
using Chat.Actors.Relays;

namespace Chat.Actors.Users;

/// <summary>
/// Owns who holds a name, and which rooms each session is in. The rules are <see cref="SessionBook"/>'s; this gives them messages
/// and time, watches the connections, and has the rooms left when a session ends.
/// </summary>
public sealed class UserRegistryActor : UntypedActor, IWithTimers
{
    private sealed record ConnectionGone(Speaker Who, long Connection);

    private sealed record GraceOver : INotInfluenceReceiveTimeout;

    private readonly TimeProvider _time;
    private readonly IActorRef _relays;
    private readonly SessionBook _book;
    private readonly Dictionary<long, IActorRef> _connections = [];
    private readonly long _start;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public UserRegistryActor(ChatOptions options, IActorRef relays)
    {
        (_time, _relays) = (options.Time, relays);
        _book = new SessionBook(options.Limits.Grace, options.ReservedNames);
        _start = _time.GetTimestamp();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the registry.</summary>
    public static Props Props(ChatOptions options, IActorRef relays) => Akka.Actor.Props.Create(() => new UserRegistryActor(options, relays));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case UserCommands.EnterRoom enter:
                // A late join of an older connection: nobody else would ever leave for it.
                if (!_book.EnterRoom(enter.Who, enter.Room))
                    _relays.Tell(new RelayCommands.Drop(enter.Room, enter.Who));
                break;
            case UserCommands.LeaveRoom leave:
                _book.LeaveRoom(leave.Who, leave.Room);
                break;
            case UserCommands.Login login:
                Login(login);
                break;
            case UserCommands.Logout logout:
                End(_book.Logout(logout.Who));
                break;
            case ConnectionGone gone:
                _connections.Remove(gone.Connection);
                End(_book.Disconnect(gone.Who, Now()));
                WaitForDeadline();
                break;
            case GraceOver:
                foreach (var ended in _book.Expire(Now()))
                    End(ended);
                WaitForDeadline();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Login(UserCommands.Login login)
    {
        // A grace period that is over counts as over, whether its timer rang yet or not.
        foreach (var ended in _book.Expire(Now()))
            End(ended);
        var outcome = _book.Login(login.Name, login.Token, login.Connection, login.HasGrace, Now());
        if (outcome is LoginOutcome.Accepted accepted)
        {
            ChatMeter.Sessions(_book.Count);
            _connections[login.Connection] = Sender;
            Context.WatchWith(Sender, new ConnectionGone(accepted.Who, login.Connection));
            // Before the new connection knows, so that nothing an older one still sends comes behind what it does.
            if (accepted.Resumed)
            {
                foreach (var room in accepted.Rooms)
                    _relays.Tell(new RelayCommands.Resumed(room, accepted.Who, Sender));
            }
            if (accepted.Replaces is { } replaced && _connections.TryGetValue(replaced, out var old))
                old.Tell(UserNotices.Replaced.Instance);
        }
        Sender.Tell(outcome);
    }

    private void End(EndedSession? ended)
    {
        ChatMeter.Sessions(_book.Count);
        foreach (var room in ended?.Rooms ?? [])
            _relays.Tell(new RelayCommands.Drop(room, ended!.Who));
    }

    // One timer for all.
    private void WaitForDeadline()
    {
        if (_book.NextDeadline is not { } deadline)
            return;
        var wait = deadline - Now();
        Timers.StartSingleTimer(nameof(GraceOver), new GraceOver(), wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private TimeSpan Now() => _time.GetElapsedTime(_start);
}
