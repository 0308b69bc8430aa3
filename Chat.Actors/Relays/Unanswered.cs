using Akka.Actor;
using Chat.Actors.Delivery;

namespace Chat.Actors.Relays;

/// <summary>
/// A command that the room hasn't answered. It is sent once more to a room's successor: its id makes a publish safe, and all
/// else may happen twice.
/// </summary>
internal abstract record Pending(IWithRoom Command)
{
    /// <summary>The connection that waits for an answer; nobody where none does, or where it is a member's.</summary>
    public IActorRef Asker { get; init; } = ActorRefs.Nobody;

    /// <summary>How long it takes, where it is a publish.</summary>
    public PublishTimer Timer { get; init; }

    /// <summary>A room failed while it was unanswered, and maybe over it.</summary>
    public bool HasFailed { get; set; }

    /// <summary>A session enters; without a subscription nobody is told.</summary>
    public sealed record Enter(IWithRoom Command, Member Member, Subscription? Subscription) : Pending(Command);

    /// <summary>A session leaves; without an outbox nobody is told.</summary>
    public sealed record Leave(IWithRoom Command, Member Member, Outbox? Outbox, string? RequestId) : Pending(Command);

    /// <summary>A session goes on by another node.</summary>
    public sealed record Release(IWithRoom Command) : Pending(Command);

    /// <summary>A publish or a typing notice.</summary>
    public sealed record Say(IWithRoom Command, Outbox Outbox, string? RequestId) : Pending(Command);

    /// <summary>A page.</summary>
    public sealed record Page(IWithRoom Command, Member Member, Subscription Subscription) : Pending(Command);

    /// <summary>A question, or what a guest says: the answer goes to the asker.</summary>
    public sealed record Query(IWithRoom Command, string? RequestId) : Pending(Command);
}

/// <summary>What was asked of the room and isn't answered, by ticket: how an answer finds its way back.</summary>
internal sealed class Unanswered
{
    private readonly SortedDictionary<long, Pending> _pending = [];
    private long _lastTicket;

    public int Count => _pending.Count;

    public IEnumerable<IActorRef> Askers => _pending.Values.Select(pending => pending.Asker);

    /// <summary>Makes a ticket, and of it what is asked.</summary>
    public (long Ticket, IWithRoom Command) Add(Func<long, Pending> pending)
    {
        var ticket = ++_lastTicket;
        return (ticket, (_pending[ticket] = pending(ticket)).Command);
    }

    /// <summary>Takes what a ticket stands for; null where it was answered before.</summary>
    public Pending? Take(long ticket) => _pending.Remove(ticket, out var pending) ? pending : null;

    /// <summary>A room was lost: what is to be sent to its successor, in order, and the tickets over which two have failed.</summary>
    public (IReadOnlyList<IWithRoom> Again, IReadOnlyList<long> Lost) Resend(bool hasFailed)
    {
        var again = new List<IWithRoom>();
        var lost = new List<long>();
        foreach (var (ticket, pending) in _pending)
        {
            if (hasFailed && pending.HasFailed)
                lost.Add(ticket);
            else
                again.Add(pending.Command);
            pending.HasFailed |= hasFailed;
        }
        return (again, lost);
    }
}
