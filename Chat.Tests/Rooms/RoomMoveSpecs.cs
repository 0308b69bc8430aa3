using Akka.Actor;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

/// <summary>A room of a cluster: it moves to another node, and its members come back by another.</summary>
public sealed class RoomMoveSpecs : RoomSpecs
{
    [Fact]
    public async Task Should_say_where_it_is_and_wait_for_what_the_asker_has_to_say()
    {
        var room = await Start();
        room.Tell(new RoomQueries.Where(General), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Here>();
        Assert.Equal(room, Relay.LastSender);
        // It would rest at once otherwise, as nobody ever wrote in it.
        await ExpectNothingFrom(room);
        Assert.False(Parent.HasMessages);
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    [Fact]
    public async Task Should_store_and_tell_what_it_has_taken_before_it_moves_on()
    {
        var append = Store.Faults.Hold(StorageCall.Append);
        var room = await StartWith(Ana);
        Parent.Watch(room);
        Post(room, Ana, "m1", "one", 1);
        await append.Reached;
        Post(room, Ana, "m2", "two", 2);
        room.Tell(ChildReports.MoveOn.Instance, Parent.Ref);
        // Too late: its successor is asked for that.
        Post(room, Ana, "m3", "three", 3);
        append.Release();
        Assert.Equal([1], (await Relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks.Select(ack => ack.Ticket));
        Assert.Equal([2], (await Relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks.Select(ack => ack.Ticket));
        Assert.False((await Relay.ExpectMsgAsync<RoomReplies.Ending>()).IsFailure);
        await Parent.ExpectTerminatedAsync(room);
        Assert.Equal(["one", "two"], Stored.Messages.Select(message => message.Text));
        Assert.False(Relay.HasMessages);
    }

    [Fact]
    public async Task Should_move_on_at_once_when_nothing_waits_though_its_log_is_not_open_yet()
    {
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        Parent.Watch(room);
        await open.Reached;
        room.Tell(ChildReports.MoveOn.Instance, Parent.Ref);
        open.Release();
        await Parent.ExpectTerminatedAsync(room);
    }

    [Fact]
    public async Task Should_move_on_though_its_writer_fails_over_what_it_has_taken()
    {
        var append = Store.Faults.Hold(StorageCall.Append);
        Store.Faults.Fail(StorageCall.Append, with: new InvalidOperationException("A bug."));
        var room = await StartWith(Ana);
        Parent.Watch(room);
        Post(room, Ana, "m1", "one", 1);
        await append.Reached;
        room.Tell(ChildReports.MoveOn.Instance, Parent.Ref);
        append.Release();
        Assert.True((await Relay.FishForMessageAsync<RoomReplies.Ending>(_ => true)).HasMoved);
        await Parent.ExpectTerminatedAsync(room);
    }

    [Fact]
    public async Task Should_tell_who_waits_for_its_log_that_it_moves_on()
    {
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        await open.Reached;
        room.Tell(new RoomQueries.Who(General, "w"), Relay.Ref);
        room.Tell(ChildReports.MoveOn.Instance, Parent.Ref);
        Assert.True((await Relay.ExpectMsgAsync<RoomReplies.Ending>()).HasMoved);
        open.Release();
    }

    [Fact]
    public async Task Should_take_in_who_is_in_while_its_log_opens_whatever_else_waits()
    {
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        await open.Reached;
        Stored.Fill(2, Time.Now);
        Parent.IgnoreMessages(message => message is ChildReports.Storage or ChildReports.Population { HasLog: false });
        Relay.IgnoreMessages(message => message is RoomReplies.Opening or RoomReplies.Notice or RoomReplies.PageRead);
        // More than may wait.
        for (var read = 0; read < 20_001; read++)
            room.Tell(new RoomCommands.ReadPage(General, 1, read + 1), Relay.Ref);
        Assert.Equal(ErrorCodes.Busy, (await ExpectRefused(20_001)).Code);
        room.Tell(new RoomCommands.Attach(General, [Ana]), Relay.Ref);
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Done>();
        open.Release();
        await Relay.ExpectMsgAsync<RoomReplies.Attached>();
        // Now that it is known.
        Assert.Equal(2, (await Parent.ExpectMsgAsync<ChildReports.Population>()).Online);
        Relay.IgnoreNoMessages();
        Assert.Equal(["ana", "bob"], await Members(room));
    }

    [Fact]
    public async Task Should_refuse_what_can_not_be_stored_any_more_before_it_moves_on()
    {
        var append = Store.Faults.Hold(StorageCall.Append);
        Store.Faults.Fail(StorageCall.Append);
        var room = await StartWith(Ana);
        Parent.Watch(room);
        Post(room, Ana, "m1", "one", 1);
        await append.Reached;
        room.Tell(ChildReports.MoveOn.Instance, Parent.Ref);
        append.Release();
        Assert.Equal(ErrorCodes.StorageUnavailable, (await ExpectRefused(1)).Code);
        await Relay.ExpectMsgAsync<RoomReplies.Ending>();
        await Parent.ExpectTerminatedAsync(room);
    }

    [Fact]
    public async Task Should_have_who_is_expected_in_the_room_without_a_notice_until_the_grace_period_is_over()
    {
        var room = await StartWith(Ana);
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), Relay.Ref);
        Assert.Equal(new RoomReplies.Done(General, 5), await Relay.ExpectMsgAsync<RoomReplies.Done>());
        Assert.Equal(["ana", "bob"], await Members(room));
        Advance(Options.Limits.Grace - TimeSpan.FromSeconds(1));
        await ExpectNothingFrom(room);
        Advance(TimeSpan.FromSeconds(1));
        var left = Assert.IsType<ServerEvent.Left>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>()));
        Assert.Equal(("bob", 1), (left.User, left.Online));
    }

    [Fact]
    public async Task Should_tell_its_relays_whom_its_successor_is_to_expect_when_it_moves_on()
    {
        var room = await StartWith(Ana);
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Done>();
        room.Tell(ChildReports.MoveOn.Instance, Parent.Ref);
        Assert.Equal([Bob], (await Relay.ExpectMsgAsync<RoomReplies.Ending>()).Expected);
    }

    [Fact]
    public async Task Should_keep_who_came_in_by_a_later_session_when_an_earlier_one_was_expected()
    {
        var room = await StartWith(Ana);
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Done>();
        await Enter(room, Speaker("bob", 3));
        Advance(Options.Limits.Grace * 2);
        await ExpectNothingFrom(room);
        Assert.Equal(["ana", "bob"], await Members(room));
    }

    [Fact]
    public async Task Should_tell_nobody_when_one_who_is_expected_comes()
    {
        var room = await StartWith(Ana);
        var other = CreateTestProbe();
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), other.Ref);
        await other.ExpectMsgAsync<RoomReplies.Done>();
        await Enter(room, Bob with { Generation = 2 }, other);
        Advance(Options.Limits.Grace * 2);
        await ExpectNothingFrom(room);
        Assert.Equal(["ana", "bob"], await Members(room));
    }

    [Fact]
    public async Task Should_let_a_relay_give_a_session_up_that_another_has_already()
    {
        var room = await StartWith(Ana);
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        await Enter(room, Bob, first);
        await Enter(room, Bob with { Generation = 2 }, second);
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), first.Ref);
        await first.FishForMessageAsync(message => message is RoomReplies.Done);
        // The first has nobody any more: its end is none of the room's.
        Sys.Stop(first.Ref);
        Advance(Options.Limits.Grace * 2);
        Assert.Equal(["ana", "bob"], await Members(room));
        Post(room, Bob with { Generation = 2 }, "m1", "still here", relay: second);
        await second.FishForMessageAsync(message => message is RoomReplies.Delivered { Acks.Count: 1 });
    }

    [Fact]
    public async Task Should_not_rest_while_somebody_is_expected()
    {
        Stored.Fill(1, Time.Now);
        var room = await Start();
        room.Tell(new RoomCommands.Expect(General, [Bob], 5), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Done>();
        Advance(Options.Limits.Grace - TimeSpan.FromSeconds(1));
        await ExpectNothingFrom(room);
        Assert.False(Parent.HasMessages);
        Advance(TimeSpan.FromSeconds(1));
        await ExpectNothingFrom(room);
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    private async Task<IReadOnlyList<string>> Members(IActorRef room) => (await Asked<RoomReplies.WhoIs>(room, new RoomQueries.Who(General, "w"))).Members;
}
