using Akka.Actor;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomPagesSpecs : RoomSpecs
{
    private async Task<RoomReplies.PageRead> ReadPage(IActorRef room, long from)
    {
        var page = await Asked<RoomReplies.PageRead>(room, new RoomCommands.ReadPage(General, from, 5));
        Assert.Equal((General, 5L), (page.Room, page.Ticket));
        return page;
    }

    private Task<RoomReplies.HistoryRead> ReadHistory(IActorRef room, long? before = null, long? after = null, int limit = 50) =>
        Asked<RoomReplies.HistoryRead>(room, new RoomQueries.History(General, "h", before, after, limit));

    private static IEnumerable<long> Seqs(RoomReplies.HistoryRead read) => read.Entries.Select(entry => entry.Seq);

    [Fact]
    public async Task Should_read_a_page_of_at_most_so_many_when_there_are_more()
    {
        Stored.Fill(250, Time.Now);
        var room = await StartWith(Ana);
        var page = await ReadPage(room, 11);
        Assert.Equal((11, 110, 250), (page.Page.From, page.Page.Through, page.Last));
        Assert.Equal(Enumerable.Range(11, Limits.PageMessages).Select(seq => (long)seq), page.Page.Entries.Select(entry => entry.Seq));
        Assert.Equal(250, (await ReadPage(room, 211)).Page.Through);
    }

    [Fact]
    public async Task Should_read_a_page_of_at_most_so_many_bytes_when_there_are_more()
    {
        Stored.Fill(20, Time.Now, length: 10_000);
        var room = await StartWith(Ana);
        var page = (await ReadPage(room, 1)).Page;
        Assert.InRange(page.Entries.Sum(entry => entry.Line.Length), Limits.PageBytes - 11_000, Limits.PageBytes);
        Assert.Equal(page.Entries.Count, page.Through);
    }

    [Fact]
    public async Task Should_read_an_empty_page_when_all_is_seen()
    {
        Stored.Fill(3, Time.Now);
        var page = (await ReadPage(await StartWith(Ana), 4)).Page;
        Assert.Equal((4, 3, 0), (page.From, page.Through, page.Entries.Count));
    }

    [Fact]
    public async Task Should_leave_the_log_alone_when_memory_has_the_page()
    {
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "hello");
        Assert.Equal(11, (await ReadPage(room, 1)).Page.Entries.Count);
        Assert.Equal(11, (await ReadHistory(room)).Entries.Count);
        Assert.Equal(0, Store.Faults.Calls(StorageCall.Read));
    }

    [Fact]
    public async Task Should_read_the_log_when_memory_does_not_reach()
    {
        Stored.Fill(10, Time.Now);
        Options = Options with { RecentMessages = 4 };
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "hello");
        Assert.Equal(11, (await ReadPage(room, 1)).Page.Entries.Count);
        Assert.Equal(1, Store.Faults.Calls(StorageCall.Read));
        Assert.Equal(4, (await ReadPage(room, 8)).Page.Entries.Count);
        Assert.Equal(1, Store.Faults.Calls(StorageCall.Read));
    }

    [Fact]
    public async Task Should_go_on_with_all_else_when_a_page_is_being_read()
    {
        Options = Options with { RecentMessages = 1 };
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "before");
        var read = Store.Faults.Hold(StorageCall.Read);
        room.Tell(new RoomCommands.ReadPage(General, 1, 5), Relay.Ref);
        await read.Reached;
        Assert.Equal(12, (await PostStored(room, Ana, "m2", "meanwhile")).Seq);
        read.Release();
        var page = await Relay.ExpectMsgAsync<RoomReplies.PageRead>();
        Assert.Equal((11, 11), (page.Page.Through, page.Last));
    }

    [Fact]
    public async Task Should_say_so_when_a_page_can_not_be_read()
    {
        Options = Options with { RecentMessages = 1 };
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "hello");
        Store.Faults.Fail(StorageCall.Read);
        room.Tell(new RoomCommands.ReadPage(General, 1, 5), Relay.Ref);
        Assert.Equal(ErrorCodes.StorageUnavailable, (await ExpectRefused(5)).Code);

        Store.Faults.Fail(StorageCall.Read, with: new InvalidDataException("Not the storage's own exception."));
        room.Tell(new RoomQueries.History(General, "h", null, null, 50), Relay.Ref);
        var refused = await Relay.ExpectMsgAsync<RoomReplies.QueryRefused>();
        Assert.Equal(("h", ErrorCodes.StorageUnavailable), (refused.RequestId, refused.Error.Code));
    }

    [Theory]
    [InlineData(null, null, 50, new long[] { 1, 2, 3, 4, 5, 6 }, false)]
    [InlineData(null, null, 2, new long[] { 5, 6 }, true)]
    [InlineData(5L, null, 2, new long[] { 3, 4 }, true)]
    [InlineData(5L, null, 9, new long[] { 1, 2, 3, 4 }, false)]
    [InlineData(1L, null, 9, new long[] { }, false)]
    [InlineData(-3L, null, 9, new long[] { }, false)]
    [InlineData(long.MaxValue, null, 2, new long[] { 5, 6 }, true)]
    [InlineData(null, 0L, 2, new long[] { 1, 2 }, false)]
    [InlineData(null, -9L, 2, new long[] { 1, 2 }, false)]
    [InlineData(null, 4L, 9, new long[] { 5, 6 }, true)]
    [InlineData(null, 6L, 9, new long[] { }, true)]
    [InlineData(null, long.MaxValue, 9, new long[] { }, true)]
    public async Task Should_answer_one_page_of_history_when_asked(long? before, long? after, int limit, long[] seqs, bool more)
    {
        Stored.Fill(6, Time.Now);
        var room = await StartWith(Ana);
        var read = await ReadHistory(room, before, after, limit);
        Assert.Equal(seqs, Seqs(read));
        Assert.Equal(("general", "epoch-1", 6, more), (read.Page.Room, read.Page.Epoch, read.Page.Last, read.Page.More));
        Assert.Equal((false, false, "h"), (read.Page.Live, read.Page.Gap, read.RequestId));
    }

    [Theory]
    [InlineData(null, null, 50, true)]
    [InlineData(null, null, 6, false)]
    [InlineData(3L, null, 50, true)]
    [InlineData(null, 2L, 3, true)]
    [InlineData(null, 4L, 3, false)]
    public async Task Should_say_that_there_is_a_gap_when_retention_deleted_some_of_it(long? before, long? after, int limit, bool gap)
    {
        Stored.Fill(10, Time.Now).DeleteBelow(5);
        Assert.Equal(gap, (await ReadHistory(await StartWith(Ana), before, after, limit)).Page.Gap);
    }

    [Fact]
    public async Task Should_name_the_damaged_lines_when_a_page_has_some()
    {
        Stored.Fill(6, Time.Now).Damage(3);
        var room = await StartWith(Ana);
        var page = (await ReadPage(room, 1)).Page;
        Assert.Equal([new SeqRange(3, 3)], page.Missing);
        Assert.Equal((6, 5), (page.Through, page.Entries.Count));
        var history = (await ReadHistory(room)).Page;
        Assert.Equal([new SeqRange(3, 3)], history.Missing);
        Assert.True(history.Gap);
    }

    [Fact]
    public async Task Should_answer_an_empty_page_when_nothing_was_ever_said()
    {
        var read = await ReadHistory(await StartWith(Ana));
        Assert.Equal((0, 0, false), (read.Entries.Count, read.Page.Last, read.Page.More));
    }
}
