using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomPresenceSpecs : RoomSpecs
{
    public RoomPresenceSpecs() => Options = Options with { DigestAbove = 2 };

    [Fact]
    public async Task Should_tell_each_entry_when_there_are_as_many_as_may_be()
    {
        var room = await StartWith(Ana);
        room.Tell(new RoomCommands.Enter(General, Bob, 1), Relay.Ref);
        Assert.IsType<ServerEvent.Joined>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>()));
    }

    [Fact]
    public async Task Should_tell_a_digest_when_there_are_more()
    {
        var room = await StartWith(Ana, Bob);
        await EnterUntold(room, Speaker("eve", 3));
        await EnterUntold(room, Speaker("kim", 4));
        room.Tell(new RoomCommands.Leave(General, Bob, 1), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.LeftRoom>();
        Advance(Options.DigestEvery);

        var notice = await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal((null, 2, 1, 3), (notice.Except, notice.Joined, notice.Left, notice.Online));
        var presence = Assert.IsType<ServerEvent.Presence>(Event(notice));
        Assert.Equal(("general", 2, 1, 3), (presence.Room, presence.JoinedCount, presence.LeftCount, presence.Online));
        Advance(Options.DigestEvery);
        await ExpectNothingFrom(room);
    }

    [Fact]
    public async Task Should_tell_no_digest_before_its_time_when_more_enter()
    {
        var room = await StartWith(Ana, Bob);
        await EnterUntold(room, Speaker("eve", 3));
        Advance(Options.DigestEvery / 2);
        await EnterUntold(room, Speaker("kim", 4));
        Advance(Options.DigestEvery / 2);
        Assert.Equal(2, (await Relay.ExpectMsgAsync<RoomReplies.Notice>()).Joined);
    }

    [Fact]
    public async Task Should_tell_one_by_one_again_when_the_room_shrank_and_the_digest_is_told()
    {
        var room = await StartWith(Ana, Bob);
        await EnterUntold(room, Speaker("eve", 3));
        room.Tell(new RoomCommands.Leave(General, Bob, 1), Relay.Ref);
        // The digest under way tells this one too: in another order, counts and names would contradict each other.
        await Relay.ExpectMsgAsync<RoomReplies.LeftRoom>();
        Advance(Options.DigestEvery);
        Assert.IsType<ServerEvent.Presence>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>()));
        room.Tell(new RoomCommands.Leave(General, Ana, 1), Relay.Ref);
        Assert.IsType<ServerEvent.Left>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>()));
    }

    private async Task EnterUntold(IActorRef room, Speaker who)
    {
        room.Tell(new RoomCommands.Enter(General, who, 1), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Entered>();
    }
}
