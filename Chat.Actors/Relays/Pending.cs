using Chat.Actors.Delivery;

namespace Chat.Actors.Relays;

/// <summary>
/// A command that the room hasn't answered. It is sent once more to a room's successor: its id makes a publish safe, and all
/// else may happen twice.
/// </summary>
internal abstract record Pending(IWithRoom Command)
{
    /// <summary>A room was lost over it already.</summary>
    public bool WasSentAgain { get; set; }

    /// <summary>A session enters.</summary>
    public sealed record Enter(IWithRoom Command, Member Member, Subscription Subscription, JoinWish Wish) : Pending(Command);

    /// <summary>A session leaves; without an outbox nobody is told.</summary>
    public sealed record Leave(IWithRoom Command, Member Member, Outbox? Outbox, string? RequestId) : Pending(Command);

    /// <summary>A publish or a typing notice.</summary>
    public sealed record Say(IWithRoom Command, Outbox Outbox, string? RequestId) : Pending(Command);

    /// <summary>A page.</summary>
    public sealed record Page(IWithRoom Command, Member Member, Subscription Subscription) : Pending(Command);
}

/// <summary>What a join asked for.</summary>
internal readonly record struct JoinWish(long? Since, string? Epoch, int? History);
