using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>
/// What outlives a node of its sessions: read when it is gone, so that they go on elsewhere. What was saved a moment before the end may be missing.
/// All calls block, and throw <see cref="History.StorageException"/> where the storage fails.
/// </summary>
public interface ISessionStore
{
    /// <summary>Saves sessions as they are, and deletes those that ended; one of a later generation, or of a later session of that name, stays.</summary>
    void Save(IReadOnlyCollection<SavedSession> sessions, IReadOnlyCollection<Speaker> ended);

    /// <summary>All of them.</summary>
    IReadOnlyList<SavedSession> Load();
}

/// <summary>A session, and the rooms that it is in.</summary>
public sealed record SavedSession(Speaker Who, IReadOnlyList<RoomName> Rooms);
