using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>What a claim of a name comes to.</summary>
internal abstract record ClaimOutcome
{
    private ClaimOutcome() { }

    /// <summary>It is the asking node's.</summary>
    public sealed record Granted(Speaker Who, bool Resumed, IReadOnlyList<RoomName> Rooms) : ClaimOutcome;

    /// <summary>It isn't.</summary>
    public sealed record Denied(string Code, string Sentence, TimeSpan? RetryAfter = null) : ClaimOutcome;

    /// <summary>The session is on a node, which has to give it up first.</summary>
    public sealed record MustYield(Address Node, Speaker Who) : ClaimOutcome;
}

/// <summary>
/// Which name is held by which session, and on which node that is; and those whose node is gone, which wait for another. Synchronous, without a clock
/// of its own: times are monotonic.
/// </summary>
internal sealed class NameBook(TimeSpan grace, Func<long> newSession)
{
    private sealed class Entry(Speaker who, Address? node, bool hasGrace)
    {
        public Speaker Who { get; set; } = who;
        public Address? Node { get; set; } = node;
        public bool HasGrace { get; set; } = hasGrace;

        // On a node: since when it has no connection there. On none: since when.
        public TimeSpan? WaitsSince { get; set; }

        // What is known of one that is on no node.
        public IReadOnlyList<RoomName> Rooms { get; set; } = [];
    }

    // A saved generation may be some resumes late.
    private const int SavedLate = 1_000;

    private readonly Dictionary<string, Entry> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<SessionId, Entry> _bySession = [];

    /// <summary>How many names are held.</summary>
    public int Count => _byName.Count;

    /// <summary>A node asks for a name.</summary>
    public ClaimOutcome Claim(UserName name, SessionId? session, bool hasGrace, Address node, TimeSpan now)
    {
        if (session is { } id && _bySession.TryGetValue(id, out var resumed))
        {
            if (resumed.Who.User != name)
                return new ClaimOutcome.Denied(
                    ErrorCodes.BadSession, "This session belongs to another name. Log in with that name, or without a session.");
            if (resumed.Node is { } holder)
                return new ClaimOutcome.MustYield(holder, resumed.Who);
            return Resume(resumed, resumed.Who.Generation + SavedLate, resumed.Rooms, hasGrace, node);
        }
        if (_byName.TryGetValue(name.Folded, out var taken))
            return new ClaimOutcome.Denied(
                ErrorCodes.NameTaken,
                taken.WaitsSince is null
                    ? $"The name {taken.Who.User} is taken. Choose another."
                    : $"The name {taken.Who.User} is kept for somebody who lost the connection. Choose another, or try again in a while.",
                taken.WaitsSince is { } since ? AtLeast(TimeSpan.FromMilliseconds(1), since + grace - now) : null);
        var entry = Add(new Speaker(name, new SessionId(newSession()), 1), node, hasGrace);
        return new ClaimOutcome.Granted(entry.Who, false, []);
    }

    /// <summary>A node gave a session up, for the one that claims it now; null where it isn't that node's any more.</summary>
    public ClaimOutcome.Granted? Move(Speaker yielded, IReadOnlyList<RoomName> rooms, bool hasGrace, Address node) =>
        _bySession.TryGetValue(yielded.Session, out var entry) ? Resume(entry, yielded.Generation + 1, rooms, hasGrace, node) : null;

    /// <summary>A session ended, as its node says; one that is elsewhere by now isn't that node's to end.</summary>
    public void Free(SessionId session, Address node)
    {
        if (_bySession.TryGetValue(session, out var entry) && entry.Node == node)
            Free(session);
    }

    private void Free(SessionId session)
    {
        if (_bySession.Remove(session, out var entry) && ReferenceEquals(_byName.GetValueOrDefault(entry.Who.User.Folded), entry))
            _byName.Remove(entry.Who.User.Folded);
    }

    /// <summary>A session of a node lost its connection, or has one again.</summary>
    public void Waits(SessionId session, bool isWaiting, Address node, TimeSpan now)
    {
        if (_bySession.TryGetValue(session, out var entry) && entry.Node == node)
            entry.WaitsSince = isWaiting ? now : null;
    }

    /// <summary>Whether a session waits, on no node, for one.</summary>
    public bool IsOnNone(SessionId session) => _bySession.TryGetValue(session, out var entry) && entry.Node is null;

    /// <summary>
    /// A node says that it has a session. Where two say so of one name, as after a partition, the later session has it, and of two who say so of one session, who took it
    /// up later: then this gives the other, and on which node that is.
    /// </summary>
    public (Address Node, Speaker Who)? Report(Speaker who, Address node, bool hasGrace, bool isWaiting, TimeSpan now)
    {
        var other = _byName.GetValueOrDefault(who.User.Folded);
        (Address, Speaker)? loser = null;
        if (other is not null && other.Who.Session != who.Session)
        {
            if (other.Who.Session.CompareTo(who.Session) > 0)
                return (node, who);
            loser = other.Node is { } theirs ? (theirs, other.Who) : null;
            Free(other.Who.Session);
        }
        if (other is not null && other.Who.Session == who.Session)
        {
            if (other.Who.Generation > who.Generation)
                return other.Node is { } holder && holder != node ? (node, who) : null;
            loser = other.Node is { } before && before != node ? (before, other.Who) : null;
        }
        Free(who.Session);
        Add(who, node, hasGrace).WaitsSince = isWaiting ? now : null;
        return loser;
    }

    /// <summary>A node is gone: its sessions wait for another; those without a grace period ended. Gives those that wait.</summary>
    public IReadOnlyList<Speaker> Gone(Address node, TimeSpan now)
    {
        var waiting = new List<Speaker>();
        foreach (var entry in _bySession.Values.Where(entry => entry.Node == node).ToArray())
        {
            if (!entry.HasGrace)
            {
                Free(entry.Who.Session);
                continue;
            }
            (entry.Node, entry.WaitsSince) = (null, now);
            waiting.Add(entry.Who);
        }
        return waiting;
    }

    /// <summary>
    /// A session as it was saved. Where it is on no node, that is what is known of it, and it is given; one that isn't known at all waits from now
    /// on, unless <paramref name="knownOnly"/>. Null for one that is on a node, or gave its name to another.
    /// </summary>
    public SavedSession? Saved(SavedSession saved, bool knownOnly, TimeSpan now)
    {
        if (_bySession.TryGetValue(saved.Who.Session, out var entry))
        {
            if (entry.Node is not null)
                return null;
            if (saved.Who.Generation > entry.Who.Generation)
                entry.Who = saved.Who;
            entry.Rooms = saved.Rooms;
            return saved with { Who = entry.Who };
        }
        if (knownOnly || _byName.ContainsKey(saved.Who.User.Folded))
            return null;
        entry = Add(saved.Who, null, hasGrace: true);
        (entry.WaitsSince, entry.Rooms) = (now, saved.Rooms);
        return saved;
    }

    /// <summary>Ends those that are on no node and whose grace period is over.</summary>
    public IReadOnlyList<Speaker> Expire(TimeSpan now)
    {
        var over = _bySession.Values.Where(entry => entry.Node is null && now - entry.WaitsSince >= grace).Select(entry => entry.Who).ToArray();
        foreach (var who in over)
            Free(who.Session);
        return over;
    }

    private static ClaimOutcome.Granted Resume(Entry entry, int generation, IReadOnlyList<RoomName> rooms, bool hasGrace, Address node)
    {
        entry.Who = entry.Who with { Generation = Math.Max(generation, entry.Who.Generation + 1) };
        (entry.Node, entry.HasGrace, entry.WaitsSince, entry.Rooms) = (node, hasGrace, null, []);
        return new ClaimOutcome.Granted(entry.Who, true, rooms);
    }

    private Entry Add(Speaker who, Address? node, bool hasGrace) =>
        _byName[who.User.Folded] = _bySession[who.Session] = new Entry(who, node, hasGrace);

    private static TimeSpan AtLeast(TimeSpan least, TimeSpan time) => time > least ? time : least;
}
