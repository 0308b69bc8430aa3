using System.Security.Cryptography;
using Chat.Protocol;

namespace Chat.Actors.Users;

/// <summary>What a login comes to.</summary>
public abstract record LoginOutcome
{
    private LoginOutcome() { }

    /// <summary>The name is held by this connection now. <c>Resumed</c>: by a session that was alive before.</summary>
    public sealed record Accepted(Speaker Who, string Token, bool Resumed, IReadOnlyList<RoomName> Rooms, long? Replaces) : LoginOutcome;

    /// <summary>Refused, for the reason <paramref name="Code"/>, one of <see cref="ErrorCodes"/>.</summary>
    public sealed record Refused(string Code, string Sentence, TimeSpan? RetryAfter = null) : LoginOutcome;

    /// <summary>A connection that was opened later has the session already: this one has to close.</summary>
    public sealed record Replaced : LoginOutcome;
}

/// <summary>A session that ended, and the rooms to be left for it.</summary>
public sealed record EndedSession(Speaker Who, IReadOnlyList<RoomName> Rooms);

/// <summary>A session that is alive.</summary>
/// <param name="Who">It.</param>
/// <param name="Rooms">The rooms that it is in.</param>
/// <param name="Connection">Its connection's number; null where it waits for one.</param>
/// <param name="HasGrace">Whether it outlives a lost connection.</param>
public sealed record HeldSession(Speaker Who, IReadOnlyList<RoomName> Rooms, long? Connection, bool HasGrace);

/// <summary>
/// Who holds which name, and which rooms each session is in. Synchronous, without a clock of its own: times are monotonic
/// (<see cref="TimeProvider.GetTimestamp"/>, as a span since any fixed moment). Connections are known by number, in the order in which
/// they were opened.
/// </summary>
public sealed class SessionBook(TimeSpan grace, IReadOnlySet<string>? reserved = null)
{
    private sealed class Session(Speaker who, string token, long connection, bool hasGrace)
    {
        public Speaker Who { get; set; } = who;
        public string Token => token;
        public long? Connection { get; set; } = connection;
        public bool HasGrace { get; set; } = hasGrace;
        public TimeSpan? Deadline { get; set; }
        public HashSet<RoomName> Rooms { get; } = [];
    }

    // 128 bits, a secret.
    private const int TokenBytes = 16;

    /// <summary>The sessions that are alive, each with its rooms.</summary>
    public IEnumerable<HeldSession> All => _byName.Values.Select(Held);

    /// <summary>The session that holds a name; null where none does.</summary>
    public HeldSession? Find(UserName name) => _byName.TryGetValue(name.Folded, out var session) ? Held(session) : null;

    /// <summary>Whether a token is that of a session that is alive.</summary>
    public bool Knows(string token) => _byToken.ContainsKey(token);

    private readonly Dictionary<string, Session> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Session> _byToken = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(Session Session, TimeSpan Deadline), TimeSpan> _deadlines = new();
    private long _lastSession;

    /// <summary>How many sessions are alive.</summary>
    public int Count => _byName.Count;

    /// <summary>When the next grace period may end; null where none runs.</summary>
    public TimeSpan? NextDeadline => _deadlines.TryPeek(out _, out var deadline) ? deadline : null;

    /// <summary>A connection asks for a name, with the token of a session that it would resume.</summary>
    /// <param name="name">The name.</param>
    /// <param name="token">The token, null for none.</param>
    /// <param name="connection">The connection's number.</param>
    /// <param name="hasGrace">Whether the session outlives a lost connection for a while.</param>
    /// <param name="now">The time.</param>
    public LoginOutcome Login(UserName name, string? token, long connection, bool hasGrace, TimeSpan now)
    {
        if (token is not null && _byToken.TryGetValue(token, out var resumed))
        {
            if (resumed.Who.User != name)
                return new LoginOutcome.Refused(
                    ErrorCodes.BadSession, "This session belongs to another name. Log in with that name, or without a session.");
            // This login is late: whoever sent it has opened another connection since.
            if (resumed.Connection > connection)
                return new LoginOutcome.Replaced();
            var replaces = resumed.Connection;
            resumed.Who = resumed.Who with { Generation = resumed.Who.Generation + 1 };
            (resumed.Connection, resumed.Deadline, resumed.HasGrace) = (connection, null, hasGrace);
            return new LoginOutcome.Accepted(resumed.Who, token, true, [.. resumed.Rooms.Order()], replaces);
        }
        if (_byName.TryGetValue(name.Folded, out var holder))
            return new LoginOutcome.Refused(
                ErrorCodes.NameTaken,
                holder.Deadline is null
                    ? $"The name {holder.Who.User} is taken. Choose another."
                    : $"The name {holder.Who.User} is kept for somebody who lost the connection. Choose another, or try again in a while.",
                holder.Deadline is { } deadline ? (deadline > now ? deadline - now : TimeSpan.FromMilliseconds(1)) : null);

        if (reserved?.Contains(name.Folded) == true)
            return new LoginOutcome.Refused(ErrorCodes.NameTaken, $"The name {name} is reserved. Choose another.");

        var fresh = new Session(new Speaker(name, new SessionId(++_lastSession), 1), NewToken(), connection, hasGrace);
        _byName[name.Folded] = _byToken[fresh.Token] = fresh;
        return new LoginOutcome.Accepted(fresh.Who, fresh.Token, false, [], null);
    }

    /// <summary>A session that was granted elsewhere, or moves here: its connection speaks for it from now on.</summary>
    public void Open(Speaker who, string token, IEnumerable<RoomName> rooms, long connection, bool hasGrace)
    {
        var session = new Session(who, token, connection, hasGrace);
        session.Rooms.UnionWith(rooms);
        _byName[who.User.Folded] = _byToken[token] = session;
    }

    /// <summary>The session goes on elsewhere, and isn't known here any more; null where it isn't anyway.</summary>
    public HeldSession? Yield(UserName name, SessionId id)
    {
        if (!_byName.TryGetValue(name.Folded, out var session) || session.Who.Session != id)
            return null;
        End(session);
        return Held(session);
    }

    /// <summary>The session is in a room from now on. False where who says so isn't its connection any more.</summary>
    public bool EnterRoom(Speaker who, RoomName room)
    {
        if (Current(who) is not { } session)
            return false;
        session.Rooms.Add(room);
        return true;
    }

    /// <summary>The session is not in a room any more.</summary>
    public void LeaveRoom(Speaker who, RoomName room) => Current(who)?.Rooms.Remove(room);

    /// <summary>
    /// A connection is gone. Its session's grace period runs, or, where it has none, the session ended. What an older connection of a
    /// session says counts for nothing.
    /// </summary>
    public EndedSession? Disconnect(Speaker who, TimeSpan now)
    {
        if (Current(who) is not { } session)
            return null;
        if (!session.HasGrace || grace <= TimeSpan.Zero)
            return End(session);
        session.Connection = null;
        session.Deadline = now + grace;
        _deadlines.Enqueue((session, now + grace), now + grace);
        return null;
    }

    /// <summary>The session ends: the name is free at once.</summary>
    public EndedSession? Logout(Speaker who) => Current(who) is { } session ? End(session) : null;

    /// <summary>Ends the sessions whose grace period is over.</summary>
    public IReadOnlyList<EndedSession> Expire(TimeSpan now)
    {
        var ended = new List<EndedSession>();
        while (_deadlines.TryPeek(out var next, out var deadline) && deadline <= now)
        {
            _deadlines.Dequeue();
            // A session that was resumed since has no deadline, or a later one.
            if (next.Session.Deadline == next.Deadline && IsAlive(next.Session))
                ended.Add(End(next.Session));
        }
        return ended;
    }

    private static HeldSession Held(Session session) => new(session.Who, [.. session.Rooms.Order()], session.Connection, session.HasGrace);

    private EndedSession End(Session session)
    {
        _byName.Remove(session.Who.User.Folded);
        _byToken.Remove(session.Token);
        return new EndedSession(session.Who, [.. session.Rooms]);
    }

    private bool IsAlive(Session session) =>
        _byName.TryGetValue(session.Who.User.Folded, out var holder) && ReferenceEquals(holder, session);

    private Session? Current(Speaker who) =>
        _byName.TryGetValue(who.User.Folded, out var session) && session.Who.Session == who.Session
        && session.Who.Generation == who.Generation
            ? session
            : null;

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
}
