using Akka.Actor;
using Akka.Event;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>
/// A child of a <see cref="ChildrenByRoom"/>. A mailbox goes with its actor, and whoever has something in it would wait for ever. So one that
/// fails first says so to all of them, until its parent lets it stop, and tells those who come behind that.
/// </summary>
public abstract class PerRoomActor(RoomName room) : UntypedActor
{
    private protected RoomName Room => room;

    private protected ILoggingAdapter Log { get; } = Context.GetLogger();

    /// <inheritdoc/>
    protected sealed override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message is Addressed addressed ? addressed.Command : message);
        }
        catch (Exception cause)
        {
            Log.Error(cause, "{Actor} failed over {Message}; its successor goes on", Self.Path.ToStringWithoutAddress(), message.GetType().Name);
            EndAsFailed(message is Addressed { Command: var command } ? command : message);
            return true;
        }
    }

    /// <summary>It can't go on: tells all who have something in it, and stops when its parent lets it.</summary>
    private protected void EndAsFailed(object message)
    {
        Become(Ending);
        Fail();
        Ending(message);
        Context.Parent.Tell(new ChildReports.Failed(room));
    }

    /// <summary>It failed, and does nothing more: tells those who don't watch it.</summary>
    private protected abstract void Fail();

    /// <summary>Tells the sender of a message that it failed; the one that it failed over first.</summary>
    private protected abstract void TellOfFailure(object message, IActorRef sender);

    private void Ending(object message)
    {
        if (message is ChildReports.Stop)
            Context.Stop(Self);
        else
            TellOfFailure(message, Sender);
    }
}
