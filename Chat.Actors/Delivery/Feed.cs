using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Delivery;

/// <summary>One subscription's way into an outbox.</summary>
public sealed class Feed(RoomName room, SessionId session, Outbox outbox, IActorRef relay)
{
    /// <summary>The room.</summary>
    public RoomName Room => room;

    /// <summary>Whose subscription it is.</summary>
    public SessionId Session => session;

    /// <summary>Where it leads.</summary>
    public Outbox Outbox => outbox;

    /// <summary>Who is told when it has its turn.</summary>
    public IActorRef Relay => relay;

    /// <summary>What was taken out of the outbox, and not taken up again yet. The outbox's own.</summary>
    internal Passage? Lost { get; set; }

    /// <summary>It has no turn any more. The outbox's own.</summary>
    internal bool IsOver { get; set; }
}

/// <summary>A feed's turn to send one page; told to its relay when it is due.</summary>
public sealed record PageTurn(Feed Feed);

/// <summary>What events or a page tell of a room, so that it can be told again where they were taken out of an outbox.</summary>
/// <param name="Epoch">The log that they are of.</param>
/// <param name="From">The first seq; null where they have none.</param>
/// <param name="HasGap">They tell of a gap.</param>
/// <param name="Joined">How many entered.</param>
/// <param name="Left">How many left.</param>
public sealed record Passage(string Epoch, long? From = null, bool HasGap = false, int Joined = 0, int Left = 0)
{
    /// <summary>This, and what comes behind it. Of two logs, the later one's place counts.</summary>
    public Passage Before(Passage? next)
    {
        if (next is not { } later)
            return this;
        var (joined, left) = (Joined + later.Joined, Left + later.Left);
        if (later.Epoch != Epoch)
            return later with { Joined = joined, Left = left };
        var from = From is { } first && later.From is { } second ? Math.Min(first, second) : From ?? later.From;
        return new(Epoch, from, HasGap || later.HasGap, joined, left);
    }
}
