using Akka.Actor;
using Akka.Event;
using Chat.Actors.Delivery;
using Chat.Protocol;

namespace Chat.Actors.Connections;

/// <summary>What a socket, and the gateway, tell a connection.</summary>
public static class ConnectionInputs
{
    /// <summary>A request came. Each takes one of the connection's places for unanswered requests until its answer is out.</summary>
    public sealed record Received(Request Request) : IDeadLetterSuppression;

    /// <summary>A frame came that is no request; the error says why.</summary>
    public sealed record Malformed(ServerEvent.Error Error) : IDeadLetterSuppression;

    /// <summary>The socket is closed: by the peer's close frame, with its code (<c>0</c> where the frame had none), or lost (null).</summary>
    public sealed record Closed(int? Code) : IDeadLetterSuppression;

    /// <summary>The server is about to go away: no publish is taken any more.</summary>
    public sealed record Draining : IDeadLetterSuppression
    {
        /// <summary>The only one.</summary>
        public static Draining Instance { get; } = new();
    }

    /// <summary>The server is going away; this client is asked to come back after a while.</summary>
    public sealed record ServerStopping(TimeSpan ReconnectIn) : IDeadLetterSuppression;
}

/// <summary>What is said to whoever would publish while the server is about to go away.</summary>
public static class GoingAway
{
    /// <summary>For people.</summary>
    public const string Sentence = "The server is going away. Send it again when it is back.";

    /// <summary>When that may be.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);
}

/// <summary>What the gateway asks of the connections' parent.</summary>
public static class ConnectionsCommands
{
    /// <summary>A socket was accepted; answered with its connection's <see cref="IActorRef"/>.</summary>
    /// <param name="Outbox">Where what it is sent goes.</param>
    /// <param name="IsOriginal">It came in at <c>/</c>, where the original's clients connect.</param>
    /// <param name="Address">What its address may do; null for one without limits.</param>
    public sealed record Open(Outbox Outbox, bool IsOriginal, AddressBudget? Address = null);

    /// <summary>The server is about to go away: publishes are refused with <c>busy</c> from now on.</summary>
    public sealed record Drain;

    /// <summary>Every client is told that the server is going away; answered with <see cref="Stopped"/> when no connection is left.</summary>
    /// <param name="Over">The time over which they are told, one after the other; zero for all at once.</param>
    public sealed record Stop(TimeSpan Over);

    /// <summary>No connection is left.</summary>
    public sealed record Stopped;
}
