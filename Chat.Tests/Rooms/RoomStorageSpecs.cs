using Akka.Actor;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomStorageSpecs : RoomSpecs
{
    [Fact]
    public async Task Should_deliver_and_ack_nothing_when_the_append_is_not_done()
    {
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);

        Post(room, Ana, "m1", "hello");
        await append.Reached;
        await ExpectNothingFrom(room);
        Assert.Equal(0, Stored.Last);

        append.Release();
        var delivered = await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        Assert.Equal(["hello"], Texts(delivered));
        Assert.Equal(new RoomReplies.Ack(7, "m1", 1, Time.Now, Duplicate: false), Assert.Single(delivered.Acks));
    }

    [Fact]
    public async Task Should_show_no_reader_a_message_when_the_append_is_not_done()
    {
        Stored.Fill(3, Time.Now);
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "hello");
        await append.Reached;

        var page = await Asked<RoomReplies.PageRead>(room, new RoomCommands.ReadPage(General, 1, 9));
        Assert.Equal((3, 3), (page.Page.Through, page.Last));
        var history = await Asked<RoomReplies.HistoryRead>(room, new RoomQueries.History(General, null, null, null, 50));
        Assert.Equal((3, 3), (history.Entries.Count, history.Page.Last));
        Assert.Equal(3, (await Enter(room, Bob)).Last);
        append.Release();
    }

    [Fact]
    public async Task Should_write_what_gathered_as_one_batch_when_the_batch_before_is_stored()
    {
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "one", 1);
        await append.Reached;
        Post(room, Ana, "m2", "two", 2);
        Post(room, Ana, "m3", "three", 3);
        Post(room, Ana, "m4", "four", 4);
        await ExpectNothingFrom(room);
        append.Release();

        Assert.Equal(["one"], Texts(await Relay.ExpectMsgAsync<RoomReplies.Delivered>()));
        var second = await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        Assert.Equal(["two", "three", "four"], Texts(second));
        Assert.Equal([2, 3, 4], Seqs(second));
        Assert.Equal([2, 3, 4], second.Acks.Select(ack => ack.Ticket));
        Assert.Equal(2, Store.Faults.Calls(StorageCall.Append));
    }

    [Fact]
    public async Task Should_bound_a_batch_when_more_gathered_than_one_write_may_carry()
    {
        Options = Options with { BatchBytes = 1 };
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "one");
        await append.Reached;
        Post(room, Ana, "m2", "two");
        Post(room, Ana, "m3", "three");
        append.Release();

        foreach (var text in (string[])["one", "two", "three"])
            Assert.Equal([text], Texts(await Relay.ExpectMsgAsync<RoomReplies.Delivered>()));
        Assert.Equal(3, Store.Faults.Calls(StorageCall.Append));
    }

    [Fact]
    public async Task Should_give_every_relay_the_batch_but_only_its_own_acks()
    {
        var other = CreateTestProbe();
        var room = await StartWith(Ana);
        await Enter(room, Bob, other);
        await Relay.ExpectMsgAsync<RoomReplies.Notice>();

        Post(room, Bob, "m1", "hello", 5, other);

        var mine = await other.ExpectMsgAsync<RoomReplies.Delivered>();
        var theirs = await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        Assert.Equal((1, 5L), (mine.Entries.Count, Assert.Single(mine.Acks).Ticket));
        Assert.Equal((1, 0), (theirs.Entries.Count, theirs.Acks.Count));
        Assert.True(mine.Entries[0].Line.Span.SequenceEqual(Stored.Lines[0].Line.Span));
        Assert.True(theirs.Entries[0].Line.Equals(mine.Entries[0].Line));
    }

    [Fact]
    public async Task Should_let_a_leave_wait_for_its_sessions_last_words_and_its_reads_for_both()
    {
        var room = await StartWith(Ana, Bob);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "last words", 1);
        await append.Reached;
        Post(room, Ana, "m2", "indeed", 2);
        room.Tell(new RoomCommands.Leave(General, Ana, 3), Relay.Ref);
        room.Tell(new RoomQueries.Who(General, "w", Ana.Session), Relay.Ref);
        room.Tell(new RoomQueries.History(General, "h", null, null, 50, Ana.Session), Relay.Ref);
        // Another session waits for nothing.
        room.Tell(new RoomCommands.Leave(General, Bob, 4), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal(4, (await Relay.ExpectMsgAsync<RoomReplies.LeftRoom>()).Ticket);
        await ExpectNothingFrom(room);
        append.Release();

        await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal(3, (await Relay.ExpectMsgAsync<RoomReplies.LeftRoom>()).Ticket);
        Assert.Empty((await Relay.ExpectMsgAsync<RoomReplies.WhoIs>()).Members);
        Assert.Equal(2, (await Relay.ExpectMsgAsync<RoomReplies.HistoryRead>()).Entries.Count);
    }

    [Fact]
    public async Task Should_ack_a_publisher_when_the_session_left_for_another_meanwhile()
    {
        // A later session of the name takes its place at once; the older one's message is acked none the less.
        var other = CreateTestProbe();
        var room = await Start();
        await Enter(room, Ana, other);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "hello", 7, other);
        await append.Reached;
        await Enter(room, Speaker("ana", 9));
        append.Release();
        await other.FishForMessageAsync(message => message is RoomReplies.Delivered { Acks: [{ Ticket: 7 }] });
    }

    [Fact]
    public async Task Should_refuse_all_that_waits_when_the_append_fails()
    {
        var other = CreateTestProbe();
        var room = await StartWith(Ana);
        await Enter(room, Bob, other);
        await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Store.Faults.Fail(StorageCall.Append);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "written", 1);
        await append.Reached;
        Post(room, Ana, "m2", "gathered", 2);
        Post(room, Bob, "m3", "gathered too", 3, other);
        await ExpectNothingFrom(room, other);
        append.Release();

        foreach (var (ticket, relay) in new[] { (1, Relay), (2, Relay), (3, other) })
        {
            var error = await ExpectRefused(ticket, relay);
            Assert.Equal((ErrorCodes.StorageUnavailable, Options.StorageRetry), (error.Code, error.RetryAfter));
        }
        Post(room, Ana, "m4", "too early", 4);
        Assert.Equal(ErrorCodes.StorageUnavailable, (await ExpectRefused(4)).Code);
        Assert.Equal(0, Stored.Last);
    }

    [Fact]
    public async Task Should_recover_by_itself_with_an_unbroken_seq_when_the_append_failed()
    {
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "one");
        Store.Faults.Fail(StorageCall.Append);
        Post(room, Ana, "m2", "lost");
        await ExpectRefused();
        await RetryStorage(room);

        // The lost one's id is free for another text.
        Assert.Equal(2, (await PostStored(room, Ana, "m2", "two")).Seq);
        Assert.Equal([1, 2], Stored.Messages.Select(message => message.Seq));
        Assert.Equal(["one", "two"], Stored.Messages.Select(message => message.Text));
    }

    [Fact]
    public async Task Should_try_again_and_again_when_the_log_can_not_be_opened_again()
    {
        var room = await StartWith(Ana);
        Store.Faults.Fail(StorageCall.Append);
        Post(room, Ana, "m1", "lost");
        await ExpectRefused();
        await ExpectNothingFrom(room);
        var opens = Store.Faults.Calls(StorageCall.Open);
        foreach (var nth in (int[])[1, 2, 3])
            Store.Faults.Fail(StorageCall.Open, nth);

        await EventFilter.Info(contains: "is open again").ExpectOneAsync(() => AwaitAssertAsync(() =>
        {
            Advance(Options.StorageRetry);
            Assert.Equal(opens + 4, Store.Faults.Calls(StorageCall.Open));
        }));
        await PostStored(room, Ana, "m1", "kept");
        Assert.Equal(["kept"], Stored.Messages.Select(message => message.Text));
    }

    [Fact]
    public async Task Should_go_on_reading_and_letting_in_when_the_append_failed()
    {
        Stored.Fill(3, Time.Now);
        var room = await StartWith(Ana);
        Store.Faults.Fail(StorageCall.Append);
        Post(room, Ana, "m1", "lost");
        await ExpectRefused();

        Assert.Equal(3, (await Asked<RoomReplies.PageRead>(room, new RoomCommands.ReadPage(General, 1, 9))).Page.Entries.Count);
        Assert.Equal(3, (await Enter(room, Bob)).Last);
        room.Tell(new RoomCommands.Leave(General, Bob, 8), Relay.Ref);
        await Relay.FishForMessageAsync(message => message is RoomReplies.LeftRoom);
    }

    [Fact]
    public async Task Should_refuse_publishes_as_busy_when_too_much_waits_for_the_log()
    {
        Options = Options with { MaxWaitingBytes = 100 };
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "the first one always has its place", 1);
        await append.Reached;
        Post(room, Ana, "m2", "hello", 2);

        var error = await ExpectRefused(2);
        Assert.Equal(ErrorCodes.Busy, error.Code);
        Assert.NotNull(error.RetryAfter);
        append.Release();
        await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        Assert.Equal(2, (await PostStored(room, Ana, "m2", "hello")).Seq);
    }

    [Fact]
    public async Task Should_never_let_timestamps_decrease_when_the_clock_is_set_back()
    {
        Stored.Fill(1, Time.Now);
        var room = await StartWith(Ana);
        var before = (await PostStored(room, Ana, "m1", "one")).Timestamp;
        Time.SetWall(TimeSpan.FromHours(-1));
        Assert.Equal(before, (await PostStored(room, Ana, "m2", "two")).Timestamp);
        Time.SetWall(TimeSpan.FromHours(2));
        Assert.Equal(Time.Now, (await PostStored(room, Ana, "m3", "three")).Timestamp);
    }

    [Fact]
    public async Task Should_tell_its_relays_where_the_log_stands_when_it_came_back_as_another()
    {
        Stored.Fill(5, Time.Now);
        var room = await StartWith(Bob);
        Store.Faults.Fail(StorageCall.Append);
        Post(room, Bob, "m1", "lost");
        await ExpectRefused();
        Stored.CutAfter(3, "epoch-2");
        await RetryStorage(room);

        Assert.Equal(new RoomReplies.Attached(General, "epoch-2", 1, 3, 1), await Relay.ExpectMsgAsync<RoomReplies.Attached>());
        // An id of a message that is gone is as good as new.
        Assert.Equal((4, false), await PlaceOf(room, Bob, "id-5", "text 5"));
    }
}
