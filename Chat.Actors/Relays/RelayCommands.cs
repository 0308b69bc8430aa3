using Akka.Actor;
using Akka.Event;
using Chat.Actors.Delivery;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>What connections, and the registry when a session ends, tell the node's hand of a room. Local: an outbox is no message.</summary>
public static class RelayCommands
{
    /// <summary>Enter, or come back, and be sent what follows. A refusal is told to the sender too, as <see cref="JoinRefused"/>.</summary>
    /// <param name="Room">The room.</param>
    /// <param name="Who">The session.</param>
    /// <param name="Outbox">Its connection's.</param>
    /// <param name="Request">What it asked for.</param>
    /// <param name="From">The address that it counts for where that makes the room; null for one without limits.</param>
    public sealed record Join(RoomName Room, Speaker Who, Outbox Outbox, Request.Join Request, string? From = null) : IWithRoom;

    /// <summary>Leave, and be told.</summary>
    public sealed record Leave(RoomName Room, Speaker Who, Outbox Outbox, string? RequestId) : IWithRoom;

    /// <summary>Leave without an answer: the session ended, or the room wasn't joined again in time.</summary>
    public sealed record Drop(RoomName Room, Speaker Who) : IWithRoom;

    /// <summary>Say something.</summary>
    public sealed record Publish(RoomName Room, Speaker Who, Outbox Outbox, string? RequestId, string Text) : IWithRoom;

    /// <summary>
    /// Say something without being a member; answered to the sender by <see cref="RoomReplies.Ack"/> or <see cref="RoomReplies.QueryRefused"/>, or
    /// <see cref="Failed"/>, where whether it took effect isn't known.
    /// </summary>
    public sealed record PublishAsGuest(RoomName Room, Speaker Who, string Id, string Text, string? From) : IWithRoom;

    /// <summary>Tell the others that one is typing.</summary>
    public sealed record Type(RoomName Room, Speaker Who, Outbox Outbox, string? RequestId) : IWithRoom;

    /// <summary>The connection is gone, the session stays in the room.</summary>
    public sealed record Detach(RoomName Room, Speaker Who) : IWithRoom;

    /// <summary>
    /// The session, which is in the room, has a newer connection: nothing of an older one counts any more, and nothing is sent until it joins.
    /// </summary>
    public sealed record Resumed(RoomName Room, Speaker Who, IActorRef Connection) : IWithRoom;

    /// <summary>Sessions go on by another node: they stay in the room, and are this node's no more.</summary>
    public sealed record Release(RoomName Room, IReadOnlyList<Speaker> Members) : IWithRoom;

    /// <summary>Sessions whose node is gone come back by another: the room, wherever it is, is to know that they are in.</summary>
    public sealed record Expect(RoomName Room, IReadOnlyList<Speaker> Members) : IWithRoom;

    /// <summary>The relay failed: the connections of its members, and those that wait for its answers, end and come back.</summary>
    public sealed record Failed : IDeadLetterSuppression
    {
        /// <summary>The only one.</summary>
        public static Failed Instance { get; } = new();
    }

    /// <summary>A join was answered whole: live events follow.</summary>
    public sealed record JoinAnswered(RoomName Room) : IWithRoom, IDeadLetterSuppression;

    /// <summary>A join wasn't carried out; the session is not in the room, unless it asked again since.</summary>
    public sealed record JoinRefused(RoomName Room, Request.Join Request) : IWithRoom, IDeadLetterSuppression;
}
