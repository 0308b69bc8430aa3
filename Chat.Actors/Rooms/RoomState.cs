using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>What is asked of a room's rules.</summary>
public abstract record RoomDemand
{
    private RoomDemand() { }

    /// <summary>Enter.</summary>
    public sealed record Enter(Speaker Who) : RoomDemand;

    /// <summary>Leave.</summary>
    public sealed record Leave(Speaker Who) : RoomDemand;

    /// <summary>Say something, under an id; a guest needn't be a member.</summary>
    public sealed record Post(Speaker Who, string Id, string Text, bool IsGuest = false) : RoomDemand;
}

/// <summary>What happened in a room; folded by <see cref="RoomState.Apply"/>.</summary>
public abstract record RoomFact
{
    private RoomFact() { }

    /// <summary>Somebody entered, or came back with a higher generation or a later session.</summary>
    public sealed record Entered(Speaker Who) : RoomFact;

    /// <summary>Somebody left.</summary>
    public sealed record Left(Speaker Who) : RoomFact;

    /// <summary>A message has its place; it is not stored yet.</summary>
    public sealed record Posted(long Seq, string Id, Speaker Who, string Text, DateTime Timestamp) : RoomFact;

    /// <summary>All up to a seq is stored.</summary>
    public sealed record Stored(long Through) : RoomFact;

    /// <summary>What wasn't stored yet isn't going to be: its seqs and ids go with it.</summary>
    public sealed record Lost : RoomFact;
}

/// <summary>What a room's rules answer.</summary>
public abstract record RoomDecision
{
    private RoomDecision() { }

    /// <summary>These happen, in this order; none where it was so already.</summary>
    public sealed record Happens(IReadOnlyList<RoomFact> Facts) : RoomDecision;

    /// <summary>The id was accepted before, for the same text; <c>IsStored</c> tells whether its message is stored yet.</summary>
    public sealed record Known(string Id, long Seq, DateTime Timestamp, bool IsStored) : RoomDecision;

    /// <summary>It can't be, for the reason <paramref name="Code"/>, one of <see cref="ErrorCodes"/>.</summary>
    public sealed record Refused(string Code, string Sentence) : RoomDecision;
}

/// <summary>
/// The rules of a room: who is in it, which seq comes next, which ids were seen. Synchronous; without I/O and without a clock
/// of its own.
/// </summary>
public sealed class RoomState(RoomName room, IdWindow window)
{
    private readonly Dictionary<string, Speaker> _members = new(StringComparer.Ordinal);
    private DateTime _lastTimestamp;

    /// <summary>The room.</summary>
    public RoomName Room => room;

    /// <summary>The newest seq that was given out.</summary>
    public long Last { get; private set; }

    /// <summary>The newest seq that is stored; nobody sees what is beyond.</summary>
    public long Stored { get; private set; }

    /// <summary>How many are in the room.</summary>
    public int Online => _members.Count;

    /// <summary>Who is in the room, in no order.</summary>
    public IReadOnlyCollection<Speaker> Members => _members.Values;

    /// <summary>Goes on from a log that ends at <paramref name="last"/>; ids of messages beyond it are new again.</summary>
    public void Recover(long last, DateTime? lastTimestamp)
    {
        window.RevertTo(last);
        (Last, Stored) = (last, last);
        if (lastTimestamp > _lastTimestamp)
            _lastTimestamp = lastTimestamp.Value;
    }

    /// <summary>Remembers a stored message's id.</summary>
    public void Remember(string foldedUser, string id, SeenId seen) => window.Add(foldedUser, id, seen);

    /// <summary>The time of an event that isn't stored: not before any that the room told before.</summary>
    public DateTime Time(DateTime now) => _lastTimestamp = NotBefore(now);

    /// <summary>What follows from a demand; changes nothing.</summary>
    public RoomDecision Decide(RoomDemand demand, DateTime now) => demand switch
    {
        RoomDemand.Enter enter => Enter(enter.Who),
        RoomDemand.Leave leave => Find(leave.Who) is { } member ? Happens(new RoomFact.Left(member)) : NotInRoom(),
        RoomDemand.Post post => Post(post, now),
        _ => throw new ArgumentException($"No rule for {demand.GetType()}.", nameof(demand)),
    };

    /// <summary>Folds one fact.</summary>
    public void Apply(RoomFact fact)
    {
        switch (fact)
        {
            case RoomFact.Entered entered:
                _members[entered.Who.User.Folded] = entered.Who;
                break;
            case RoomFact.Left left:
                _members.Remove(left.Who.User.Folded);
                break;
            case RoomFact.Posted posted:
                Last = posted.Seq;
                _lastTimestamp = posted.Timestamp;
                window.Add(posted.Who.User.Folded, posted.Id, new SeenId(posted.Seq, posted.Timestamp, TextDigest.Of(posted.Text)));
                break;
            case RoomFact.Stored stored:
                Stored = stored.Through;
                break;
            case RoomFact.Lost:
                window.RevertTo(Stored);
                Last = Stored;
                break;
        }
    }

    /// <summary>The member that a speaker is: of the same session, and not of a later generation than it speaks for.</summary>
    public Speaker? Find(Speaker who) =>
        _members.TryGetValue(who.User.Folded, out var member) && member.Session == who.Session && member.Generation <= who.Generation
            ? member
            : null;

    private RoomDecision Enter(Speaker who)
    {
        if (!_members.TryGetValue(who.User.Folded, out var member))
            return Happens(new RoomFact.Entered(who));
        if (member.Session == who.Session)
            return member.Generation <= who.Generation ? Happens(new RoomFact.Entered(who)) : Outdated();
        // The name went over to a later session whose predecessor's leave is still under way.
        return member.Session.CompareTo(who.Session) < 0
            ? Happens(new RoomFact.Left(member), new RoomFact.Entered(who))
            : Outdated();
    }

    private RoomDecision Post(RoomDemand.Post post, DateTime now)
    {
        if (!post.IsGuest && Find(post.Who) is null)
            return NotInRoom();
        if (window.Find(post.Who.User.Folded, post.Id) is not { } seen)
            return Happens(new RoomFact.Posted(Last + 1, post.Id, post.Who, post.Text, NotBefore(now)));
        return seen.Text == TextDigest.Of(post.Text)
            ? new RoomDecision.Known(post.Id, seen.Seq, seen.Timestamp, seen.Seq <= Stored)
            : new RoomDecision.Refused(
                ErrorCodes.IdConflict, "This id was used before, for another text. Send it under a new id.");
    }

    // The clock may step back; a room's times don't.
    private DateTime NotBefore(DateTime now)
    {
        var time = Timestamps.ToMilliseconds(now);
        return time > _lastTimestamp ? time : _lastTimestamp;
    }

    private RoomDecision.Refused NotInRoom() =>
        new(ErrorCodes.NotInRoom, $"You are not in the room {room}. Join it first.");

    private static RoomDecision.Refused Outdated() =>
        new(ErrorCodes.NotInRoom, "A newer connection speaks for this name. Log in again.");

    private static RoomDecision.Happens Happens(params IReadOnlyList<RoomFact> facts) => new(facts);
}
