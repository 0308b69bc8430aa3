using Chat.Actors.History.Postgres;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>The sessions of all nodes, in the PostgreSQL database that has their history.</summary>
public sealed class SavedSessions(PostgresSessions sessions, TimeProvider time) : ISessionStore
{
    /// <inheritdoc/>
    public void Save(IReadOnlyCollection<SavedSession> saved, IReadOnlyCollection<Speaker> ended)
    {
        var now = time.GetUtcNow().UtcDateTime;
        sessions.Save(
            [.. saved.Select(session => new SessionRow(
                session.Who.User.Folded, session.Who.User.Value, session.Who.Session.Value, session.Who.Generation, [.. session.Rooms.Select(room => room.Value)], now))],
            [.. ended.Select(who => (who.User.Folded, who.Session.Value, who.Generation))]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<SavedSession> Load() =>
    [
        .. sessions.Load()
            .Select(row => UserName.Parse(row.Shown, out _) is { } user
                ? new SavedSession(
                    new Speaker(user, new SessionId(row.Id), row.Generation),
                    [.. row.Rooms.Select(room => RoomName.Parse(room, out _)).OfType<RoomName>()])
                : null)
            .OfType<SavedSession>(),
    ];
}
