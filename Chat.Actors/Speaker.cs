using Chat.Protocol;

namespace Chat.Actors;

/// <summary>A session's number; a later session has a higher one. Not the secret that resumes it.</summary>
public readonly record struct SessionId(long Value) : IComparable<SessionId>
{
    /// <inheritdoc/>
    public int CompareTo(SessionId other) => Value.CompareTo(other.Value);
}

/// <summary>
/// Who a connection speaks for. The generation rises with each resume, so that what an older connection of the session still
/// has under way is known as such.
/// </summary>
public sealed record Speaker(UserName User, SessionId Session, int Generation);
