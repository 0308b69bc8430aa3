using Akka.Actor;
using Chat.Actors.Nodes;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Relays;

/// <summary>What a relay does when its room fails.</summary>
public sealed class RelaySuccessorSpecs : RelaySpecs
{
    private void FailRoom()
    {
        var failed = Room;
        Room = CreateTestProbe();
        Sys.Stop(failed.Ref);
    }

    private void Attached(long? last = null) =>
        Reply(new RoomReplies.Attached(General, Stored.Epoch, Stored.First, last ?? Stored.Last, 2));

    [Fact]
    public async Task Should_attach_its_members_and_send_what_was_not_answered_once_more_when_the_room_fails()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        Publish(ana, Ana, "m1", "hello");
        Leave(bob, Bob);
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        FailRoom();

        var attach = await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Assert.Equal([Ana, Bob], attach.Members.OrderBy(member => member.Session));
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Assert.Equal(leave, await Rooms.ExpectMsgAsync<RoomCommands.Leave>());
        Attached();
        Deliver(1, [new RoomReplies.Ack(post.Ticket, "m1", 1, Time.Now, false)]);
        await ana.Expect<ServerEvent.Message>();
        await ana.Expect<ServerEvent.Ack>();
    }

    [Fact]
    public async Task Should_send_nothing_a_third_time_when_the_successor_fails_too()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, "m1", "deadly");
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Attached();
        await Settled();
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        var error = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("m1", ErrorCodes.Internal), (error.Id, error.Code));
        await Settled();
        Attached();
        Deliver(1);
        await ana.Expect<ServerEvent.Message>();
    }

    [Fact]
    public async Task Should_catch_up_when_the_room_had_stored_more_than_it_told()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Deliver(2);
        await ana.Expect<ServerEvent.Message>();
        await ana.Expect<ServerEvent.Message>();
        Stored.Fill(2, Time.Now);
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Attached();
        Assert.Equal(3, await GivePage());
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal([3, 4], Seqs(history));
        Assert.Equal((true, false, null), (history.Live, history.Gap, history.Id));
    }

    [Fact]
    public async Task Should_send_nothing_when_the_successor_stands_where_the_room_stood()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Deliver(2);
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Attached();
        Deliver(1);
        foreach (var seq in (long[])[1, 2, 3])
            Assert.Equal(seq, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_say_that_there_is_a_gap_when_the_log_came_back_as_another()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Deliver(4);
        foreach (var seq in (long[])[1, 2, 3, 4])
            Assert.Equal(seq, (await ana.Expect<ServerEvent.Message>()).Seq);
        Stored.CutAfter(2, "epoch-2");
        Attached();
        await GivePage();
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal(("epoch-2", true, true, 2, 0), (history.Epoch, history.Gap, history.Live, history.Last, history.Messages.Count));
        Deliver(1);
        Assert.Equal(3, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_not_attach_one_whose_first_join_was_not_answered_when_the_room_fails()
    {
        // Attached, it would be in the room without anybody having been told.
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        Join(bob, Bob);
        var enter = await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        FailRoom();
        Assert.Equal([Ana], (await Rooms.ExpectMsgAsync<RoomCommands.Attach>()).Members);
        Assert.Equal(enter, await Rooms.ExpectMsgAsync<RoomCommands.Enter>());
    }

    [Fact]
    public async Task Should_attach_one_who_is_joining_again_when_the_room_fails()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Join(ana, Ana);
        await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        FailRoom();
        Assert.Equal([Ana], (await Rooms.ExpectMsgAsync<RoomCommands.Attach>()).Members);
    }

    [Fact]
    public async Task Should_attach_its_members_when_it_hears_from_the_successor_before_it_hears_of_the_failure()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        Room = CreateTestProbe();
        Join(bob, Bob);
        await LetIn();
        Assert.Contains(Ana, (await Rooms.ExpectMsgAsync<RoomCommands.Attach>()).Members);
    }

    [Fact]
    public async Task Should_call_another_room_when_the_first_failed_before_it_let_anybody_in()
    {
        await Start();
        var ana = NewClient();
        Join(ana, Ana);
        var enter = await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        Reply(new RoomReplies.Opening(General));
        await Settled();
        FailRoom();
        await AwaitRoomLost();
        Assert.Equal(enter, await Rooms.ExpectMsgAsync<RoomCommands.Enter>());

        // And says so when that fails as well.
        Reply(new RoomReplies.Opening(General));
        await Settled();
        FailRoom();
        await AwaitRoomLost();
        var error = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("j", ErrorCodes.Internal), (error.Id, error.Code));
        await Connection.ExpectMsgAsync<RelayCommands.JoinRefused>();
        Assert.False(Rooms.HasMessages);
    }

    [Fact]
    public async Task Should_tell_the_successor_who_is_in_before_all_else_when_the_room_failed_while_it_opened()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Room = CreateTestProbe();
        Reply(new RoomReplies.Opening(General));
        await Settled();
        FailRoom();
        // Once the end of the room was told, which takes the system a while, whatever is asked makes the next room.
        await AwaitAssertAsync(() =>
        {
            Relay.Tell(new RoomQueries.Who(General, "w"));
            Assert.IsType<RoomCommands.Attach>(Rooms.FishForMessage(message => message is RoomCommands.Attach or RoomQueries.Who));
        });
        Assert.IsType<RoomQueries.Who>(await Rooms.ExpectMsgAsync<RoomQueries.Who>());
    }

    [Fact]
    public async Task Should_pass_over_what_a_room_still_says_when_its_end_was_told()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Deliver(1);
        Assert.Equal(1, (await ana.Expect<ServerEvent.Message>()).Seq);
        var former = Room;
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Attached();
        Deliver(1);
        Assert.Equal(2, (await ana.Expect<ServerEvent.Message>()).Seq);
        // Late words, as of a room of another node, by a link that was slow.
        Relay.Tell(new RoomReplies.Entered(General, 99, Stored.Epoch, 1, 1, 1), former.Ref);
        Relay.Tell(new RoomReplies.Delivered(General, [Stored.Lines[0]], []), former.Ref);
        Relay.Tell(new RoomReplies.Opening(General), former.Ref);
        Deliver(1);
        Assert.Equal(3, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_attach_who_comes_back_by_this_node_before_the_room_has_answered()
    {
        // In the room it is already, so nobody is to be told that it came.
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Relay.Tell(new RelayCommands.Resumed(General, Bob with { Generation = 2 }, Connection.Ref));
        await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        FailRoom();
        Assert.Equal([Ana, Bob with { Generation = 2 }], (await Rooms.ExpectMsgAsync<RoomCommands.Attach>()).Members.OrderBy(member => member.Session));
    }

    [Fact]
    public async Task Should_have_the_successor_expect_whom_the_room_expected_and_count_no_failure_when_it_moves()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        for (var move = 0; move < 3; move++)
        {
            Publish(ana, Ana, $"m{move}", "hello");
            var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
            Reply(new RoomReplies.Ending(General, IsFailure: false, [Bob]));
            FailRoom();
            await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
            Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
            var expect = await Rooms.ExpectMsgAsync<RoomCommands.Expect>();
            Assert.Equal([Bob], expect.Members);
            Attached();
            Reply(new RoomReplies.Done(General, expect.Ticket));
            Deliver(1, [new RoomReplies.Ack(post.Ticket, $"m{move}", move + 1, Time.Now, false)]);
            await ana.Expect<ServerEvent.Message>();
            await ana.Expect<ServerEvent.Ack>();
        }
    }

    [Fact]
    public async Task Should_call_the_successor_of_a_room_that_moves_before_it_hears_of_its_end()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, "m1", "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Reply(new RoomReplies.Ending(General, IsFailure: false, [Bob], HasMoved: true));
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Assert.Equal([Bob], (await Rooms.ExpectMsgAsync<RoomCommands.Expect>()).Members);
        // Its death is no news.
        FailRoom();
        Attached();
        await Settled();
        Assert.False(Rooms.HasMessages);
    }

    [Fact]
    public async Task Should_have_the_successor_expect_whom_the_room_expected_though_it_hears_so_after_its_end()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        var former = Room;
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Attached();
        await Settled();
        Relay.Tell(new RoomReplies.Ending(General, IsFailure: false, [Bob], HasMoved: true), former.Ref);
        Assert.Equal([Bob], (await Rooms.ExpectMsgAsync<RoomCommands.Expect>()).Members);
    }

    [Fact]
    public async Task Should_tell_a_room_that_was_found_who_is_in_and_all_that_is_not_answered_once()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, "m1", "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Reply(new RoomReplies.Ending(General, IsFailure: false, [], HasMoved: true));
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Publish(ana, Ana, "m2", "hello again");
        var second = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        FailRoom();
        // So far whoever looks for the room was told, and keeps nothing of it.
        Reply(new RoomReplies.Here(General));
        Assert.Equal([Ana], (await Rooms.ExpectMsgAsync<RoomCommands.Attach>()).Members);
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Assert.Equal(second, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Attached();
        Deliver(2, [new RoomReplies.Ack(post.Ticket, "m1", 1, Time.Now, false), new RoomReplies.Ack(second.Ticket, "m2", 2, Time.Now, false)]);
        Reply(new RoomReplies.Here(General));
        await Settled();
        // The next is told nothing that was answered.
        Reply(new RoomReplies.Ending(General, IsFailure: false, [], HasMoved: true));
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        FailRoom();
        Reply(new RoomReplies.Here(General));
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        await Settled();
        Assert.False(Rooms.HasMessages);
    }

    [Fact]
    public async Task Should_tell_its_room_all_that_is_not_answered_once_more_when_the_link_to_it_broke()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, "m1", "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Relay.Tell(new LinkBroken(Room.Ref.Path.Address));
        // What the room sent before comes all the same; and that it was found is no news.
        Reply(new RoomReplies.Opening(General));
        Reply(new RoomReplies.Here(General));
        Assert.Equal([Ana], (await Rooms.ExpectMsgAsync<RoomCommands.Attach>()).Members);
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Attached();
        Deliver(1, [new RoomReplies.Ack(post.Ticket, "m1", 1, Time.Now, false)]);
        await ana.Expect<ServerEvent.Message>();
        await ana.Expect<ServerEvent.Ack>();
        await Settled();
        Assert.False(Rooms.HasMessages);
    }

    [Fact]
    public async Task Should_count_a_failure_once_though_the_successor_has_to_be_found()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, "m1", "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        FailRoom();
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Reply(new RoomReplies.Here(General));
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Assert.Equal(post, await Rooms.ExpectMsgAsync<RoomCommands.Post>());
        Attached();
        Deliver(1, [new RoomReplies.Ack(post.Ticket, "m1", 1, Time.Now, false)]);
        await ana.Expect<ServerEvent.Message>();
        await ana.Expect<ServerEvent.Ack>();
    }

    [Fact]
    public async Task Should_have_a_room_looked_for_again_that_was_found_before_its_end()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        var former = Room;
        Reply(new RoomReplies.Ending(General, IsFailure: false, [], HasMoved: true));
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
        Relay.Tell(new RoomReplies.Here(General), former.Ref);
        await Rooms.ExpectMsgAsync<RoomCommands.Attach>();
    }

    // The end of the room is told by the system, in its own time; the next one isn't called before a while is over.
    private async Task AwaitRoomLost() =>
        await AwaitAssertAsync(() =>
        {
            Advance(Options.StorageRetry);
            Assert.True(Rooms.HasMessages || Connection.HasMessages);
        });
}
