using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Relays;

/// <summary>Two connections of one session: the older one's, and the one that resumed it.</summary>
public sealed class RelayGenerationSpecs : RelaySpecs
{
    private static Speaker Resumed => Ana with { Generation = 2 };

    private FakeClient _old = null!;
    private FakeClient _new = null!;

    private async Task StartResumed()
    {
        await Start();
        (_old, _new) = (NewClient(), NewClient());
        await JoinLive(_old, Ana);
        Relay.Tell(new RelayCommands.Resumed(General, Resumed, Connection.Ref));
    }

    [Fact]
    public async Task Should_send_nothing_to_either_when_the_session_was_resumed_and_has_not_joined_again()
    {
        await StartResumed();
        Deliver(1);
        await Settled();
        Assert.Single(_old.Writer.Frames);
        Assert.Empty(_new.Writer.Frames);
        Assert.Equal([1], Seqs(await JoinLive(_new, Resumed, since: 0)));
        Deliver(1);
        Assert.Equal(2, (await _new.Expect<ServerEvent.Message>()).Seq);
        Assert.Single(_old.Writer.Frames);
    }

    [Fact]
    public async Task Should_go_in_again_without_being_sent_anything_when_the_session_is_resumed_and_was_no_member()
    {
        await Start();
        (_old, _new) = (NewClient(), NewClient());
        Relay.Tell(new RelayCommands.Resumed(General, Resumed, Connection.Ref));
        Assert.Equal(Resumed, (await LetIn()).Who);
        Deliver(1);
        Publish(_new, Resumed, "m1", "a member");
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Assert.Empty(_new.Writer.Frames);
        Assert.Equal([1], Seqs(await JoinLive(_new, Resumed, since: 0)));
    }

    [Fact]
    public async Task Should_be_outside_when_the_session_is_resumed_and_can_not_go_in_again()
    {
        await Start();
        _new = NewClient();
        Relay.Tell(new RelayCommands.Resumed(General, Resumed, Connection.Ref));
        var enter = await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        Reply(new RoomReplies.Refused(General, enter.Ticket, new ServerEvent.Error(ErrorCodes.StorageUnavailable, "no", General.Value)));
        Publish(_new, Resumed, "m1", "no member");
        Assert.Equal(ErrorCodes.NotInRoom, (await _new.Expect<ServerEvent.Error>()).Code);
    }

    [Fact]
    public async Task Should_go_in_behind_the_leave_when_the_session_is_resumed_while_an_older_connection_leaves()
    {
        await Start();
        (_old, _new) = (NewClient(), NewClient());
        await JoinLive(_old, Ana);
        Leave(_old, Ana);
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        Relay.Tell(new RelayCommands.Resumed(General, Resumed, Connection.Ref));
        Reply(new RoomReplies.LeftRoom(General, leave.Ticket, "ana", 0, Time.Now));
        await LetIn();
        Publish(_new, Resumed, "m1", "a member");
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
    }

    [Fact]
    public async Task Should_tell_every_connection_with_a_member_when_it_fails()
    {
        await Start();
        var bob = CreateTestProbe();
        await JoinLive(NewClient(), Ana);
        Relay.Tell(new RelayCommands.Detach(General, Ana));
        await JoinLive(NewClient(), Bob);
        // One that didn't join again yet would be a member of a room that doesn't know it.
        Relay.Tell(new RelayCommands.Resumed(General, Bob with { Generation = 2 }, bob.Ref));
        await JoinLive(NewClient(), Speaker("eve", 3));
        Parent.IgnoreNoMessages();
        await Fail();
        await bob.ExpectMsgAsync<RelayCommands.Failed>();
        await Connection.ExpectMsgAsync<RelayCommands.Failed>();
        Assert.False(Connection.HasMessages);
        Relay.Tell(ChildReports.Stop.Instance);
        await Parent.ExpectTerminatedAsync(Relay);
    }

    // Over what no room would send.
    private async Task Fail()
    {
        Parent.Watch(Relay);
        Reply(new RoomReplies.Delivered(General, [], null!));
        await Parent.FishForMessageAsync(message => message is ChildReports.Failed);
    }

    public static TheoryData<string> Waiting => ["publish", "type", "leave", "who", "history"];

    [Theory]
    [MemberData(nameof(Waiting))]
    public async Task Should_tell_whoever_waits_for_an_answer_when_it_fails(string request)
    {
        await Start();
        var (client, asker) = (NewClient(), CreateTestProbe());
        await JoinLive(client, Ana);
        Relay.Tell(new RelayCommands.Detach(General, Ana));
        Relay.Tell(Request(request, client), asker.Ref);
        Assert.NotNull(await Rooms.ExpectMsgAsync<IWithRoom>());
        Parent.IgnoreNoMessages();
        await Fail();
        await asker.ExpectMsgAsync<RelayCommands.Failed>();
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public async Task Should_tell_whoever_asks_behind_its_failure(string request)
    {
        await Start();
        Parent.IgnoreNoMessages();
        await Fail();
        var (client, asker) = (NewClient(), CreateTestProbe());
        Relay.Tell(Request(request, client), asker.Ref);
        await asker.ExpectMsgAsync<RelayCommands.Failed>();
        Relay.Tell(new RelayCommands.Join(General, Ana, client.Outbox, new Request.Join("general")), asker.Ref);
        await asker.ExpectMsgAsync<RelayCommands.Failed>();
        Relay.Tell(new RelayCommands.Resumed(General, Resumed, asker.Ref));
        await asker.ExpectMsgAsync<RelayCommands.Failed>();
        Assert.False(Rooms.HasMessages);
    }

    private static IWithRoom Request(string request, FakeClient client) => request switch
    {
        "publish" => new RelayCommands.Publish(General, Ana, client.Outbox, "p", "hello"),
        "type" => new RelayCommands.Type(General, Ana, client.Outbox, "t"),
        "leave" => new RelayCommands.Leave(General, Ana, client.Outbox, "l"),
        "who" => new RoomQueries.Who(General, "w"),
        _ => new RoomQueries.History(General, "h", null, null, 5),
    };

    [Fact]
    public async Task Should_change_nothing_when_the_older_connection_is_detached_late()
    {
        await StartResumed();
        await JoinLive(_new, Resumed);
        Relay.Tell(new RelayCommands.Detach(General, Ana));
        Deliver(1);
        await _new.Expect<ServerEvent.Message>();
    }

    [Fact]
    public async Task Should_refuse_the_older_connection_when_it_speaks_late()
    {
        await StartResumed();
        Publish(_old, Ana, "p", "late");
        Leave(_old, Ana);
        Relay.Tell(new RelayCommands.Type(General, Ana, _old.Outbox, "t"));
        await Settled();
        Assert.Equal(["p", "l", "t"], _old.Writer.Frames.OfType<ServerEvent.Error>().Select(error => error.Id));
        Assert.All(_old.Writer.Frames.OfType<ServerEvent.Error>(), error => Assert.Equal(ErrorCodes.NotInRoom, error.Code));
    }

    [Fact]
    public async Task Should_take_no_place_of_the_newer_one_when_the_older_connection_joins_late()
    {
        await StartResumed();
        await JoinLive(_new, Resumed);
        Join(_old, Ana);
        Relay.Tell(new RelayCommands.Drop(General, Ana));
        Deliver(1);
        await _new.Expect<ServerEvent.Message>();
        await Settled();
        Assert.False(Rooms.HasMessages);
    }

    [Fact]
    public async Task Should_drop_the_page_when_the_session_is_resumed_while_it_is_read()
    {
        Stored.Fill(3, Time.Now);
        await Start();
        (_old, _new) = (NewClient(), NewClient());
        Join(_old, Ana);
        await LetIn();
        var read = await ReadNext();
        Relay.Tell(new RelayCommands.Resumed(General, Resumed, Connection.Ref));
        Reply(read);
        Assert.Equal([1, 2, 3], Seqs(await JoinLive(_new, Resumed)));
        Assert.Empty(_old.Writer.Frames);
    }

    [Fact]
    public async Task Should_stay_a_member_without_being_sent_anything_when_its_connection_is_gone()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        Relay.Tell(new RelayCommands.Detach(General, Ana));
        Deliver(1);
        await bob.Expect<ServerEvent.Message>();
        await Settled();
        Assert.Single(ana.Writer.Frames);
        Publish(ana, Ana, "m1", "still a member");
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
    }

    [Fact]
    public async Task Should_leave_for_the_session_when_it_is_dropped()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Relay.Tell(new RelayCommands.Detach(General, Ana));
        Relay.Tell(new RelayCommands.Drop(General, Ana));
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        Assert.Equal(Ana, leave.Who);
        Reply(new RoomReplies.LeftRoom(General, leave.Ticket, "ana", 0, default));
        await Settled();
        Assert.Single(ana.Writer.Frames);
        Parent.IgnoreNoMessages();
        await Settled();
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    [Fact]
    public async Task Should_try_again_to_leave_when_the_room_could_not_take_it()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Relay.Tell(new RelayCommands.Drop(General, Ana));
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        Reply(new RoomReplies.Refused(General, leave.Ticket, new ServerEvent.Error(ErrorCodes.Busy, "Later.", "general")));
        await Settled();
        Advance(Options.StorageRetry);
        await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
    }

    [Fact]
    public async Task Should_not_leave_when_one_came_back_before_leaving_was_tried_again()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Relay.Tell(new RelayCommands.Drop(General, Ana));
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        Reply(new RoomReplies.Refused(General, leave.Ticket, new ServerEvent.Error(ErrorCodes.Busy, "Later.", "general")));
        await JoinLive(ana, Ana);
        Advance(Options.StorageRetry);
        await Settled();
        Assert.False(Rooms.HasMessages);
        Deliver(1);
        await ana.Expect<ServerEvent.Message>();
    }
}
