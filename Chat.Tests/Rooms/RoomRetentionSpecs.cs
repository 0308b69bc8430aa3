using Akka.Actor;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomRetentionSpecs : RoomSpecs
{
    private Task<RoomReplies.PageRead> ReadPage(IActorRef room, long from) =>
        Asked<RoomReplies.PageRead>(room, new RoomCommands.ReadPage(General, from, 5));

    private Task<RoomReplies.HistoryRead> ReadHistory(IActorRef room) =>
        Asked<RoomReplies.HistoryRead>(room, new RoomQueries.History(General, "h", null, null, 50));

    // A trimmed room answers as one that was opened on what is left.
    private async Task Trim(IActorRef room, long first)
    {
        Stored.TrimTo = first;
        room.Tell(ChildReports.Trim.Instance, Parent.Ref);
        await AwaitAssertAsync(async () => Assert.Equal(first, (await ReadPage(room, first)).Page.First));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(4)]
    public async Task Should_begin_where_the_log_does_when_it_was_trimmed(int inMemory)
    {
        Options = Options with { RecentMessages = inMemory };
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Ana);
        Assert.Equal((1, 1), ((await ReadPage(room, 1)).Page.From, (await Enter(room, Ana)).First));

        await Trim(room, 7);

        Assert.Equal(7, (await Enter(room, Ana)).First);
        var page = (await ReadPage(room, 2)).Page;
        Assert.Equal((7, 10, 7), (page.From, page.Through, page.First));
        Assert.Equal([7, 8, 9, 10], page.Entries.Select(entry => entry.Seq));
        var history = await ReadHistory(room);
        Assert.Equal([7, 8, 9, 10], history.Entries.Select(entry => entry.Seq));
        Assert.Equal((true, false, 10), (history.Page.Gap, history.Page.More, history.Page.Last));
    }

    [Fact]
    public async Task Should_go_on_with_the_next_seq_and_know_its_ids_when_all_was_deleted()
    {
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Bob);

        await Trim(room, 11);

        var page = await ReadPage(room, 4);
        Assert.Equal((11, 10, 10), (page.Page.From, page.Page.Through, page.Last));
        Assert.Empty(page.Page.Entries);
        var history = await ReadHistory(room);
        Assert.Equal((0, true, false, 10), (history.Entries.Count, history.Page.Gap, history.Page.More, history.Page.Last));
        Assert.Equal((10, true), await PlaceOf(room, Bob, "id-10", "text 10"));
        Assert.Equal((11, false), await PlaceOf(room, Bob, "new", "hello"));
        Assert.Equal((11, 11), ((await ReadPage(room, 11)).Page.From, (await ReadPage(room, 11)).Page.Through));
    }

    [Fact]
    public async Task Should_trim_behind_a_batch_that_began_a_new_segment()
    {
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Ana);
        Stored.TrimTo = 5;
        Assert.Equal(11, (await PostStored(room, Ana, "m1", "hello")).Seq);
        await AwaitAssertAsync(async () => Assert.Equal(5, (await Enter(room, Ana)).First));
    }

    [Fact]
    public async Task Should_refuse_publishes_until_the_log_is_open_again_when_a_trim_fails()
    {
        Stored.Fill(10, Time.Now);
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m0", "before");
        var trim = Store.Faults.Hold(StorageCall.Trim);
        Store.Faults.Fail(StorageCall.Trim);
        room.Tell(ChildReports.Trim.Instance, Parent.Ref);
        await trim.Reached;
        Post(room, Ana, "m1", "hello");
        await ExpectNothingFrom(room);
        trim.Release();

        Assert.Equal(ErrorCodes.StorageUnavailable, (await ExpectRefused()).Code);
        Assert.Equal(11, (await ReadPage(room, 1)).Last);
        await RetryStorage(room);
        Assert.Equal(12, (await PostStored(room, Ana, "m1", "hello")).Seq);
    }

    [Fact]
    public async Task Should_trim_a_log_when_it_is_opened_and_know_its_ids()
    {
        Stored.Fill(10, Time.Now).TrimTo = 11;
        var room = await StartWith(Bob);
        await AwaitAssertAsync(async () => Assert.Equal(11, (await Enter(room, Bob)).First));
        Assert.Equal((3, true), await PlaceOf(room, Bob, "id-3", "text 3"));
    }

    [Fact]
    public async Task Should_trim_nothing_when_the_log_is_not_open()
    {
        Store.Faults.Fail(StorageCall.Open);
        Stored.Fill(10, Time.Now).TrimTo = 5;
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Ana, 1), Relay.Ref);
        await ExpectRefused(1);
        room.Tell(ChildReports.Trim.Instance, Parent.Ref);
        await ExpectNothingFrom(room);
        Assert.Equal(1, Stored.First);
        Advance(Options.StorageRetry);
        await AwaitAssertAsync(async () => Assert.Equal(5, (await Enter(room, Ana)).First));
    }
}
