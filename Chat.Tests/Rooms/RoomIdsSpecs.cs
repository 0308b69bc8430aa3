using Akka.Actor;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomIdsSpecs : RoomSpecs
{
    [Fact]
    public async Task Should_ack_with_the_first_seq_and_not_deliver_again_when_an_id_comes_twice()
    {
        var room = await StartWith(Ana);
        var first = await PostStored(room, Ana, "m1", "hello");
        Advance(TimeSpan.FromSeconds(5));
        Post(room, Ana, "m1", "hello", 9);

        var again = await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        Assert.Empty(again.Entries);
        Assert.Equal(first with { Ticket = 9, Duplicate = true }, Assert.Single(again.Acks));
        Assert.Equal(1, Stored.Last);
    }

    [Fact]
    public async Task Should_refuse_an_id_when_it_comes_with_another_text()
    {
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "hello");
        Post(room, Ana, "m1", "Hello");
        Assert.Equal(ErrorCodes.IdConflict, (await ExpectRefused()).Code);
    }

    [Fact]
    public async Task Should_refuse_an_id_when_the_first_copy_with_another_text_is_still_being_written()
    {
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "hello", 1);
        await append.Reached;
        Post(room, Ana, "m1", "Hello", 2);
        Assert.Equal(ErrorCodes.IdConflict, (await ExpectRefused(2)).Code);
        append.Release();
        await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
    }

    [Fact]
    public async Task Should_take_the_same_id_from_two_users_as_two()
    {
        var room = await StartWith(Ana, Bob);
        Assert.Equal(1, (await PostStored(room, Ana, "m1", "hello")).Seq);
        Assert.Equal((2, false), await PlaceOf(room, Bob, "m1", "hello"));
    }

    [Fact]
    public async Task Should_make_an_id_when_a_publish_has_none()
    {
        var room = await StartWith(Ana);
        var first = await PostStored(room, Ana, null, "hello");
        var second = await PostStored(room, Ana, null, "hello");
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal([first.Id, second.Id], Stored.Messages.Select(message => message.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_let_a_retry_wait_and_ack_both_when_the_first_copy_is_being_written(bool gathered)
    {
        var room = await StartWith(Ana);
        var append = Store.Faults.Hold(StorageCall.Append);
        if (gathered)
            Post(room, Ana, "m0", "before", 5);
        Post(room, Ana, "m1", "hello", 1);
        await append.Reached;
        Post(room, Ana, "m1", "hello", 2);
        await ExpectNothingFrom(room);
        append.Release();

        if (gathered)
            await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        var delivered = await Relay.ExpectMsgAsync<RoomReplies.Delivered>();
        Assert.Equal(["hello"], Texts(delivered));
        Assert.Equal([(1L, false), (2L, true)], delivered.Acks.Select(ack => (ack.Ticket, ack.Duplicate)));
        Assert.Single(delivered.Acks.Select(ack => ack.Seq).Distinct());
    }

    [Fact]
    public async Task Should_refuse_a_retry_with_its_first_copy_when_the_append_fails()
    {
        var room = await StartWith(Ana);
        Store.Faults.Fail(StorageCall.Append);
        var append = Store.Faults.Hold(StorageCall.Append);
        Post(room, Ana, "m1", "hello", 1);
        await append.Reached;
        Post(room, Ana, "m1", "hello", 2);
        await ExpectNothingFrom(room);
        append.Release();

        await ExpectRefused(1);
        await ExpectRefused(2);
        await RetryStorage(room);
        Assert.Equal((1, false), await PlaceOf(room, Ana, "m1", "hello"));
    }

    [Fact]
    public async Task Should_forget_an_id_when_it_left_the_window()
    {
        Options = Options with { WindowAtLeast = 2, WindowTime = TimeSpan.FromMinutes(10) };
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "one");
        Advance(TimeSpan.FromMinutes(9));
        await PostStored(room, Ana, "m2", "two");
        await PostStored(room, Ana, "m3", "three");
        Assert.True((await PostStored(room, Ana, "m1", "one")).Duplicate);
        Advance(TimeSpan.FromMinutes(2));
        await PostStored(room, Ana, "m4", "four");
        Assert.Equal((5, false), await PlaceOf(room, Ana, "m1", "one"));
    }

    [Fact]
    public async Task Should_know_the_ids_of_before_when_it_was_started_again()
    {
        Stored.Fill(3, Time.Now);
        var room = await StartWith(Bob);
        Post(room, Bob, "id-2", "text 2", 2);
        Assert.Equal(new RoomReplies.Ack(2, "id-2", 2, Time.Now, Duplicate: true), Assert.Single((await Relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks));
        Post(room, Bob, "id-3", "another text", 3);
        Assert.Equal(ErrorCodes.IdConflict, (await ExpectRefused(3)).Code);
        Assert.Equal(4, (await PostStored(room, Bob, "id-4", "text 4")).Seq);
    }

    [Fact]
    public async Task Should_let_publishes_wait_but_not_reads_when_the_ids_of_before_are_not_known_yet()
    {
        Stored.Fill(3, Time.Now);
        var window = Store.Faults.Hold(StorageCall.ReadWindow);
        var room = await StartWith(Bob);
        await window.Reached;

        Post(room, Bob, "id-3", "text 3", 3);
        Post(room, Bob, "id-4", "text 4", 4);
        room.Tell(new RoomCommands.ReadPage(General, 1, 9), Relay.Ref);
        Assert.Equal(3, (await Relay.ExpectMsgAsync<RoomReplies.PageRead>()).Page.Entries.Count);
        room.Tell(new RoomQueries.History(General, "h", null, null, 50), Relay.Ref);
        Assert.Equal(3, (await Relay.ExpectMsgAsync<RoomReplies.HistoryRead>()).Entries.Count);
        await Enter(room, Ana);
        await ExpectNothingFrom(room);

        window.Release();
        Assert.True(Assert.Single((await Relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks).Duplicate);
        Assert.False(Assert.Single((await Relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks).Duplicate);
        Assert.Equal(4, Stored.Last);
    }

    [Fact]
    public async Task Should_keep_the_order_of_a_session_when_its_publish_waits_for_the_ids_of_before()
    {
        Stored.Fill(3, Time.Now);
        var window = Store.Faults.Hold(StorageCall.ReadWindow);
        var room = await StartWith(Bob);
        await window.Reached;
        Post(room, Bob, "m1", "last words", 1);
        room.Tell(new RoomCommands.Leave(General, Bob, 2), Relay.Ref);
        room.Tell(new RoomCommands.Enter(General, Bob, 3), Relay.Ref);
        Post(room, Bob, "m2", "back", 4);
        await ExpectNothingFrom(room);
        window.Release();

        await Relay.FishForMessageAsync(message => message is RoomReplies.LeftRoom { Ticket: 2 });
        var entered = (RoomReplies.Entered)await Relay.FishForMessageAsync(message => message is RoomReplies.Entered);
        Assert.Equal(3, entered.Ticket);
        await AwaitAssertAsync(() => Assert.Equal(["last words", "back"], Stored.Messages.Skip(3).Select(message => message.Text)));
    }

    [Fact]
    public async Task Should_refuse_the_waiting_publishes_when_the_ids_of_before_can_not_be_read()
    {
        Stored.Fill(3, Time.Now);
        Store.Faults.Fail(StorageCall.ReadWindow);
        var window = Store.Faults.Hold(StorageCall.ReadWindow);
        var room = await StartWith(Bob);
        await window.Reached;
        Post(room, Bob, "id-3", "text 3");
        await ExpectNothingFrom(room);
        window.Release();
        Assert.Equal(ErrorCodes.StorageUnavailable, (await ExpectRefused()).Code);

        await RetryStorage(room);
        Assert.Equal((3, true), await PlaceOf(room, Bob, "id-3", "text 3"));
    }

    [Fact]
    public async Task Should_know_an_id_whatever_the_case_of_the_name_when_it_was_started_again()
    {
        Stored.Fill(1, Time.Now, "Bob");
        var room = await StartWith(Bob);
        Assert.True((await PostStored(room, Bob, "id-1", "text 1")).Duplicate);
    }
}
