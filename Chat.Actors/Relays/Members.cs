using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>A session's membership on this node. Without a subscription it is in the room and nothing is sent.</summary>
internal sealed class Member(Speaker who)
{
    public Speaker Who { get; set; } = who;

    /// <summary>Its connection; nobody where it has none.</summary>
    public IActorRef Connection { get; set; } = ActorRefs.Nobody;

    public Subscription? Subscription { get; set; }

    /// <summary>Its place among <see cref="Members.All"/>.</summary>
    public int Place { get; set; }

    /// <summary>The room let it in, and it hasn't left since.</summary>
    public bool IsIn { get; set; }

    /// <summary>It was in before its session came here, and the room needn't know yet that it has.</summary>
    public bool ComesBack { get; set; }

    /// <summary>The ticket of its latest join.</summary>
    public long EnterTicket { get; set; }

    /// <summary>The ticket of its latest leave.</summary>
    public long LeaveTicket { get; set; }

    /// <summary>A leave is under way, and no join behind it.</summary>
    public bool IsLeaving => LeaveTicket > EnterTicket;

    /// <summary>When its typing was last told, a timestamp of the time provider.</summary>
    public long? TypedAt { get; set; }
}

/// <summary>The sessions of this node that are in a room, or on their way in.</summary>
internal sealed class Members
{
    private readonly Dictionary<SessionId, Member> _bySession = [];
    private readonly List<Member> _all = [];

    public int Count => _all.Count;

    /// <summary>In no order.</summary>
    public IReadOnlyList<Member> All => _all;

    public Member? Find(SessionId session) => _bySession.GetValueOrDefault(session);

    /// <summary>The member that a speaker is; an older connection of its session is none.</summary>
    public Member? Find(Speaker who) => Find(who.Session) is { } member && member.Who.Generation <= who.Generation ? member : null;

    public Member Add(Speaker who)
    {
        var member = new Member(who) { Place = _all.Count };
        _bySession.Add(who.Session, member);
        _all.Add(member);
        return member;
    }

    /// <summary>False where it was forgotten already.</summary>
    public bool Remove(Member member)
    {
        if (!Holds(member))
            return false;
        _bySession.Remove(member.Who.Session);
        var last = _all[^1];
        (_all[member.Place], last.Place) = (last, member.Place);
        _all.RemoveAt(_all.Count - 1);
        return true;
    }

    /// <summary>Whether the session is still this member, and this its latest subscription.</summary>
    public bool IsCurrent(Member member, Subscription subscription) =>
        ReferenceEquals(member.Subscription, subscription) && Holds(member);

    private bool Holds(Member member) => ReferenceEquals(Find(member.Who.Session), member);
}
