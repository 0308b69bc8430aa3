using Chat.Protocol;

namespace Chat.Actors.Users;

/// <summary>What connections tell the registry.</summary>
public static class UserCommands
{
    /// <summary>Asks for a name for the sender; answered by a <see cref="LoginOutcome"/>.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Token">Of the session that it would resume; null for none.</param>
    /// <param name="Connection">The sender's number: of two connections, the one that was opened later has the higher one.</param>
    /// <param name="HasGrace">Whether the session outlives a lost connection for a while.</param>
    public sealed record Login(UserName Name, string? Token, long Connection, bool HasGrace);

    /// <summary>The session is in a room from now on.</summary>
    public sealed record EnterRoom(Speaker Who, RoomName Room);

    /// <summary>The session is not in a room any more.</summary>
    public sealed record LeaveRoom(Speaker Who, RoomName Room);

    /// <summary>The session ends at its own wish.</summary>
    public sealed record Logout(Speaker Who);
}

/// <summary>What the registry tells connections.</summary>
public static class UserNotices
{
    /// <summary>Another connection resumed the session: this one has to close.</summary>
    public sealed record Replaced
    {
        /// <summary>The only one.</summary>
        public static readonly Replaced Instance = new();

        private Replaced() { }
    }
}
