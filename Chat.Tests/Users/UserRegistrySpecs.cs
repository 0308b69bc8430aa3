using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Relays;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Users;

public sealed class UserRegistrySpecs : ActorSpecs
{
    private readonly ChatOptions _options;
    private readonly TestProbe _relays;
    private readonly IActorRef _users;
    private long _opened;

    public UserRegistrySpecs()
    {
        _options = new ChatOptions { Time = Time };
        _relays = CreateTestProbe();
        _users = Sys.ActorOf(UserRegistryActor.Props(_options, _relays.Ref), "users");
    }

    private TimeSpan Grace => _options.Limits.Grace;

    private async Task<LoginOutcome> Login(TestProbe connection, string name, string? token = null, bool hasGrace = true, long? number = null)
    {
        _users.Tell(new UserCommands.Login(UserName.Parse(name, out _)!.Value, token, number ?? ++_opened, hasGrace), connection.Ref);
        return await connection.ExpectMsgAsync<LoginOutcome>();
    }

    private async Task<LoginOutcome.Accepted> Accepted(TestProbe connection, string name, string? token = null, bool hasGrace = true) =>
        Assert.IsType<LoginOutcome.Accepted>(await Login(connection, name, token, hasGrace));

    private async Task<LoginOutcome.Refused> Refused(string name, string? token = null) =>
        Assert.IsType<LoginOutcome.Refused>(await Login(CreateTestProbe(), name, token));

    // The end of a connection is known when its name says how long it is kept.
    private async Task Lose(TestProbe connection, string name)
    {
        Sys.Stop(connection.Ref);
        await AwaitAssertAsync(async () => Assert.NotNull((await Refused(name)).RetryAfter));
    }

    private async Task AwaitFree(string name) =>
        await AwaitAssertAsync(async () => Assert.IsType<LoginOutcome.Accepted>(await Login(CreateTestProbe(), name)));

    [Fact]
    public async Task Should_refuse_a_name_without_a_time_when_its_holder_is_there()
    {
        await Accepted(CreateTestProbe(), "ana");
        var refused = await Refused("ANA");
        Assert.Equal((ErrorCodes.NameTaken, null), (refused.Code, refused.RetryAfter));
    }

    [Fact]
    public async Task Should_keep_name_and_rooms_for_a_while_when_the_connection_is_lost()
    {
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        var ana = await Accepted(first, "ana");
        _users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        await Lose(first, "ana");
        Advance(Grace - TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), (await Refused("ana")).RetryAfter);

        var resumed = await Accepted(second, "ana", ana.Token);
        Assert.Equal((true, 2), (resumed.Resumed, resumed.Who.Generation));
        Assert.Equal([General], resumed.Rooms);
        Assert.Equal(resumed.Who, (await _relays.ExpectMsgAsync<RelayCommands.Resumed>()).Who);
        Advance(Grace * 2);
        Assert.Null((await Refused("ana")).RetryAfter);
        Assert.False(_relays.HasMessages);
    }

    [Fact]
    public async Task Should_leave_every_room_and_free_the_name_when_the_grace_period_is_over()
    {
        var connection = CreateTestProbe();
        var ana = await Accepted(connection, "ana");
        foreach (var room in (RoomName[])[General, Other, RoomName.Trusted("left")])
            _users.Tell(new UserCommands.EnterRoom(ana.Who, room));
        _users.Tell(new UserCommands.LeaveRoom(ana.Who, RoomName.Trusted("left")));
        await Lose(connection, "ana");
        Advance(Grace);

        var drops = new[] { await _relays.ExpectMsgAsync<RelayCommands.Drop>(), await _relays.ExpectMsgAsync<RelayCommands.Drop>() };
        Assert.Equal([General, Other], drops.Select(drop => drop.Room).Order());
        Assert.All(drops, drop => Assert.Equal(ana.Who, drop.Who));
        Assert.False((await Accepted(CreateTestProbe(), "ana", ana.Token)).Resumed);
        Assert.False(_relays.HasMessages);
    }

    [Fact]
    public async Task Should_free_a_name_by_its_own_timer_when_several_grace_periods_run()
    {
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        var ana = await Accepted(first, "ana");
        var bob = await Accepted(second, "bob");
        _users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        _users.Tell(new UserCommands.EnterRoom(bob.Who, Other));
        await Lose(first, "ana");
        Advance(Grace / 2);
        await Lose(second, "bob");
        Advance(Grace / 2);
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Drop>()).Room);
        Assert.NotNull((await Refused("bob")).RetryAfter);
        Advance(Grace / 2);
        Assert.Equal(Other, (await _relays.ExpectMsgAsync<RelayCommands.Drop>()).Room);
    }

    [Fact]
    public async Task Should_count_a_grace_period_as_over_when_its_timer_has_not_rung_yet()
    {
        var connection = CreateTestProbe();
        var ana = await Accepted(connection, "ana");
        _users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        await Lose(connection, "ana");
        Time.Advance(Grace);
        Assert.False((await Accepted(CreateTestProbe(), "ana", ana.Token)).Resumed);
        await _relays.ExpectMsgAsync<RelayCommands.Drop>();
    }

    [Fact]
    public async Task Should_replace_the_older_connection_when_the_session_is_resumed_beside_it()
    {
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        var ana = await Accepted(first, "ana");
        _users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        var resumed = await Accepted(second, "ana", ana.Token);
        await first.ExpectMsgAsync<UserNotices.Replaced>();
        Assert.Equal(1, ana.Who.Generation);
        await _relays.ExpectMsgAsync<RelayCommands.Resumed>();

        // What the older one still says counts for nothing, its end included; a room that it entered late is left for it.
        _users.Tell(new UserCommands.LeaveRoom(ana.Who, General));
        _users.Tell(new UserCommands.EnterRoom(ana.Who, Other));
        Assert.Equal(new RelayCommands.Drop(Other, ana.Who), await _relays.ExpectMsgAsync<RelayCommands.Drop>());
        _users.Tell(new UserCommands.Logout(ana.Who));
        Watch(first.Ref);
        Sys.Stop(first.Ref);
        await ExpectTerminatedAsync(first.Ref);
        Assert.Null((await Refused("ana")).RetryAfter);
        Advance(Grace * 2);
        _users.Tell(new UserCommands.Logout(resumed.Who));
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Drop>()).Room);
        await AwaitFree("ana");
        Assert.False(_relays.HasMessages);
    }

    [Fact]
    public async Task Should_replace_the_older_connection_when_its_own_login_comes_after_the_newer_ones()
    {
        var (newer, older) = (CreateTestProbe(), CreateTestProbe());
        var ana = await Accepted(CreateTestProbe(), "ana");
        var number = ++_opened;
        _users.Tell(new UserCommands.EnterRoom((await Accepted(newer, "ana", ana.Token)).Who, General));
        Assert.IsType<LoginOutcome.Replaced>(await Login(older, "ana", ana.Token, number: number));

        // Neither its login nor its end is the newer one's.
        Watch(older.Ref);
        Sys.Stop(older.Ref);
        await ExpectTerminatedAsync(older.Ref);
        Assert.Null((await Refused("ana")).RetryAfter);
        Assert.False(newer.HasMessages);
        Assert.False(_relays.HasMessages);
    }

    [Fact]
    public async Task Should_tell_the_relays_before_the_new_connection_when_a_session_is_resumed()
    {
        // One mailbox for both shows the order.
        var probe = CreateTestProbe();
        var users = Sys.ActorOf(UserRegistryActor.Props(_options, probe.Ref));
        var name = UserName.Parse("ana", out _)!.Value;
        var first = CreateTestProbe();
        users.Tell(new UserCommands.Login(name, null, 1, true), first.Ref);
        var ana = (LoginOutcome.Accepted)await first.ExpectMsgAsync<LoginOutcome>();
        users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        users.Tell(new UserCommands.Login(name, ana.Token, 2, true), probe.Ref);
        await probe.ExpectMsgAsync<RelayCommands.Resumed>();
        await probe.ExpectMsgAsync<LoginOutcome>();
    }

    [Fact]
    public async Task Should_refuse_a_session_when_it_is_of_another_name()
    {
        var ana = await Accepted(CreateTestProbe(), "ana");
        Assert.Equal(ErrorCodes.BadSession, (await Refused("bob", ana.Token)).Code);
        await Accepted(CreateTestProbe(), "bob");
    }

    [Fact]
    public async Task Should_free_the_name_at_once_when_its_session_logs_out()
    {
        var connection = CreateTestProbe();
        var ana = await Accepted(connection, "ana");
        _users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        _users.Tell(new UserCommands.Logout(ana.Who), connection.Ref);
        Assert.Equal(new RelayCommands.Drop(General, ana.Who), await _relays.ExpectMsgAsync<RelayCommands.Drop>());
        var later = await Accepted(CreateTestProbe(), "ana");
        Assert.True(later.Who.Session.CompareTo(ana.Who.Session) > 0);

        // The end of the connection that logged out is not the later one's.
        Watch(connection.Ref);
        Sys.Stop(connection.Ref);
        await ExpectTerminatedAsync(connection.Ref);
        Assert.Null((await Refused("ana")).RetryAfter);
    }

    [Fact]
    public async Task Should_have_no_grace_period_when_the_connection_asked_for_none()
    {
        var connection = CreateTestProbe();
        var ana = await Accepted(connection, "ana", hasGrace: false);
        _users.Tell(new UserCommands.EnterRoom(ana.Who, General));
        Sys.Stop(connection.Ref);
        Assert.Equal(General, (await _relays.ExpectMsgAsync<RelayCommands.Drop>()).Room);
        await Accepted(CreateTestProbe(), "ana");
    }

    [Fact]
    public async Task Should_begin_the_grace_period_when_the_connection_was_gone_before_it_was_accepted()
    {
        var connection = CreateTestProbe();
        Watch(connection.Ref);
        Sys.Stop(connection.Ref);
        await ExpectTerminatedAsync(connection.Ref);
        _users.Tell(new UserCommands.Login(UserName.Parse("ana", out _)!.Value, null, ++_opened, true), connection.Ref);
        await AwaitAssertAsync(async () => Assert.NotNull((await Refused("ana")).RetryAfter));
        Advance(Grace);
        await AwaitFree("ana");
    }
}
