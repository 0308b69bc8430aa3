using Akka.Actor;
using Chat.Actors.Relays;

namespace Chat.Actors.Users;

/// <summary>The sessions of a single gateway, which owns who holds a name, and which rooms each session is in.</summary>
public sealed class UserRegistryActor : SessionsActor
{
    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public UserRegistryActor(ChatOptions options, IActorRef relays)
        : base(options, relays, new SessionBook(options.Limits.Grace, options.ReservedNames))
    {
    }

    /// <summary>Props of the registry.</summary>
    public static Props Props(ChatOptions options, IActorRef relays) => Akka.Actor.Props.Create(() => new UserRegistryActor(options, relays));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case UserCommands.EnterRoom enter:
                // A late join of an older connection: nobody else would ever leave for it.
                if (!Book.EnterRoom(enter.Who, enter.Room))
                    Relays.Tell(new RelayCommands.Drop(enter.Room, enter.Who));
                break;
            case UserCommands.LeaveRoom leave:
                Book.LeaveRoom(leave.Who, leave.Room);
                break;
            case UserCommands.Login login:
                Expire();
                Answer(login, Sender, Book.Login(login.Name, login.Token, login.Connection, login.HasGrace, Now));
                break;
            default:
                base.OnReceive(message);
                break;
        }
    }
}
