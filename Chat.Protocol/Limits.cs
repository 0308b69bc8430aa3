namespace Chat.Protocol;

/// <summary>Every limit of <c>chat.v1</c> that a client should know, with its default; a <c>welcome</c> carries those in force.</summary>
public sealed record Limits
{
    /// <summary>Characters (Unicode scalars) in a message, after trimming.</summary>
    public int MessageCharacters { get; init; } = 4_000;

    /// <summary>Bytes in one frame from a client; a larger one closes with 1009.</summary>
    public int FrameBytes { get; init; } = 64 * 1024;

    /// <summary>Rooms that a session may be in.</summary>
    public int Rooms { get; init; } = 50;

    /// <summary>Requests of a connection that may be unanswered; at this number the server stops reading.</summary>
    public int UnansweredRequests { get; init; } = 64;

    /// <summary>Publishes a second and connection, after the burst; 0 for no limit.</summary>
    public double PublishRate { get; init; } = 10;

    /// <summary>Publishes that may come at once.</summary>
    public int PublishBurst { get; init; } = 20;

    /// <summary><c>history</c>, <c>who</c> and <c>rooms</c> a second and connection; 0 for no limit.</summary>
    public double ReadRate { get; init; } = 20;

    /// <summary>How long a session waits for its lost connection to come back.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How deep a frame's JSON may be nested.</summary>
    public const int JsonDepth = 8;

    /// <summary>Messages in a page, at most.</summary>
    public const int PageMessages = 100;

    /// <summary>Bytes of messages in a page, at most, unless its first message alone is larger.</summary>
    public const int PageBytes = 64 * 1024;

    /// <summary>Messages that a join without <c>since</c> or <c>history</c> gets.</summary>
    public const int JoinHistory = 5;

    /// <summary>Messages that a <c>history</c> without <c>limit</c> gets.</summary>
    public const int HistoryLimit = 50;

    /// <summary>Characters in a username.</summary>
    public const int UserCharacters = 32;

    /// <summary>UTF-8 bytes in a room's folded name.</summary>
    public const int RoomBytes = 64;

    /// <summary>Names in a <c>who</c>.</summary>
    public const int WhoMembers = 1_000;

    /// <summary>Names in a <c>rooms</c>.</summary>
    public const int RoomNames = 200;
}
