namespace Chat.Protocol.Client;

/// <summary>A request that was sent over this connection and not answered yet.</summary>
/// <param name="Number">In the order sent.</param>
/// <param name="SentAt">When.</param>
internal abstract record InFlight(long Number, TimeSpan SentAt)
{
    public sealed record Read(long Number, TimeSpan SentAt, Call Call) : InFlight(Number, SentAt);

    /// <summary>A ping, without a call where it is the session's own.</summary>
    public sealed record Ping(long Number, TimeSpan SentAt, Call<TimeSpan>? Call) : InFlight(Number, SentAt);

    public sealed record Join(long Number, TimeSpan SentAt, RoomSession Room) : InFlight(Number, SentAt);

    public sealed record Leave(long Number, TimeSpan SentAt, RoomSession Room, LeaveStep Step) : InFlight(Number, SentAt);

    public sealed record Publish(long Number, TimeSpan SentAt, Outgoing Outgoing) : InFlight(Number, SentAt);
}
