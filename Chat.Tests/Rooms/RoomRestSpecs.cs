using Akka.Actor;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomRestSpecs : RoomSpecs
{
    [Fact]
    public async Task Should_say_that_it_is_idle_and_end_when_it_stayed_empty()
    {
        var room = await StartWith(Ana);
        Advance(Options.RoomIdle);
        await ExpectNothingFrom(room);
        await LeaveAsync(room, Ana);
        Advance(Options.RoomIdle);

        Assert.Equal(new ChildReports.Idle(General), await Parent.ExpectMsgAsync<ChildReports.Idle>());
        Parent.Watch(room);
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectTerminatedAsync(room);
        // Its log is free for its successor.
        await StartWith(Ana);
    }

    [Fact]
    public async Task Should_be_idle_when_the_last_is_gone_though_an_older_session_of_its_name_never_left()
    {
        var room = await StartWith(Ana);
        var later = Speaker("ana", 7);
        await Enter(room, later);
        await LeaveAsync(room, later);
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    [Fact]
    public async Task Should_be_idle_in_time_when_it_was_started_by_a_question_alone()
    {
        var room = await Start();
        await Asked<RoomReplies.WhoIs>(room, new RoomQueries.Who(General, null));
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    [Fact]
    public async Task Should_stay_when_somebody_entered_while_it_was_being_let_stop()
    {
        var room = await StartWith(Ana);
        await LeaveAsync(room, Ana);
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
        await Enter(room, Ana);
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        Assert.Equal(new ChildReports.Busy(General), await Parent.ExpectMsgAsync<ChildReports.Busy>());
        Assert.Equal(1, (await PostStored(room, Ana, "m1", "hello")).Seq);
    }

    [Fact]
    public async Task Should_stay_until_all_is_answered_when_a_page_is_being_read_for_somebody()
    {
        Stored.Fill(10, Time.Now);
        Options = Options with { RecentMessages = 1 };
        var room = await Start();
        await Asked<RoomReplies.WhoIs>(room, new RoomQueries.Who(General, null));
        var read = Store.Faults.Hold(StorageCall.Read);
        room.Tell(new RoomQueries.History(General, "h", null, null, 50), Relay.Ref);
        await read.Reached;
        Advance(Options.RoomIdle);
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectMsgAsync<ChildReports.Busy>();
        read.Release();
        await Relay.ExpectMsgAsync<RoomReplies.HistoryRead>();

        // And goes when nothing is left to do.
        await ExpectNothingFrom(room);
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    [Fact]
    public async Task Should_stay_when_a_join_waits_for_its_log_to_open()
    {
        Store.Faults.Fail(StorageCall.Open);
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        await ExpectRefused(1);
        await ExpectNothingFrom(room);
        var open = Store.Faults.Hold(StorageCall.Open);
        Advance(Options.StorageRetry);
        await open.Reached;
        room.Tell(new RoomCommands.Enter(General, Ana, 2), Relay.Ref);
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectMsgAsync<ChildReports.Busy>();
        open.Release();
        Assert.Equal(2, ((RoomReplies.Entered)await Relay.FishForMessageAsync(message => message is RoomReplies.Entered)).Ticket);
    }

    [Fact]
    public async Task Should_stay_until_it_is_stored_when_its_last_relay_left_behind_a_message()
    {
        Parent.IgnoreNoMessages();
        var room = await StartWith(Ana);
        await Parent.ExpectMsgAsync<ChildReports.Population>();
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "last words");
        await append.Reached;
        Sys.Stop(Relay.Ref);
        await Parent.ExpectMsgAsync<ChildReports.Population>();
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectMsgAsync<ChildReports.Busy>();
        append.Release();
        // That it exists now, with nobody in it.
        Assert.Equal(new ChildReports.Population(General, 0, HasLog: true), await Parent.ExpectMsgAsync<ChildReports.Population>());
        await AwaitAssertAsync(() =>
        {
            Advance(Options.RoomIdle);
            Assert.True(Parent.HasMessages);
        });
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
        Assert.Equal(1, Stored.Last);
    }

    [Fact]
    public async Task Should_come_back_from_its_log_when_it_is_started_again()
    {
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "one");
        await PostStored(room, Ana, "m2", "two");
        await LeaveAsync(room, Ana);
        Parent.Watch(room);
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectTerminatedAsync(room);

        room = await Start();
        var entered = await Enter(room, Ana);
        Assert.Equal((2, 1), (entered.Last, entered.Online));
        Assert.True((await PostStored(room, Ana, "m1", "one")).Duplicate);
        Assert.Equal(3, (await PostStored(room, Ana, "m3", "three")).Seq);
    }

    [Fact]
    public async Task Should_answer_a_flush_at_once_when_nothing_waits()
    {
        var room = await StartWith(Ana);
        room.Tell(ChildReports.Flush.Instance, Parent.Ref);
        await Parent.ExpectMsgAsync<ChildReports.Flushed>();
    }

    [Fact]
    public async Task Should_answer_a_flush_though_others_go_on_writing()
    {
        var room = await StartWith(Ana);
        var first = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "one");
        await first.Reached;
        room.Tell(ChildReports.Flush.Instance, Parent.Ref);
        Post(room, Ana, "m2", "two");
        await ExpectNothingFrom(room);
        Assert.False(Parent.HasMessages);
        var second = Store.Faults.Hold(StorageCall.Append);
        first.Release();
        await second.Reached;
        await Parent.ExpectMsgAsync<ChildReports.Flushed>();
        second.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_answer_a_flush_when_what_waited_is_stored_or_lost(bool fails)
    {
        if (fails)
            Store.Faults.Fail(StorageCall.Append);
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "one");
        await append.Reached;
        Post(room, Ana, "m2", "two");
        room.Tell(ChildReports.Flush.Instance, Parent.Ref);
        await ExpectNothingFrom(room);
        Assert.False(Parent.HasMessages);
        append.Release();
        await Parent.ExpectMsgAsync<ChildReports.Flushed>();
        Assert.Equal(fails ? 0 : 2, Stored.Last);
    }

    private async Task LeaveAsync(IActorRef room, Actors.Speaker who)
    {
        room.Tell(new RoomCommands.Leave(General, who, 1), Relay.Ref);
        await Relay.FishForMessageAsync(message => message is RoomReplies.LeftRoom);
        // Its time to be idle runs when it answers this.
        await ExpectNothingFrom(room);
    }
}
