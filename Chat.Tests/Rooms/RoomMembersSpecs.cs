using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomMembersSpecs : RoomSpecs
{
    [Fact]
    public async Task Should_tell_where_the_log_stands_when_somebody_enters()
    {
        Stored.Fill(9, Time.Now).DeleteBelow(4);
        var room = await Start();
        room.Tell(new RoomCommands.Enter(General, Ana, 3), Relay.Ref);
        Assert.Equal(new RoomReplies.Notice(General, default, Ana.Session, 1, 0, 1), (await Relay.ExpectMsgAsync<RoomReplies.Notice>()) with { Json = default });
        Assert.Equal(new RoomReplies.Entered(General, 3, "epoch-1", 4, 9, 1), await Relay.ExpectMsgAsync<RoomReplies.Entered>());
    }

    [Fact]
    public async Task Should_tell_the_others_when_somebody_enters_and_leaves()
    {
        var other = CreateTestProbe();
        var room = await StartWith(Ana);
        await Enter(room, Bob, other);

        var joined = await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal(Bob.Session, joined.Except);
        Assert.Equal(new ServerEvent.Joined("general", "bob", 2, "bob joined the room", Time.Now), Event(joined));

        room.Tell(new RoomCommands.Leave(General, Bob, 4), other.Ref);
        var left = await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal((Bob.Session, 0, 1, 1), (left.Except, left.Joined, left.Left, left.Online));
        Assert.Equal(new ServerEvent.Left("general", "bob", 1, "bob left the room", Time.Now), Event(left));
        await other.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal(
            new RoomReplies.LeftRoom(General, 4, "bob", 1, default),
            await other.ExpectMsgAsync<RoomReplies.LeftRoom>() with { Timestamp = default });
    }

    [Fact]
    public async Task Should_tell_nobody_when_a_member_enters_again()
    {
        var other = CreateTestProbe();
        var room = await StartWith(Ana);
        await Enter(room, Bob, other);
        await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal(2, (await Enter(room, Bob with { Generation = 2 }, other)).Online);
        await ExpectNothingFrom(room);
    }

    [Fact]
    public async Task Should_refuse_what_needs_membership_when_one_is_not_in_the_room()
    {
        var room = await StartWith(Ana);
        Post(room, Bob, "m1", "hello", 1);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(1)).Code);
        room.Tell(new RoomCommands.Leave(General, Bob, 2), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(2)).Code);
        room.Tell(new RoomCommands.Type(General, Bob, 3), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(3)).Code);
        Assert.Equal(0, Stored.Last);
    }

    [Fact]
    public async Task Should_change_nothing_when_an_older_connection_speaks()
    {
        var resumed = Ana with { Generation = 2 };
        var room = await StartWith(Ana, resumed);

        room.Tell(new RoomCommands.Leave(General, Ana, 1), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(1)).Code);
        Post(room, Ana, "m1", "late", 2);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(2)).Code);
        room.Tell(new RoomCommands.Enter(General, Ana, 3), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(3)).Code);
        room.Tell(new RoomCommands.Type(General, Ana, 4), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(4)).Code);
        Assert.Equal(1, (await PostStored(room, resumed, "m2", "hello")).Seq);
    }

    [Fact]
    public async Task Should_let_the_name_go_over_when_a_later_session_enters_before_the_older_one_left()
    {
        var room = await StartWith(Bob, Ana);
        var later = Speaker("ana", 7);
        room.Tell(new RoomCommands.Enter(General, later, 1), Relay.Ref);
        Assert.Equal("ana left the room", Assert.IsType<ServerEvent.Left>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>())).Sentence);
        Assert.Equal("ana joined the room", Assert.IsType<ServerEvent.Joined>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>())).Sentence);
        Assert.Equal(2, (await Relay.ExpectMsgAsync<RoomReplies.Entered>()).Online);

        // What the older session still had under way comes too late.
        room.Tell(new RoomCommands.Leave(General, Ana, 2), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(2)).Code);
        room.Tell(new RoomCommands.Enter(General, Ana, 3), Relay.Ref);
        Assert.Equal(ErrorCodes.NotInRoom, (await ExpectRefused(3)).Code);
    }

    [Fact]
    public async Task Should_take_members_in_without_a_notice_when_a_relay_attaches_them()
    {
        Stored.Fill(4, Time.Now);
        var other = CreateTestProbe();
        var room = await StartWith(Ana);
        room.Tell(new RoomCommands.Attach(General, [Bob, Speaker("eve", 3)]), other.Ref);

        Assert.Equal(new RoomReplies.Attached(General, "epoch-1", 1, 4, 3), await other.ExpectMsgAsync<RoomReplies.Attached>());
        await ExpectNothingFrom(room);
        Post(room, Bob, "m1", "hello", 1, other);
        Assert.Single((await other.ExpectMsgAsync<RoomReplies.Delivered>()).Acks);
    }

    [Fact]
    public async Task Should_tell_that_its_members_left_when_a_relay_fails()
    {
        var other = CreateTestProbe();
        var room = await StartWith(Ana);
        await Enter(room, Bob, other);
        await Relay.ExpectMsgAsync<RoomReplies.Notice>();

        Sys.Stop(other.Ref);
        Assert.Equal("bob left the room", Assert.IsType<ServerEvent.Left>(Event(await Relay.ExpectMsgAsync<RoomReplies.Notice>())).Sentence);
        Assert.Equal(["ana"], (await Asked<RoomReplies.WhoIs>(room, new RoomQueries.Who(General, null))).Members);
    }

    [Fact]
    public async Task Should_keep_a_member_who_came_in_by_another_relay_when_the_first_fails()
    {
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        var room = await StartWith(Ana);
        await Enter(room, Bob, first);
        await Enter(room, Speaker("eve", 3), first);
        await Enter(room, Bob with { Generation = 2 }, second);
        Sys.Stop(first.Ref);
        var left = await Relay.FishForMessageAsync<RoomReplies.Notice>(notice => notice.Left == 1);
        Assert.Equal("eve", ((ServerEvent.Left)Event(left)).User);
        Post(room, Bob with { Generation = 2 }, "m1", "still here", relay: second);
        Assert.Equal([1], Seqs(await second.FishForMessageAsync<RoomReplies.Delivered>(_ => true)));
    }

    [Fact]
    public async Task Should_list_members_sorted_when_asked_who_is_in()
    {
        var room = await StartWith(Speaker("bob", 1), Speaker("Zoe", 2), Speaker("ana", 3), Speaker("Älva", 4));
        room.Tell(new RoomQueries.Who(General, "w"), Relay.Ref);
        var who = await Relay.ExpectMsgAsync<RoomReplies.WhoIs>();
        Assert.Equal(("w", 4), (who.RequestId, who.Online));
        Assert.Equal(["ana", "bob", "Zoe", "Älva"], who.Members);
    }

    [Fact]
    public async Task Should_list_at_most_so_many_members_but_count_all_when_asked_who_is_in()
    {
        var room = await Start();
        room.Tell(new RoomCommands.Attach(General, [.. Enumerable.Range(1, Limits.WhoMembers + 5).Select(i => Speaker($"u{i}", i))]), Relay.Ref);
        await Relay.ExpectMsgAsync<RoomReplies.Attached>();
        var who = await Asked<RoomReplies.WhoIs>(room, new RoomQueries.Who(General, null));
        Assert.Equal((Limits.WhoMembers, Limits.WhoMembers + 5), (who.Members.Count, who.Online));
    }

    [Fact]
    public async Task Should_tell_the_others_when_a_member_types()
    {
        var room = await StartWith(Ana, Bob);
        room.Tell(new RoomCommands.Type(General, Bob, 2), Relay.Ref);
        var notice = await Relay.ExpectMsgAsync<RoomReplies.Notice>();
        Assert.Equal((Bob.Session, 0, 0), (notice.Except, notice.Joined, notice.Left));
        Assert.Equal(new ServerEvent.Typing("general", "bob"), Event(notice));
        Assert.Equal(new RoomReplies.Done(General, 2), await Relay.ExpectMsgAsync<RoomReplies.Done>());
    }

    [Fact]
    public async Task Should_tell_its_parent_how_many_are_in_when_that_changes()
    {
        Parent.IgnoreNoMessages();
        var room = await StartWith(Ana);
        Assert.Equal(new ChildReports.Population(General, 1, HasLog: false), await Parent.ExpectMsgAsync<ChildReports.Population>());
        room.Tell(new RoomCommands.Leave(General, Ana, 1), Relay.Ref);
        Assert.Equal(new ChildReports.Population(General, 0, HasLog: false), await Parent.ExpectMsgAsync<ChildReports.Population>());
        await Relay.FishForMessageAsync(message => message is RoomReplies.LeftRoom);
        await Enter(room, Ana);
        await Parent.ExpectMsgAsync<ChildReports.Population>();
        await PostStored(room, Ana, "m1", "hello");
        room.Tell(new RoomCommands.Leave(General, Ana, 1), Relay.Ref);
        Assert.Equal(new ChildReports.Population(General, 0, HasLog: true), await Parent.ExpectMsgAsync<ChildReports.Population>());
    }
}
