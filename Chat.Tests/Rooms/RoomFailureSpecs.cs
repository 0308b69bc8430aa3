using Akka.Actor;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomFailureSpecs : RoomSpecs
{
    [Fact]
    public async Task Should_let_everything_wait_in_order_when_its_log_is_being_opened()
    {
        Stored.Fill(2, Time.Now);
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        await open.Reached;
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        Post(room, Ana, "m1", "hello", 2);
        room.Tell(new RoomCommands.Leave(General, Ana, 3), Relay.Ref);
        room.Tell(new RoomQueries.History(General, "h", null, null, 50), Relay.Ref);
        open.Release();

        Assert.Equal(1, ((RoomReplies.Entered)await Relay.FishForMessageAsync(message => message is RoomReplies.Entered)).Ticket);
        await Relay.FishForMessageAsync(message => message is RoomReplies.LeftRoom { Ticket: 3 });
        await AwaitAssertAsync(() => Assert.Equal("hello", Stored.Messages[^1].Text));
    }

    [Fact]
    public async Task Should_say_who_it_is_when_a_relay_waits_for_its_log()
    {
        Relay.IgnoreNoMessages();
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Opening>();
        Assert.Equal(room, Relay.LastSender);
        open.Release();
    }

    [Fact]
    public async Task Should_refuse_everything_when_its_log_can_not_be_opened()
    {
        Store.Faults.Fail(StorageCall.Open);
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        var error = await ExpectRefused(1);
        Assert.Equal((ErrorCodes.StorageUnavailable, Options.StorageRetry), (error.Code, error.RetryAfter));
        Post(room, Ana, "m1", "hello", 2);
        await ExpectRefused(2);
        room.Tell(new RoomCommands.Type(General, Ana, 3), Relay.Ref);
        await ExpectRefused(3);
        room.Tell(new RoomCommands.ReadPage(General, 1, 4), Relay.Ref);
        await ExpectRefused(4);
        room.Tell(new RoomQueries.History(General, "h", null, null, 50), Relay.Ref);
        Assert.Equal("h", (await Relay.ExpectMsgAsync<RoomReplies.QueryRefused>()).RequestId);
        // Who is in has nothing to do with the log.
        room.Tell(new RoomQueries.Who(General, "w"), Relay.Ref);
        Assert.Empty((await Relay.ExpectMsgAsync<RoomReplies.WhoIs>()).Members);
        room.Tell(new RoomCommands.Leave(General, Ana, 5), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(5)).Code);
    }

    [Fact]
    public async Task Should_end_without_a_refusal_when_its_log_has_another_writer()
    {
        var room = await StartWith(Ana);
        Store.Faults.Fail(StorageCall.Append, with: new StorageException("Another has it.") { Failure = StorageFailure.Superseded });
        await EventFilter.Warning(contains: "another writer").ExpectOneAsync(() =>
        {
            Post(room, Ana, "m1", "hello");
            return Task.CompletedTask;
        });

        Advance(Options.StorageRetry);
        await Parent.ExpectMsgAsync<ChildReports.Failed>();
        Assert.False((await Relay.ExpectMsgAsync<RoomReplies.Ending>()).IsFailure);
        // What comes behind is told whom to watch, and nothing else.
        Relay.IgnoreNoMessages();
        Post(room, Ana, "m2", "again", 8);
        await Relay.ExpectMsgAsync<RoomReplies.Opening>();
        await Relay.WatchAsync(room);
        room.Tell(ChildReports.Stop.Instance);
        await Relay.ExpectTerminatedAsync(room);
        Assert.Equal(0, Stored.Last);
    }

    [Fact]
    public async Task Should_end_when_another_writer_is_found_as_its_log_opens_again()
    {
        var room = await StartWith(Ana);
        Store.Faults.Fail(StorageCall.Append);
        Post(room, Ana, "m1", "hello");
        await ExpectRefused();
        Store.Faults.Fail(StorageCall.Open, with: new StorageException("Another has it.") { Failure = StorageFailure.Superseded });
        await ExpectNothingFrom(room, CreateTestProbe());
        await EventFilter.Warning(contains: "another writer").ExpectOneAsync(() =>
        {
            Advance(Options.StorageRetry);
            return Task.CompletedTask;
        });
        Advance(Options.StorageRetry);
        await Parent.ExpectMsgAsync<ChildReports.Failed>();
    }

    [Fact]
    public async Task Should_open_by_itself_in_a_while_when_its_log_could_not_be_opened()
    {
        Stored.Fill(2, Time.Now);
        Store.Faults.Fail(StorageCall.Open);
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        await ExpectRefused(1);
        await ExpectNothingFrom(room);
        var open = Store.Faults.Hold(StorageCall.Open);
        Advance(Options.StorageRetry);
        await open.Reached;
        room.Tell(new RoomCommands.Enter(General, Ana, 2), Relay.Ref);
        open.Release();
        var entered = (RoomReplies.Entered)await Relay.FishForMessageAsync(message => message is RoomReplies.Entered);
        Assert.Equal((2, 2), (entered.Ticket, entered.Last));
        Assert.Equal(3, (await PostStored(room, Ana, "m1", "hello")).Seq);
    }

    [Fact]
    public async Task Should_tell_an_attached_relay_where_the_log_stands_when_it_opens_at_last()
    {
        Stored.Fill(2, Time.Now);
        Store.Faults.Fail(StorageCall.Open);
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Bob, 1), Relay.Ref);
        await ExpectRefused(1);
        room.Tell(new RoomCommands.Attach(General, [Ana]), Relay.Ref);
        await ExpectNothingFrom(room);
        Advance(Options.StorageRetry);
        Assert.Equal(new RoomReplies.Attached(General, "epoch-1", 1, 2, 1), await Relay.ExpectMsgAsync<RoomReplies.Attached>());
        Assert.Equal(3, (await PostStored(room, Ana, "m1", "hello")).Seq);
    }

    [Theory]
    [InlineData(StorageCall.Open)]
    [InlineData(StorageCall.ReadWindow)]
    [InlineData(StorageCall.Append)]
    public async Task Should_end_when_its_writer_fails_for_a_reason_that_is_not_the_storage(StorageCall call)
    {
        Store.Faults.Fail(call, with: new InvalidOperationException("A fault of the program."));
        var hold = Store.Faults.Hold(call);
        var room = await Start();
        Parent.Watch(room);
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        Post(room, Ana, "m1", "hello");
        await hold.Reached;
        hold.Release();
        await Ended(room);
    }

    private async Task Ended(IActorRef room)
    {
        await Parent.ExpectMsgAsync<ChildReports.Failed>();
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectTerminatedAsync(room);
    }

    // No relay would send it.
    private static RoomCommands.Attach Unreadable { get; } = new(General, null!);

    [Fact]
    public async Task Should_say_who_it_is_to_whoever_has_something_in_its_mailbox_when_it_fails()
    {
        var room = await StartWith(Ana);
        Parent.Watch(room);
        var (stranger, late) = (CreateTestProbe(), CreateTestProbe());
        room.Tell(Unreadable, stranger.Ref);
        room.Tell(new RoomCommands.Enter(General, Bob, 2), late.Ref);
        room.Tell(new RoomQueries.Who(General, "w"), late.Ref);
        Relay.IgnoreNoMessages();
        Post(room, Ana, "m1", "hello");
        await stranger.ExpectMsgAsync<RoomReplies.Opening>();
        for (var i = 0; i < 2; i++)
            await late.ExpectMsgAsync<RoomReplies.Opening>();
        Assert.Equal(room, late.LastSender);
        await Relay.ExpectMsgAsync<RoomReplies.Opening>();
        await Ended(room);
        Assert.Empty(Stored.Lines);
    }

    [Fact]
    public async Task Should_say_who_it_is_to_whoever_it_lets_wait_when_it_fails()
    {
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        Parent.Watch(room);
        await open.Reached;
        var relay = CreateTestProbe();
        room.Tell(new RoomQueries.History(General, "h", null, null, 5), relay.Ref);
        await relay.ExpectMsgAsync<RoomReplies.Opening>();
        open.Release();
        await relay.ExpectMsgAsync<RoomReplies.HistoryRead>();
        Store.Faults.Fail(StorageCall.Append, with: new InvalidOperationException("A fault of the program."));
        var append = Store.Faults.Hold(StorageCall.Append);
        await Enter(room, Ana);
        Post(room, Ana, "m1", "hello");
        await append.Reached;
        // Waits for what was said before.
        room.Tell(new RoomCommands.Leave(General, Ana, 8), Relay.Ref);
        await ExpectNothingFrom(room);
        Relay.IgnoreNoMessages();
        append.Release();
        await Relay.ExpectMsgAsync<RoomReplies.Opening>();
        await Ended(room);
    }

    [Fact]
    public async Task Should_say_who_it_is_when_it_fails_over_the_first_that_anybody_asked()
    {
        Relay.IgnoreNoMessages();
        var room = await Start();
        room.Tell(new RoomQueries.Who(General, "w"), Relay.Ref);
        await Relay.FishForMessageAsync(message => message is RoomReplies.WhoIs);
        Parent.Watch(room);
        room.Tell(new RoomCommands.Enter(General, null!, 1), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Opening>();
        await Ended(room);
    }

    [Fact]
    public async Task Should_refuse_as_busy_when_more_waits_for_its_log_than_may()
    {
        var open = Store.Faults.Hold(StorageCall.Open);
        var room = await Start();
        await open.Reached;
        for (var i = 0; i <= 20_000; i++)
            room.Tell(new RoomCommands.Type(General, Ana, i), Relay.Ref);
        Assert.Equal(ErrorCodes.Busy, (await ExpectRefused(20_000)).Code);
        open.Release();
    }
}
