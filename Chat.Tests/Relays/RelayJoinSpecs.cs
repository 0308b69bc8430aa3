using Akka.Actor;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class RelayJoinSpecs : RelaySpecs
{
    [Fact]
    public async Task Should_answer_with_the_newest_messages_and_then_live_ones_when_somebody_joins()
    {
        Stored.Fill(9, Time.Now);
        await Start();
        var ana = NewClient();
        var history = await JoinLive(ana, Ana);
        Assert.Equal([5, 6, 7, 8, 9], Seqs(history));
        Assert.Equal(("j", "general", "epoch-1", 9, true, false), (history.Id, history.Room, history.Epoch, history.Last, history.More, history.Gap));
        await ana.ExpectAnswered(1);
        Deliver(2);
        Assert.Equal(10, (await ana.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal(11, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    [Theory]
    [InlineData(3L, "epoch-1", null, new long[] { 4, 5, 6, 7, 8, 9 }, false)]
    [InlineData(9L, "epoch-1", null, new long[] { }, false)]
    [InlineData(9L, null, 3, new long[] { }, false)]
    [InlineData(0L, "another", null, new long[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, false)]
    [InlineData(3L, "another", null, new long[] { 5, 6, 7, 8, 9 }, true)]
    [InlineData(10L, "epoch-1", 2, new long[] { 8, 9 }, true)]
    [InlineData(-1L, "epoch-1", 0, new long[] { }, true)]
    [InlineData(null, null, 0, new long[] { }, false)]
    [InlineData(null, null, 100, new long[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, false)]
    public async Task Should_begin_where_the_join_asks_for(long? since, string? epoch, int? count, long[] seqs, bool gap)
    {
        Stored.Fill(9, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana, new Request.Join("general", since, epoch, count));
        await LetIn();
        await GivePage();
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal(seqs, Seqs(history));
        Assert.Equal((gap, true, 9, "epoch-1"), (history.Gap, history.Live, history.Last, history.Epoch));
        Deliver(1);
        Assert.Equal(10, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_send_pages_one_at_a_time_with_live_only_on_the_last_when_there_is_much()
    {
        Stored.Fill(250, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana, new Request.Join("general", 0) { Id = "j" });
        await LetIn();
        var seqs = new List<long>();
        for (var page = 1; page <= 3; page++)
        {
            var read = await ReadNext();
            await Settled();
            Assert.Equal(0, ana.Answered);
            Reply(read);
            var history = await ana.Expect<ServerEvent.History>();
            Assert.Equal((page == 3, "j", 250, page > 1), (history.Live, history.Id, history.Last, history.More));
            seqs.AddRange(Seqs(history));
        }
        Assert.Equal(Enumerable.Range(1, 250).Select(seq => (long)seq), seqs);
        await Connection.ExpectMsgAsync<RelayCommands.JoinAnswered>();
        await ana.ExpectAnswered(1);
    }

    [Fact]
    public async Task Should_leave_no_hole_and_repeat_nothing_when_messages_come_while_pages_are_sent()
    {
        Stored.Fill(150, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana, new Request.Join("general", 0));
        await LetIn();
        var first = await ReadNext();
        Deliver(1);
        Reply(first);
        var second = await ReadNext();
        Deliver(2);
        Reply(second);
        Reply(await ReadNext());
        Deliver(1);

        var seqs = new List<long>();
        foreach (var isLive in (bool[])[false, false, true])
        {
            var history = await ana.Expect<ServerEvent.History>();
            Assert.Equal(isLive, history.Live);
            seqs.AddRange(Seqs(history));
        }
        seqs.Add((await ana.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal(Enumerable.Range(1, 154).Select(seq => (long)seq), seqs);
    }

    [Fact]
    public async Task Should_say_that_there_is_a_gap_when_retention_deleted_some_of_it()
    {
        Stored.Fill(9, Time.Now).DeleteBelow(5);
        await Start();
        var history = await JoinLive(NewClient(), Ana, since: 2);
        Assert.Equal((true, false), (history.Gap, history.More));
        Assert.Equal([5, 6, 7, 8, 9], Seqs(history));
    }

    [Fact]
    public async Task Should_say_that_there_is_a_gap_when_retention_deleted_it_between_two_pages()
    {
        Stored.Fill(250, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana, new Request.Join("general", 0));
        await LetIn();
        await GivePage();
        Assert.False((await ana.Expect<ServerEvent.History>()).Gap);
        Stored.DeleteBelow(180);
        await GivePage();
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal((true, true, 180), (history.Gap, history.Live, history.Messages[0].Seq));
    }

    [Fact]
    public async Task Should_name_what_is_damaged_when_a_page_lacks_it()
    {
        Stored.Fill(9, Time.Now).Damage(7);
        await Start();
        var history = await JoinLive(NewClient(), Ana);
        Assert.True(history.Gap);
        Assert.Equal([new SeqRange(7, 7)], history.Missing);
        Assert.Equal([5, 6, 8, 9], Seqs(history));
    }

    [Fact]
    public async Task Should_drop_what_waits_and_send_nothing_until_the_new_history_when_one_joins_again()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        ana.Writer.Hold();
        Deliver(1);
        Deliver(1);
        Deliver(1);
        Join(ana, Ana, new Request.Join("general", 1) { Id = "again" });
        await LetIn();
        Deliver(1);
        var page = await ReadNext();
        ana.Writer.TakeAll();
        Reply(page);

        // The write under way is finished; nothing more of what waited.
        Assert.Equal(1, (await ana.Expect<ServerEvent.Message>()).Seq);
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal(("again", true), (history.Id, history.Live));
        Assert.Equal([2, 3, 4], Seqs(history));
        await ana.ExpectAnswered(2);
    }

    [Fact]
    public async Task Should_answer_both_when_a_second_join_overtakes_the_first()
    {
        Stored.Fill(3, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana, new Request.Join("general") { Id = "first" });
        Join(ana, Ana, new Request.Join("general") { Id = "second" });
        var error = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("first", "general"), (error.Id, error.Room));
        await LetIn();
        await LetIn();
        await GivePage();
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal(("second", true, 3), (history.Id, history.Live, history.Messages.Count));
        await ana.ExpectAnswered(2);
    }

    [Fact]
    public async Task Should_answer_both_when_one_leaves_before_the_join_is_answered()
    {
        await Start();
        var ana = NewClient();
        Join(ana, Ana);
        Leave(ana, Ana);
        await LetIn();
        var leave = (RoomCommands.Leave)await Rooms.FishForMessageAsync(message => message is RoomCommands.Leave);
        Reply(new RoomReplies.LeftRoom(General, leave.Ticket, "ana", 0, default));
        var error = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("j", ErrorCodes.NotInRoom), (error.Id, error.Code));
        var left = await ana.Expect<ServerEvent.Left>();
        Assert.Equal(("l", "ana left the room"), (left.Id, left.Sentence));
        await ana.ExpectAnswered(2);
    }

    [Fact]
    public async Task Should_carry_out_both_in_order_when_one_leaves_and_joins_without_waiting()
    {
        Stored.Fill(3, Time.Now);
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Leave(ana, Ana);
        Join(ana, Ana, new Request.Join("general", 3) { Id = "back" });
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        Reply(new RoomReplies.LeftRoom(General, leave.Ticket, "ana", 0, default));
        await LetIn();
        await GivePage();

        Assert.Equal("l", (await ana.Expect<ServerEvent.Left>()).Id);
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal(("back", true), (history.Id, history.Live));
        Deliver(1);
        Assert.Equal(4, (await ana.Expect<ServerEvent.Message>()).Seq);
        Publish(ana, Ana, "m1", "hello");
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
    }

    [Theory]
    [InlineData(ErrorCodes.TooManyRooms)]
    [InlineData(ErrorCodes.StorageUnavailable)]
    public async Task Should_leave_the_session_outside_when_its_first_join_is_refused(string code)
    {
        await Start();
        var ana = NewClient();
        Join(ana, Ana);
        var enter = await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        Reply(new RoomReplies.Refused(General, enter.Ticket, new ServerEvent.Error(code, "No.", "general")));
        var error = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("j", code), (error.Id, error.Code));
        Assert.Equal("j", (await Connection.ExpectMsgAsync<RelayCommands.JoinRefused>()).Request.Id);
        Publish(ana, Ana, "m1", "hello");
        var refused = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("m1", ErrorCodes.NotInRoom), (refused.Id, refused.Code));
        await ana.ExpectAnswered(2);
    }

    [Fact]
    public async Task Should_keep_the_session_inside_when_joining_again_is_refused()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Join(ana, Ana, new Request.Join("general", 0) { Id = "again" });
        var enter = await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        Reply(new RoomReplies.Refused(General, enter.Ticket, new ServerEvent.Error(ErrorCodes.StorageUnavailable, "No.", "general")));
        Assert.Equal("again", (await ana.Expect<ServerEvent.Error>()).Id);
        Publish(ana, Ana, "m1", "hello");
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        await JoinLive(ana, Ana);
    }

    [Fact]
    public async Task Should_leave_the_room_again_when_the_page_of_a_first_join_can_not_be_read()
    {
        Stored.Fill(3, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana);
        await LetIn();
        var read = await Rooms.ExpectMsgAsync<RoomCommands.ReadPage>();
        Reply(new RoomReplies.Refused(General, read.Ticket, new ServerEvent.Error(ErrorCodes.StorageUnavailable, "No.", "general")));
        Assert.Equal("j", (await ana.Expect<ServerEvent.Error>()).Id);
        await Connection.ExpectMsgAsync<RelayCommands.JoinRefused>();
        Assert.Equal(Ana, (await Rooms.ExpectMsgAsync<RoomCommands.Leave>()).Who);
        await ana.ExpectAnswered(1);
    }
}
