using Chat.Actors.Delivery;
using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>One join of a room: a cursor in its log, and the outbox that it feeds.</summary>
internal sealed class Subscription(Feed feed, Request.Join join, bool wasMember)
{
    public Feed Feed => feed;

    public Outbox Outbox => feed.Outbox;

    /// <summary>The join that made it.</summary>
    public Request.Join Join => join;

    /// <summary>The session was in the room before this join.</summary>
    public bool WasMember => wasMember;

    public Cursor Cursor { get; } = new(JoinWish.Of(join));
}
