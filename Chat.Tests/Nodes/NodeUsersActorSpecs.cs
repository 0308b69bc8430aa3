using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Actors.Nodes;
using Chat.Actors.Relays;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Nodes;

/// <summary>The sessions of a node; the test plays who arbitrates names, the connections, and what saves.</summary>
public sealed class NodeUsersActorSpecs : ActorSpecs
{
    // What the store was told; each save is let through by the test, or fails.
    private sealed class Saves : ISessionStore
    {
        private readonly Dictionary<string, SavedSession> _kept = [];
        private readonly Lock _gate = new();

        public StorageException? Fault { get; set; }

        public void Save(IReadOnlyCollection<SavedSession> sessions, IReadOnlyCollection<Speaker> ended)
        {
            lock (_gate)
            {
                if (Fault is { } fault)
                    throw fault;
                foreach (var session in sessions)
                    _kept[session.Who.User.Folded] = session;
                foreach (var who in ended.Where(who => _kept.TryGetValue(who.User.Folded, out var kept) && kept.Who.Session == who.Session))
                    _kept.Remove(who.User.Folded);
            }
        }

        public IReadOnlyList<SavedSession> Load()
        {
            lock (_gate)
                return [.. _kept.Values];
        }
    }

    private readonly ChatOptions _options;
    private readonly Saves _saves = new();
    private readonly SessionTokens _tokens = new([1, 2, 3]);
    private readonly TestProbe _relays;
    private readonly TestProbe _arbiter;
    private readonly IActorRef _users;

    public NodeUsersActorSpecs()
    {
        _options = new ChatOptions { Time = Time, Limits = new Limits { Grace = TimeSpan.FromSeconds(45) }, ReservedNames = new HashSet<string> { "bot" } };
        (_relays, _arbiter) = (CreateTestProbe(), CreateTestProbe());
        _users = Sys.ActorOf(NodeUsersActor.Props(_options, _relays.Ref, NodeLinks.None, _tokens, _saves));
    }

    private static UserName Name(string name) => UserName.Parse(name, out _)!.Value;

    private async Task<IReadOnlyList<NameMessages.Held>> Follow(long term = 1)
    {
        _users.Tell(new NameMessages.Arbiter(term), _arbiter.Ref);
        var all = new List<NameMessages.Held>();
        while (true)
        {
            var sessions = (NameMessages.Sessions)await _arbiter.FishForMessageAsync(message => message is NameMessages.Sessions);
            all.AddRange(sessions.All);
            if (!sessions.MoreFollow)
                return all;
        }
    }

    private TestProbe Login(string name, long connection = 1, string? token = null, bool hasGrace = true)
    {
        var probe = CreateTestProbe();
        _users.Tell(new UserCommands.Login(Name(name), token, connection, hasGrace), probe.Ref);
        return probe;
    }

    private async Task<NameMessages.Claim> Claimed() => (NameMessages.Claim)await _arbiter.FishForMessageAsync(message => message is NameMessages.Claim);

    private void Grant(NameMessages.Claim claim, long session, int generation = 1, bool resumed = false, params RoomName[] rooms) =>
        _users.Tell(new NameMessages.Granted(claim.Ticket, new Speaker(claim.Name, new SessionId(session), generation), resumed, rooms), _arbiter.Ref);

    private async Task<(LoginOutcome.Accepted Accepted, TestProbe Connection)> In(string name, long session, long connection = 1, params RoomName[] rooms)
    {
        var probe = Login(name, connection);
        Grant(await Claimed(), session);
        var accepted = await probe.ExpectMsgAsync<LoginOutcome.Accepted>();
        foreach (var room in rooms)
            _users.Tell(new UserCommands.EnterRoom(accepted.Who, room), probe.Ref);
        return (accepted, probe);
    }

    [Fact]
    public async Task Should_let_one_in_when_the_arbiter_grants_the_name()
    {
        await Follow();
        var connection = Login("Ana");
        var claim = await Claimed();
        Assert.Equal((Name("ana"), null, true), (claim.Name, claim.Session, claim.HasGrace));
        Assert.False(connection.HasMessages);
        Grant(claim, 77);
        var accepted = await connection.ExpectMsgAsync<LoginOutcome.Accepted>();
        Assert.Equal((77L, false, new SessionId(77)), (accepted.Who.Session.Value, accepted.Resumed, _tokens.Read(accepted.Token)));
    }

    [Fact]
    public async Task Should_refuse_one_when_the_arbiter_denies_the_name()
    {
        await Follow();
        var connection = Login("ana");
        _users.Tell(new NameMessages.Denied((await Claimed()).Ticket, ErrorCodes.NameTaken, "Choose another.", TimeSpan.FromSeconds(3)), _arbiter.Ref);
        var refused = await connection.ExpectMsgAsync<LoginOutcome.Refused>();
        Assert.Equal((ErrorCodes.NameTaken, TimeSpan.FromSeconds(3)), (refused.Code, refused.RetryAfter));
    }

    [Fact]
    public async Task Should_ask_the_next_arbiter_again_when_the_first_did_not_answer()
    {
        var connection = Login("ana");
        await Follow(1);
        var first = await Claimed();
        await Follow(2);
        Assert.Equal(first, await Claimed());
        // One of before, or whose clock is behind, is told so.
        var behind = CreateTestProbe();
        _users.Tell(new NameMessages.Arbiter(1), behind.Ref);
        Assert.Equal(2, (await behind.ExpectMsgAsync<NameMessages.Behind>()).Term);
        Grant(first, 77);
        await connection.ExpectMsgAsync<LoginOutcome.Accepted>();
    }

    [Fact]
    public async Task Should_ask_one_to_come_back_when_no_arbiter_answers_in_time()
    {
        var connection = Login("ana");
        await Follow();
        var claim = await Claimed();
        Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(ErrorCodes.Busy, (await connection.ExpectMsgAsync<LoginOutcome.Refused>()).Code);
        // A grant that comes too late gives the name back.
        Grant(claim, 77);
        Assert.Equal(77, ((NameMessages.Freed)await _arbiter.FishForMessageAsync(message => message is NameMessages.Freed)).Who.Session.Value);
        Assert.Empty(await Follow());
    }

    [Fact]
    public async Task Should_keep_a_session_that_was_moved_here_too_late_for_its_connection()
    {
        await Follow();
        var first = Login("ana", token: _tokens.Of(new SessionId(77)));
        var claim = await Claimed();
        Assert.Equal(new SessionId(77), claim.Session);
        Advance(TimeSpan.FromSeconds(5));
        await first.ExpectMsgAsync<LoginOutcome.Refused>();
        Grant(claim, 77, 3, resumed: true, General);
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Expect>()).Room);
        var second = Login("ana", 2, _tokens.Of(new SessionId(77)));
        var accepted = await second.ExpectMsgAsync<LoginOutcome.Accepted>();
        Assert.Equal((true, 4, General), (accepted.Resumed, accepted.Who.Generation, Assert.Single(accepted.Rooms)));
    }

    [Fact]
    public async Task Should_resume_a_session_of_its_own_without_asking_anybody()
    {
        await Follow();
        var (accepted, old) = await In("ana", 77, 1, General);
        var connection = Login("ana", 2, accepted.Token);
        var resumed = await connection.ExpectMsgAsync<LoginOutcome.Accepted>();
        Assert.Equal((true, 2), (resumed.Resumed, resumed.Who.Generation));
        await old.ExpectMsgAsync<UserNotices.Replaced>();
        Assert.Equal(2, (await _relays.ExpectMsgAsync<RelayCommands.Resumed>()).Who.Generation);
        await _arbiter.FishForMessageAsync(message => message is NameMessages.Waits { IsWaiting: false });
        Assert.False(_arbiter.HasMessages);
    }

    [Fact]
    public async Task Should_take_a_forged_token_for_none()
    {
        await Follow();
        Login("ana", token: new SessionTokens([9]).Of(new SessionId(77)));
        Assert.Null((await Claimed()).Session);
    }

    [Fact]
    public async Task Should_give_a_session_up_that_goes_on_elsewhere()
    {
        await Follow();
        var (accepted, connection) = await In("ana", 77, 1, General, Other);
        _users.Tell(new NameMessages.Yield(Name("ana"), new SessionId(77)), _arbiter.Ref);
        var yielded = (NameMessages.Yielded)await _arbiter.FishForMessageAsync(message => message is NameMessages.Yielded);
        Assert.Equal((1, 2), (yielded.Generation, yielded.Rooms.Count));
        await connection.ExpectMsgAsync<UserNotices.Replaced>();
        Assert.Equal(
            [General, Other],
            new[] { await _relays.ExpectMsgAsync<RelayCommands.Release>(), await _relays.ExpectMsgAsync<RelayCommands.Release>() }.Select(release => release.Room).Order());
        Assert.Empty(await Follow());
        // A late join is none of the session's any more, and nobody is to see it taken back; nor is its end.
        _users.Tell(new UserCommands.EnterRoom(accepted.Who, General));
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Release>()).Room);
        Sys.Stop(connection.Ref);
        Assert.Empty(await Follow());
    }

    [Fact]
    public async Task Should_say_that_it_has_not_a_session_that_it_is_asked_for()
    {
        await Follow();
        _users.Tell(new NameMessages.Yield(Name("ana"), new SessionId(77)), _arbiter.Ref);
        Assert.Equal(0, ((NameMessages.Yielded)await _arbiter.FishForMessageAsync(message => message is NameMessages.Yielded)).Generation);
    }

    [Fact]
    public async Task Should_tell_a_new_arbiter_which_sessions_it_has_and_which_wait()
    {
        await Follow();
        await In("ana", 77, 1);
        var (_, bob) = await In("bob", 78, 2);
        Sys.Stop(bob.Ref);
        await _arbiter.FishForMessageAsync(message => message is NameMessages.Waits { IsWaiting: true });
        var held = await Follow(2);
        Assert.Equal([("ana", false), ("bob", true)], held.Select(session => (session.Who.User.Value, session.IsWaiting)).Order());
    }

    [Fact]
    public async Task Should_have_the_rooms_left_and_the_name_freed_when_the_grace_period_is_over()
    {
        await Follow();
        var (_, connection) = await In("ana", 77, 1, General);
        Sys.Stop(connection.Ref);
        await _arbiter.FishForMessageAsync(message => message is NameMessages.Waits { IsWaiting: true });
        // Its timer runs when this is answered.
        await Follow();
        Advance(_options.Limits.Grace);
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Drop>()).Room);
        await _arbiter.FishForMessageAsync(message => message is NameMessages.Freed);
        await AwaitSaved();
    }

    [Fact]
    public async Task Should_save_its_sessions_as_they_change_and_forget_those_that_end()
    {
        await Follow();
        var (accepted, connection) = await In("ana", 77, 1, General);
        await AwaitSaved(("ana", 77L, 1));
        _users.Tell(new UserCommands.LeaveRoom(accepted.Who, General), connection.Ref);
        await AwaitSaved(("ana", 77L, 0));
        _users.Tell(new UserCommands.Logout(accepted.Who), connection.Ref);
        await AwaitSaved();
    }

    [Fact]
    public async Task Should_not_save_one_that_does_not_outlive_its_connection()
    {
        await Follow();
        var probe = Login("old", 1, hasGrace: false);
        Grant(await Claimed(), 77);
        await probe.ExpectMsgAsync<LoginOutcome.Accepted>();
        await In("ana", 78, 2);
        await AwaitSaved(("ana", 78L, 0));
    }

    [Fact]
    public async Task Should_save_again_when_it_could_not()
    {
        _saves.Fault = new StorageException("The database is away.");
        await Follow();
        await EventFilter.Error(contains: "can't be saved").ExpectOneAsync(async () =>
        {
            await In("ana", 77, 1, General);
            Advance(TimeSpan.FromSeconds(1));
        });
        _saves.Fault = null;
        await AwaitSaved(("ana", 77L, 1));
    }

    [Fact]
    public async Task Should_have_all_saved_and_released_before_others_may_have_its_sessions()
    {
        await Follow();
        await In("ana", 77, 1, General);
        _users.Tell(new NodeUsersActor.HandOver(), TestActor);
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Release>()).Room);
        await ExpectMsgAsync<NodeUsersActor.HandedOver>();
        Assert.Equal("ana", Assert.Single(_saves.Load()).Who.User.Value);
        await _arbiter.FishForMessageAsync(message => message is NameMessages.GoingAway);
        Assert.Equal(ErrorCodes.Busy, (await Login("bob", 2).ExpectMsgAsync<LoginOutcome.Refused>()).Code);
        Assert.Empty(await Follow(2));
    }

    [Fact]
    public async Task Should_refuse_a_name_that_is_reserved()
    {
        await Follow();
        Assert.Equal(ErrorCodes.NameTaken, (await Login("Bot").ExpectMsgAsync<LoginOutcome.Refused>()).Code);
        Assert.False(_arbiter.HasMessages);
    }

    // Saved in a while, off the actor.
    private Task AwaitSaved(params (string Name, long Session, int Rooms)[] expected) => AwaitAssertAsync(() =>
    {
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(expected, _saves.Load().Select(saved => (saved.Who.User.Value, saved.Who.Session.Value, saved.Rooms.Count)));
    });
}
