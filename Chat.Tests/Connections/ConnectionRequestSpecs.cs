using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Connections;

public sealed class ConnectionRequestSpecs : ConnectionSpecs
{
    [Fact]
    public async Task Should_stamp_who_speaks_and_pass_it_on_when_a_room_is_joined()
    {
        await StartNamed();
        Client.Send(new Request.Join("GENERAL", 3, "epoch-1") { Id = "j" });
        var join = await Relays.ExpectMsgAsync<RelayCommands.Join>();
        Assert.Equal((General, Ana, Client.Outbox), (join.Room, join.Who, join.Outbox));
        Assert.Equal((3, "epoch-1", "j"), (join.Request.Since, join.Request.Epoch, join.Request.Id));
        Assert.Equal(new UserCommands.EnterRoom(Ana, General), await Users.ExpectMsgAsync<UserCommands.EnterRoom>());
    }

    [Fact]
    public async Task Should_pass_on_what_a_member_asks()
    {
        await StartNamed();
        await JoinedRoom("general");
        Client.Send(
            new Request.Publish("general", "  hello \n") { Id = "m1" }, new Request.Typing("General") { Id = "t" }, new Request.Leave("general") { Id = "l" });
        Assert.Equal(new RelayCommands.Publish(General, Ana, Client.Outbox, "m1", "hello"), await Relays.ExpectMsgAsync<RelayCommands.Publish>());
        Assert.Equal(new RelayCommands.Type(General, Ana, Client.Outbox, "t"), await Relays.ExpectMsgAsync<RelayCommands.Type>());
        Assert.Equal(new RelayCommands.Leave(General, Ana, Client.Outbox, "l"), await Relays.ExpectMsgAsync<RelayCommands.Leave>());
        Assert.Equal(new UserCommands.LeaveRoom(Ana, General), await Users.ExpectMsgAsync<UserCommands.LeaveRoom>());
    }

    public static TheoryData<Request> NeedMembership =>
        [new Request.Publish("general", "hello"), new Request.Leave("general"), new Request.Typing("general")];

    [Theory]
    [MemberData(nameof(NeedMembership))]
    public async Task Should_refuse_what_needs_membership_when_the_room_was_not_joined(Request request)
    {
        await StartNamed();
        var error = await Refused(request);
        Assert.Equal((ErrorCodes.NotInRoom, "general"), (error.Code, error.Room));
        Assert.False(Relays.HasMessages);
    }

    [Fact]
    public async Task Should_refuse_what_needs_membership_when_the_room_was_left()
    {
        await StartNamed();
        await JoinedRoom("general");
        Client.Send(new Request.Leave("general"));
        await Relays.ExpectMsgAsync<RelayCommands.Leave>();
        Assert.Equal(ErrorCodes.NotInRoom, (await Refused(new Request.Publish("general", "hello"))).Code);
    }

    public static TheoryData<Request> NameRoom =>
    [
        new Request.Join("no room"), new Request.Leave("no room"), new Request.Publish("no room", "hello"), new Request.Typing("no room"),
        new Request.History("no room"), new Request.Who("no room"),
    ];

    [Theory]
    [MemberData(nameof(NameRoom))]
    public async Task Should_refuse_a_room_when_its_name_breaks_a_rule(Request request)
    {
        await StartNamed();
        Assert.Equal(ErrorCodes.BadRoom, (await Refused(request)).Code);
    }

    [Theory]
    [InlineData(" \n ", ErrorCodes.EmptyMessage)]
    [InlineData("123456", ErrorCodes.MessageTooLong)]
    [InlineData("a\0b", ErrorCodes.BadRequest)]
    public async Task Should_refuse_a_message_when_its_text_breaks_a_rule(string text, string code)
    {
        Options = Options with { Limits = new Limits { MessageCharacters = 5 } };
        await StartNamed();
        await JoinedRoom("general");
        var error = await Refused(new Request.Publish("general", text));
        Assert.Equal((code, "general"), (error.Code, error.Room));
        Assert.False(Relays.HasMessages);
    }

    [Fact]
    public async Task Should_forget_the_room_when_its_join_was_refused()
    {
        await StartNamed();
        var join = await JoinedRoom("general");
        Client.Connection.Tell(new RelayCommands.JoinRefused(General, join));
        Assert.Equal(new UserCommands.LeaveRoom(Ana, General), await Users.ExpectMsgAsync<UserCommands.LeaveRoom>());
        Assert.Equal(ErrorCodes.NotInRoom, (await Refused(new Request.Publish("general", "hello"))).Code);
    }

    [Fact]
    public async Task Should_keep_the_room_when_it_was_joined_again_before_the_first_join_was_refused()
    {
        await StartNamed();
        var first = await JoinedRoom("general");
        await JoinedRoom("general");
        Client.Connection.Tell(new RelayCommands.JoinRefused(General, first));
        Client.Send(new Request.Publish("general", "hello"));
        await Relays.ExpectMsgAsync<RelayCommands.Publish>();
        Assert.False(Users.HasMessages);
    }

    [Fact]
    public async Task Should_answer_reads_without_membership()
    {
        await StartNamed();
        Client.Send(new Request.Who("general") { Id = "w" }, new Request.History("general", 9, null, 7) { Id = "h" }, new Request.Rooms { Id = "r" });
        Assert.Equal("w", (await Relays.ExpectMsgAsync<RoomQueries.Who>()).RequestId);
        var asked = await Relays.ExpectMsgAsync<RoomQueries.History>();
        Assert.Equal(("h", 9, null, 7), (asked.RequestId, asked.Before, asked.After, asked.Limit));
        Assert.Equal(new RoomQueries.List("r", IsRequest: true), await Rooms.ExpectMsgAsync<RoomQueries.List>());

        Client.Connection.Tell(new RoomReplies.WhoIs(General, 0, "w", ["ana", "bob"], 2));
        var who = await Client.Expect<ServerEvent.Who>();
        Assert.Equal(("w", "general", 2), (who.Id, who.Room, who.Online));
        var line = new LogEntry(8, LogLine.Encode(General, 8, "m8", "bob", "hi", Time.Now));
        Client.Connection.Tell(new RoomReplies.HistoryRead(
            General, 0, "h", new ServerEvent.History("general", "epoch-1", [], 9, true, false, false, [], 0), [line]));
        var history = await Client.Expect<ServerEvent.History>();
        Assert.Equal(("h", 9, 8), (history.Id, history.Last, Assert.Single(history.Messages).Seq));
        Client.Connection.Tell(new RoomReplies.RoomsListed("r", true, ["general"], new Dictionary<string, int> { ["general"] = 2 }));
        Assert.Equal("r", (await Client.Expect<ServerEvent.Rooms>()).Id);
        Client.Connection.Tell(new RoomReplies.QueryRefused(General, 0, "q", new ServerEvent.Error(ErrorCodes.StorageUnavailable, "No.", "general")));
        Assert.Equal("q", (await Client.Expect<ServerEvent.Error>()).Id);
        // The login and these four.
        await Client.ExpectAnswered(5);
    }

    [Fact]
    public async Task Should_ask_for_fifty_when_a_history_says_no_limit()
    {
        await StartNamed();
        Client.Send(new Request.History("general"));
        Assert.Equal(Limits.HistoryLimit, (await Relays.ExpectMsgAsync<RoomQueries.History>()).Limit);
    }

    [Fact]
    public async Task Should_answer_malformed_frames_in_their_order()
    {
        await StartNamed();
        Client.Connection.Tell(new ConnectionInputs.Malformed(new ServerEvent.Error(ErrorCodes.BadJson, "Send JSON.")));
        Client.Send(new Request.Ping());
        Assert.Equal(ErrorCodes.BadJson, (await Client.Expect<ServerEvent.Error>()).Code);
        await Client.Expect<ServerEvent.Pong>();
        await Client.ExpectAnswered(3);
    }
}
