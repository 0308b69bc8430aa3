using Akka.Event;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>What the nodes, each of which keeps its own sessions, and the one that arbitrates names, tell each other.</summary>
public static class NameMessages
{
    /// <summary>A node asks for a name for one of its connections; answered by <see cref="Granted"/> or <see cref="Denied"/>.</summary>
    /// <param name="Ticket">The node's, for the answer.</param>
    /// <param name="Name">The name.</param>
    /// <param name="Session">The session that would be resumed; null for none.</param>
    /// <param name="HasGrace">Whether the session outlives its node.</param>
    public sealed record Claim(long Ticket, UserName Name, SessionId? Session, bool HasGrace);

    /// <summary>The name is that node's to give.</summary>
    public sealed record Granted(long Ticket, Speaker Who, bool Resumed, IReadOnlyList<RoomName> Rooms) : IDeadLetterSuppression;

    /// <summary>It isn't, for the reason <paramref name="Code"/>.</summary>
    public sealed record Denied(long Ticket, string Code, string Sentence, TimeSpan? RetryAfter) : IDeadLetterSuppression;

    /// <summary>A session goes on on another node: its node is to end it there; answered by <see cref="Yielded"/>.</summary>
    public sealed record Yield(UserName Name, SessionId Session);

    /// <summary>A session is that node's no more; without rooms and generation where it wasn't anyway.</summary>
    public sealed record Yielded(UserName Name, SessionId Session, int Generation, IReadOnlyList<RoomName> Rooms) : IDeadLetterSuppression;

    /// <summary>A session ended: its name is free.</summary>
    public sealed record Freed(Speaker Who) : IDeadLetterSuppression;

    /// <summary>A session lost its connection, and waits for another; or has one again.</summary>
    public sealed record Waits(Speaker Who, bool IsWaiting) : IDeadLetterSuppression;

    /// <summary>The sender arbitrates names from now on; answered by <see cref="Sessions"/>. Of two the one with the higher term does.</summary>
    public sealed record Arbiter(long Term);

    /// <summary>There was an arbiter of that term, which is higher: the new one's clock is behind.</summary>
    public sealed record Behind(long Term) : IDeadLetterSuppression;

    /// <summary>The sessions of a node. Some of them, where more follow.</summary>
    public sealed record Sessions(long Term, IReadOnlyList<Held> All, bool MoreFollow) : IDeadLetterSuppression;

    /// <summary>A session of a node.</summary>
    public sealed record Held(Speaker Who, bool HasGrace, bool IsWaiting);

    /// <summary>The node goes away, its sessions are saved: others may have them at once.</summary>
    public sealed record GoingAway : IDeadLetterSuppression;
}
