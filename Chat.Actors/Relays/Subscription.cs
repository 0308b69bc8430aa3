using Akka.Actor;
using Chat.Actors.Delivery;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>A session's membership on this node. Without a subscription it is in the room and nothing is sent.</summary>
internal sealed class Member(Speaker who)
{
    public Speaker Who { get; set; } = who;

    public Subscription? Subscription { get; set; }

    /// <summary>The ticket of its latest join.</summary>
    public long EnterTicket { get; set; }

    /// <summary>The ticket of its latest leave.</summary>
    public long LeaveTicket { get; set; }

    /// <summary>When its typing was last told, a timestamp of the time provider.</summary>
    public long? TypedAt { get; set; }
}

/// <summary>
/// A cursor in a room's log, and the outbox that it feeds. Live means that the cursor is at the head. A join with <c>since</c>, a
/// resume and an outbox that was full are all the same: a cursor behind the head, moved on by pages until it is there.
/// </summary>
internal sealed class Subscription(Outbox outbox, IActorRef connection, Request.Join join, bool wasMember)
{
    public Outbox Outbox => outbox;

    public IActorRef Connection => connection;

    /// <summary>The join that made it.</summary>
    public Request.Join Join => join;

    /// <summary>The session was in the room before this join.</summary>
    public bool WasMember => wasMember;

    public bool OwesAnswer { get; set; } = true;

    /// <summary>The room let it in, and the cursor is known.</summary>
    public bool HasEntered { get; set; }

    public bool IsLive { get; set; }

    /// <summary>The next seq wanted.</summary>
    public long Cursor { get; set; }

    /// <summary>The next page has to say that not all that was asked for can be had.</summary>
    public bool Gap { get; set; }

    /// <summary>The turn that was asked for or is being taken.</summary>
    public PageTurn? Turn { get; set; }

    /// <summary>Who entered and left while it wasn't live.</summary>
    public PresenceDigest Missed { get; } = new();
}
