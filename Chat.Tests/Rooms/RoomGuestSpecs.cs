using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

/// <summary>Who isn't a member: guests, who say something, and followers, who wait for what comes next.</summary>
public sealed class RoomGuestSpecs : RoomSpecs
{
    private static readonly Speaker Bot = Speaker("bot", -1);

    private static RoomQueries.History Follow(long after, long ticket = 3) => new(General, null, null, after, 100, Ticket: ticket, Waits: true);

    [Fact]
    public async Task Should_store_and_tell_what_a_guest_says_without_letting_it_in()
    {
        var room = await StartWith(Ana);
        var web = CreateTestProbe();
        web.IgnoreMessages(message => message is RoomReplies.Opening);
        room.Tell(new RoomCommands.Post(General, Bot, "m1", "hello", 9, IsGuest: true), web.Ref);
        Assert.Equal(9, Assert.Single((await web.ExpectMsgAsync<RoomReplies.Delivered>()).Acks).Ticket);
        Assert.Equal(["hello"], Texts(await Relay.ExpectMsgAsync<RoomReplies.Delivered>()));
        Assert.Equal(1, (await Asked<RoomReplies.WhoIs>(room, new RoomQueries.Who(General, null))).Online);
        // Once, as everybody's.
        room.Tell(new RoomCommands.Post(General, Bot, "m1", "hello", 10, IsGuest: true), web.Ref);
        Assert.True(Assert.Single((await web.ExpectMsgAsync<RoomReplies.Delivered>()).Acks).Duplicate);
    }

    [Fact]
    public async Task Should_still_refuse_a_member_that_is_none()
    {
        var room = await Start();
        Post(room, Ana, "m1", "hello");
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused()).Code);
    }

    [Fact]
    public async Task Should_answer_followers_when_there_is_more()
    {
        var room = await StartWith(Ana);
        room.Tell(Follow(0), Relay.Ref);
        room.Tell(Follow(0, ticket: 4), Relay.Ref);
        await ExpectNothingFrom(room);
        Post(room, Ana, "m1", "hello");
        var read = new List<RoomReplies.HistoryRead>();
        while (read.Count < 2)
            read.Add((RoomReplies.HistoryRead)await Relay.FishForMessageAsync(message => message is RoomReplies.HistoryRead));
        Assert.Equal([3, 4], read.Select(page => page.Ticket));
        Assert.All(read, page => Assert.Equal(1, Assert.Single(page.Entries).Seq));
    }

    [Fact]
    public async Task Should_answer_a_follower_that_is_behind_at_once()
    {
        var room = await StartWith(Ana);
        await PostStored(room, Ana, "m1", "hello");
        room.Tell(Follow(0), Relay.Ref);
        Assert.Equal(1, Assert.Single((await Relay.ExpectMsgAsync<RoomReplies.HistoryRead>()).Entries).Seq);
        // Also one that is beyond the end, as of another log.
        room.Tell(Follow(7), Relay.Ref);
        Assert.Equal(1, (await Relay.ExpectMsgAsync<RoomReplies.HistoryRead>()).Page.Last);
    }

    [Fact]
    public async Task Should_stay_for_a_follower_and_answer_with_nothing_when_its_time_is_over()
    {
        var room = await Start();
        room.Tell(Follow(0), Relay.Ref);
        await ExpectNothingFrom(room);
        room.Tell(ChildReports.Stop.Instance, Parent.Ref);
        await Parent.ExpectMsgAsync<ChildReports.Busy>();
        Advance(Options.FollowTime);
        Assert.Empty((await Relay.ExpectMsgAsync<RoomReplies.HistoryRead>()).Entries);
        await ExpectNothingFrom(room);
        Advance(Options.RoomIdle);
        await Parent.ExpectMsgAsync<ChildReports.Idle>();
    }

    [Fact]
    public async Task Should_tell_its_parent_when_its_log_fails_and_when_it_is_open_again()
    {
        Parent.IgnoreMessages(message => message is ChildReports.Population);
        var room = await StartWith(Ana);
        Store.Faults.Fail(StorageCall.Append);
        Post(room, Ana, "m1", "hello");
        await ExpectRefused();
        Assert.Equal(new ChildReports.Storage(General, true), await Parent.ExpectMsgAsync<ChildReports.Storage>());
        await RetryStorage(room);
        Assert.Equal(new ChildReports.Storage(General, false), await Parent.ExpectMsgAsync<ChildReports.Storage>());
    }
}
