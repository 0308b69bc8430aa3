using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Nodes;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Nodes;

/// <summary>The rules by which names are given to the nodes of a cluster.</summary>
public sealed class NameBookTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(45);
    private static readonly Address NodeA = new("akka.tcp", "chat", "a", 1);
    private static readonly Address NodeB = new("akka.tcp", "chat", "b", 1);
    private static readonly RoomName General = RoomName.Trusted("general");

    private readonly NameBook _book;
    private long _last;

    public NameBookTests() => _book = new NameBook(Grace, () => ++_last);

    private static UserName Name(string name) => UserName.Parse(name, out _)!.Value;

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private ClaimOutcome Claim(string name, Address node, SessionId? session = null, double at = 0, bool hasGrace = true) =>
        _book.Claim(Name(name), session, hasGrace, node, At(at));

    private Speaker Granted(string name, Address node) => Assert.IsType<ClaimOutcome.Granted>(Claim(name, node)).Who;

    [Fact]
    public void Should_give_a_free_name_and_refuse_one_that_is_held()
    {
        var ana = Granted("Ana", NodeA);
        Assert.Equal(("Ana", 1, 1L), (ana.User.Value, ana.Generation, ana.Session.Value));
        var denied = Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeB));
        Assert.Equal((ErrorCodes.NameTaken, null), (denied.Code, denied.RetryAfter));
        Assert.NotEqual(ana.Session, Granted("bob", NodeB).Session);
    }

    [Fact]
    public void Should_say_when_to_try_again_when_the_session_waits_for_a_connection()
    {
        var ana = Granted("ana", NodeA);
        _book.Waits(ana.Session, isWaiting: true, NodeA, At(10));
        Assert.Equal(At(40), Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeB, at: 15)).RetryAfter);
        _book.Waits(ana.Session, isWaiting: false, NodeA, At(20));
        Assert.Null(Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeB, at: 25)).RetryAfter);
    }

    [Fact]
    public void Should_have_its_node_give_a_session_up_before_another_gets_it()
    {
        var ana = Granted("ana", NodeA);
        Assert.Equal(new ClaimOutcome.MustYield(NodeA, ana), Claim("ana", NodeB, ana.Session));
        var moved = _book.Move(ana with { Generation = 7 }, [General], hasGrace: true, NodeB);
        Assert.Equal((8, true, General), (moved!.Who.Generation, moved.Resumed, Assert.Single(moved.Rooms)));
        Assert.Equal(NodeB, Assert.IsType<ClaimOutcome.MustYield>(Claim("ana", NodeA, ana.Session)).Node);
    }

    [Fact]
    public void Should_refuse_a_session_under_another_name_and_take_an_unknown_one_for_none()
    {
        var ana = Granted("ana", NodeA);
        Assert.Equal(ErrorCodes.BadSession, Assert.IsType<ClaimOutcome.Denied>(Claim("bob", NodeB, ana.Session)).Code);
        Assert.False(Assert.IsType<ClaimOutcome.Granted>(Claim("bob", NodeB, new SessionId(99))).Resumed);
        Assert.Equal(ErrorCodes.NameTaken, Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeB, new SessionId(99))).Code);
    }

    [Fact]
    public void Should_keep_the_names_of_a_node_that_is_gone_for_the_grace_period()
    {
        var ana = Granted("ana", NodeA);
        var bob = Granted("bob", NodeB);
        Assert.Equal([ana], _book.Gone(NodeA, At(100)));
        Assert.Equal(At(40), Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeB, at: 105)).RetryAfter);
        Assert.Empty(_book.Expire(At(144)));
        Assert.Equal([ana], _book.Expire(At(145)));
        Assert.NotEqual(ana.Session, Granted("ana", NodeB).Session);
        Assert.Equal(ErrorCodes.NameTaken, Assert.IsType<ClaimOutcome.Denied>(Claim("bob", NodeA)).Code);
        Assert.Equal(2, _book.Count);
        _book.Free(bob.Session, NodeB);
        Assert.Equal(1, _book.Count);
    }

    [Fact]
    public void Should_resume_what_was_saved_of_a_node_that_is_gone()
    {
        var ana = Granted("ana", NodeA);
        _book.Gone(NodeA, At(0));
        Assert.NotNull(_book.Saved(new SavedSession(ana with { Generation = 5 }, [General]), knownOnly: true, At(1)));
        var resumed = Assert.IsType<ClaimOutcome.Granted>(Claim("ana", NodeB, ana.Session, at: 2));
        // Of resumes that weren't saved any more.
        Assert.True(resumed.Who.Generation > 5 + 100);
        Assert.Equal((true, General), (resumed.Resumed, Assert.Single(resumed.Rooms)));
        Assert.Empty(_book.Expire(At(1_000)));
    }

    [Fact]
    public void Should_free_the_name_at_once_when_its_session_does_not_outlive_its_node()
    {
        Assert.IsType<ClaimOutcome.Granted>(Claim("ana", NodeA, hasGrace: false));
        Assert.Empty(_book.Gone(NodeA, At(0)));
        Granted("ana", NodeB);
    }

    [Fact]
    public void Should_wait_for_saved_sessions_that_no_node_has_when_it_begins_anew()
    {
        var (ana, bob) = (new Speaker(Name("ana"), new SessionId(10), 3), new Speaker(Name("bob"), new SessionId(11), 1));
        _book.Report(bob, NodeB, hasGrace: true, isWaiting: false, At(0));
        Assert.Null(_book.Saved(new SavedSession(bob, [General]), knownOnly: false, At(0)));
        Assert.NotNull(_book.Saved(new SavedSession(ana, [General]), knownOnly: false, At(0)));
        Assert.Equal(Grace, Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeB)).RetryAfter);
        Assert.True(Assert.IsType<ClaimOutcome.Granted>(Claim("ana", NodeB, ana.Session)).Resumed);
    }

    [Fact]
    public void Should_not_wait_for_a_session_that_ended_when_a_later_reading_still_has_it()
    {
        var ana = Granted("ana", NodeA);
        _book.Free(ana.Session, NodeA);
        Assert.Null(_book.Saved(new SavedSession(ana, [General]), knownOnly: true, At(0)));
        Granted("ana", NodeB);
    }

    [Fact]
    public void Should_let_the_later_session_have_the_name_when_two_nodes_report_it()
    {
        var (first, second) = (new Speaker(Name("ana"), new SessionId(10), 1), new Speaker(Name("ana"), new SessionId(11), 1));
        Assert.Null(_book.Report(second, NodeB, hasGrace: true, isWaiting: false, At(0)));
        Assert.Equal((NodeA, first), _book.Report(first, NodeA, hasGrace: true, isWaiting: false, At(0)));
        Assert.Equal(NodeB, Assert.IsType<ClaimOutcome.MustYield>(Claim("ana", NodeA, second.Session)).Node);
        Assert.Equal(1, _book.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Should_have_the_node_give_a_session_up_that_was_taken_up_elsewhere_since(bool isLaterFirst)
    {
        var before = new Speaker(Name("ana"), new SessionId(10), 1);
        var after = before with { Generation = 2 };
        (Speaker Who, Address Node)[] reports = isLaterFirst ? [(after, NodeB), (before, NodeA)] : [(before, NodeA), (after, NodeB)];
        Assert.Null(_book.Report(reports[0].Who, reports[0].Node, hasGrace: true, isWaiting: false, At(0)));
        Assert.Equal((NodeA, before), _book.Report(reports[1].Who, reports[1].Node, hasGrace: true, isWaiting: false, At(0)));
        Assert.Equal(NodeB, Assert.IsType<ClaimOutcome.MustYield>(Claim("ana", NodeA, before.Session)).Node);
        // The same node may say so twice.
        Assert.Null(_book.Report(after, NodeB, hasGrace: true, isWaiting: false, At(0)));
        Assert.Null(_book.Report(before, NodeB, hasGrace: true, isWaiting: false, At(0)));
    }

    [Fact]
    public void Should_tell_which_sessions_wait_for_a_node()
    {
        var ana = Granted("ana", NodeA);
        Assert.False(_book.IsOnNone(ana.Session));
        _book.Gone(NodeA, At(0));
        Assert.True(_book.IsOnNone(ana.Session));
        Assert.False(_book.IsOnNone(new SessionId(12)));
    }

    [Fact]
    public void Should_not_end_a_session_that_is_elsewhere_by_now()
    {
        var ana = Granted("ana", NodeA);
        _book.Move(ana, [], hasGrace: true, NodeB);
        _book.Free(ana.Session, NodeA);
        _book.Waits(ana.Session, isWaiting: true, NodeA, At(0));
        Assert.Null(Assert.IsType<ClaimOutcome.Denied>(Claim("ana", NodeA)).RetryAfter);
    }

    [Fact]
    public void Should_know_nothing_of_a_session_that_moves_when_it_ended_meanwhile()
    {
        var ana = Granted("ana", NodeA);
        _book.Free(ana.Session, NodeA);
        Assert.Null(_book.Move(ana, [General], hasGrace: true, NodeB));
    }
}
