using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>
/// Who holds which name, as far as it can be told from what the server was asked and said: one session at a time, resumed as long as its
/// grace period runs, to its last millisecond, and nobody seen to leave who is back in time.
/// </summary>
internal sealed class Names(World world)
{
    private sealed class Session(string user, string token)
    {
        public string User => user;

        public string Token => token;

        public Wire Connection { get; set; } = null!;

        public bool HasGrace { get; set; }

        /// <summary>When the server may first have found its connection gone.</summary>
        public TimeSpan? LostAt { get; set; }

        /// <summary>It was without a connection for a grace period, and was taken up all the same.</summary>
        public bool WasLost { get; set; }

        public TimeSpan WelcomedAt { get; set; }

        /// <summary>Connections that asked to take it up and have no answer, and since when: one may have had it, and lost it.</summary>
        public Dictionary<Wire, TimeSpan> Attempts { get; } = [];

        public HashSet<string> NotJoined { get; set; } = [];

        /// <summary>All connections that had it, or may have: when they asked, and when they were welcomed, by the count.</summary>
        public Dictionary<Wire, (int Asked, int Welcomed)> Connections { get; } = [];
    }

    private readonly Dictionary<string, List<Session>> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<(string User, string Room)> _left = [];
    // Logins without an answer, and since when: such a one may have made a session, and lost it.
    private readonly Dictionary<Wire, (string User, TimeSpan AskedAt)> _logins = [];
    // Those that were to end before their welcome was seen, and may have ended right behind it.
    private readonly HashSet<Wire> _doomed = [];
    private int _count;

    private TimeSpan Grace => world.Plan.Limits.Grace;

    /// <summary>A connection is opened: when, by a count of all that happens here.</summary>
    public int Open() => ++_count;

    /// <summary>The server's process is another one: no session outlives it.</summary>
    public void Restart()
    {
        _sessions.Clear();
        _left.Clear();
        _logins.Clear();
        _doomed.Clear();
    }

    /// <summary>A relay fails: the room has its members left.</summary>
    public void RelayFailed(string room) =>
        _left.UnionWith(_sessions.Values.SelectMany(sessions => sessions)
            .Where(session => session.NotJoined.Contains(room) || session.Connection.Rooms.Contains(room))
            .Select(session => (session.User, room)));

    /// <summary>A connection is told of it, and ends.</summary>
    public void RelayFailed(string room, Wire wire)
    {
        ConnectionEnded(wire);
        _left.Add((wire.User, room));
    }

    /// <summary>When grace periods that run may end; for whoever wants to come back at the last moment.</summary>
    public TimeSpan? DeadlineOf(string user) =>
        _sessions.TryGetValue(user, out var sessions) && sessions[^1] is { LostAt: { } lost, HasGrace: true } ? lost + Grace : null;

    /// <summary>A session is asked for.</summary>
    public void LoginAsked(Wire wire, Request.Login login)
    {
        _logins[wire] = (login.Username.ToLowerInvariant(), world.Now);
        foreach (var session in _sessions.Values.SelectMany(sessions => sessions).Where(session => session.Token == login.Session))
        {
            session.Attempts[wire] = world.Now;
            session.Connections[wire] = (++_count, int.MaxValue);
        }
    }

    /// <summary>A login is accepted.</summary>
    public void Welcomed(Wire wire, Request.Login? login, ServerEvent.Welcome welcome, bool isOriginal)
    {
        _logins.Remove(wire);
        if (!_sessions.TryGetValue(wire.User, out var sessions))
            _sessions[wire.User] = sessions = [];
        var session = sessions.Find(session => session.Token == welcome.Session);
        session?.Attempts.Remove(wire);
        if (welcome.Resumed)
        {
            if (login?.Session != welcome.Session)
                world.Fail($"{welcome.User} resumed what it didn't ask for.");
            // One whose welcome was never sent isn't known here.
            if (session is null)
                sessions.Add(session = new Session(wire.User, welcome.Session));
            else if (IsLate(wire, session))
                world.Fail($"{welcome.User} is welcomed on an older connection than the one that has the session.");
        }
        else
        {
            if (session is not null)
                world.Fail($"{welcome.User} has a session of before, and isn't told so.");
            foreach (var other in sessions.Where(other => !IsOver(other)))
            {
                world.Fail(other.Token == login?.Session
                    ? $"{welcome.User} came back {world.Now - other.LostAt} after the connection was lost, and isn't resumed."
                    : $"{welcome.User} has a second holder, while the first is still there.");
            }
            sessions.Add(session = new Session(wire.User, welcome.Session));
        }
        if (session.LostAt is { } lost && world.Now - lost >= Grace)
            session.WasLost = true;
        _left.UnionWith(session.NotJoined.Where(room => Forsakes(session, room)).Select(room => (session.User, room)));
        (session.Connection, session.LostAt, session.HasGrace, session.WelcomedAt) = (wire, _doomed.Contains(wire) ? world.Now : null, !isOriginal, world.Now);
        session.NotJoined = [.. welcome.JoinedRooms];
        // A join that an older connection still had under way isn't the session's any more, and is taken back.
        foreach (var older in session.Connections.Keys.Where(older => older != wire))
            _left.UnionWith(older.Rooms.Except(welcome.JoinedRooms).Select(room => (session.User, room)));
        session.Connections[wire] = (session.Connections.TryGetValue(wire, out var times) ? times.Asked : 0, ++_count);
    }

    /// <summary>A login is refused.</summary>
    public void LoginRefused(Wire wire, Request.Login login, ServerEvent.Error error)
    {
        _logins.Remove(wire);
        foreach (var session in _sessions.Values.SelectMany(sessions => sessions))
            session.Attempts.Remove(wire);
        if (error.Code == ErrorCodes.NameTaken && error.RetryAfter > Grace)
            world.Fail($"{login.Username} is to wait for longer than a grace period: {error.RetryAfter}");
    }

    /// <summary>A connection is told that another one has its session: one that was opened later, and asked for it.</summary>
    public void Replaced(Wire wire)
    {
        _logins.Remove(wire);
        var sessions = _sessions.Values.SelectMany(sessions => sessions).Where(session => session.Connections.ContainsKey(wire)).ToArray();
        if (!sessions.Any(session => session.Connections.Keys.Any(other => other.Opened > wire.Opened)))
            world.Fail($"{wire.User} is told that the connection is replaced, and no later one asked for the session.");
        // One that was never welcomed never had it.
        foreach (var session in sessions.Where(_ => wire.Welcome is null))
        {
            session.Attempts.Remove(wire);
            session.Connections.Remove(wire);
        }
    }

    /// <summary>The server reads a connection no more, or its actor has failed.</summary>
    public void ConnectionEnded(Wire wire)
    {
        if (Find(wire) is { } session)
            session.LostAt ??= world.Now;
        else if (wire.Welcome is null)
            _doomed.Add(wire);
    }

    /// <summary>A room may be left from here on, as it was asked for, or a join was refused.</summary>
    public void LeaveAsked(string user, string room) => _left.Add((user, room));

    /// <summary>A room is joined.</summary>
    public void JoinAsked(Wire wire, string room)
    {
        if (Find(wire) is not { } session)
            return;
        if (Forsakes(session, room))
            _left.Add((session.User, room));
        session.NotJoined.Remove(room);
    }

    /// <summary>Somebody is told that somebody left.</summary>
    public void LeftSeen(ServerEvent.Left left)
    {
        var user = left.User.ToLowerInvariant();
        if (_left.Contains((user, left.Room)))
            return;
        if (_sessions.TryGetValue(user, out var sessions) && sessions.Any(session => IsOver(session) || session.WasLost || Forsakes(session, left.Room)
            || MayTakeBack(session, left.Room) || MayBeRefused(session, left.Room)))
            return;
        if (_logins.Any(login => login.Value.User == user && (login.Key.IsToEnd || world.Now - login.Value.AskedAt >= Grace)))
            return;
        world.Fail($"{left.User} is told to have left {left.Room}, and hasn't.");
    }

    private Session? Find(Wire wire) =>
        wire.Welcome is not null && _sessions.TryGetValue(wire.User, out var sessions)
            ? sessions.Find(session => ReferenceEquals(session.Connection, wire))
            : null;

    private bool IsOver(Session session) =>
        MayBeToEnd(session) || (session.LostAt is { } lost && (!session.HasGrace || world.Now - lost >= Grace))
        || session.Attempts.Any(attempt => attempt.Key.IsToEnd || world.Now - attempt.Value >= Grace);

    // It asked when the session's connection, which was opened later, had been welcomed, and nothing had happened to that.
    private static bool IsLate(Wire wire, Session session) =>
        session is { LostAt: null, Attempts.Count: 0, Connection: { IsToEnd: false } current }
        && current.Opened > wire.Opened && session.Connections[wire].Asked > session.Connections[current].Welcomed;

    // Where two logins were under way at once, their welcomes don't tell which of them has it now.
    private static bool MayBeToEnd(Session session)
    {
        var current = session.Connections[session.Connection];
        return session.Connections.Any(other => other.Key.IsToEnd && other.Value.Welcomed > current.Asked);
    }

    // A join that was under way while another connection took the session up, whose welcome wasn't sent.
    private static bool MayTakeBack(Session session, string room) => session.Attempts.Count > 0 && session.Connection.Rooms.Contains(room);

    // A join whose refusal is on its way: others are told first that the session left again.
    private bool MayBeRefused(Session session, string room) =>
        world.Plan.MayRefuseJoins && session.Connection.Unanswered.OfType<Request.Join>().Any(join => join.Room == room);

    // A room that was not joined again in time after a resume.
    private bool Forsakes(Session session, string room) =>
        session.NotJoined.Contains(room) && world.Now - session.WelcomedAt >= Grace;
}
