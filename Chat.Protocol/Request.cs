namespace Chat.Protocol;

/// <summary>What a client may ask for in <c>chat.v1</c>; one JSON object in one text frame each.</summary>
public abstract record Request
{
    private Request() { }

    /// <summary>Comes back on what answers the request: 1 to 64 characters of <c>A-Z a-z 0-9 . _ : -</c>.</summary>
    public string? Id { get; init; }

    /// <summary>Claims a name, or resumes the <paramref name="Session"/> that a <c>welcome</c> gave.</summary>
    public sealed record Login(string Username, string? Session = null, string? Token = null) : Request;

    /// <summary>
    /// Enters a room. With <paramref name="Since"/> (the last seq seen, of the log <paramref name="Epoch"/>) everything
    /// after it is delivered; without it the last <paramref name="HistoryCount"/> messages (0 to 100, default 5).
    /// </summary>
    public sealed record Join(string Room, long? Since = null, string? Epoch = null, int? HistoryCount = null) : Request;

    /// <summary>Leaves a room.</summary>
    public sealed record Leave(string Room) : Request;

    /// <summary>Says <paramref name="Text"/> in a room. Here <see cref="Request.Id"/> is also the idempotency key.</summary>
    public sealed record Publish(string Room, string Text) : Request;

    /// <summary>Asks for one page of a room: the newest before a seq, or the oldest after one (1 to 100, default 50).</summary>
    public sealed record History(string Room, long? Before = null, long? After = null, int? Limit = null) : Request;

    /// <summary>Asks who is in a room.</summary>
    public sealed record Who(string Room) : Request;

    /// <summary>Asks for the rooms and how many are in each.</summary>
    public sealed record Rooms : Request;

    /// <summary>Tells the others in a room that the user is typing; answered only if refused.</summary>
    public sealed record Typing(string Room) : Request;

    /// <summary>Asks for a <c>pong</c>.</summary>
    public sealed record Ping : Request;

    /// <summary>Ends the session: the connection is closed with 1000 and the name is free at once.</summary>
    public sealed record Logout : Request;
}
