using Akka.Actor;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Connections;

/// <summary>What is different for the original's clients, who connect to <c>/</c>.</summary>
public sealed class ConnectionOriginalSpecs : ConnectionSpecs
{
    [Fact]
    public async Task Should_ask_for_no_grace_period()
    {
        await Start(isOriginal: true);
        Client.Send(new Request.Login("ana"));
        Assert.False((await Users.ExpectMsgAsync<UserCommands.Login>()).HasGrace);
    }

    [Fact]
    public async Task Should_leave_the_room_of_before_when_another_is_joined()
    {
        await StartNamed(isOriginal: true);
        await JoinedRoom("general");
        Client.Send(new Request.Join("other"));
        Assert.Equal(new RelayCommands.Drop(General, Ana), await Relays.ExpectMsgAsync<RelayCommands.Drop>());
        Assert.Equal(Other, (await Relays.ExpectMsgAsync<RelayCommands.Join>()).Room);
        Assert.Equal(new UserCommands.LeaveRoom(Ana, General), await Users.ExpectMsgAsync<UserCommands.LeaveRoom>());
        await Users.ExpectMsgAsync<UserCommands.EnterRoom>();
        Assert.Equal(ErrorCodes.NotInRoom, (await Refused(new Request.Publish("general", "hello"))).Code);
    }

    [Fact]
    public async Task Should_leave_nothing_when_the_same_room_is_joined_again_or_a_room_has_no_name()
    {
        await StartNamed(isOriginal: true);
        await JoinedRoom("general");
        await JoinedRoom("general");
        await Refused(new Request.Join("no room"));
        Assert.False(Relays.HasMessages);
    }

    [Fact]
    public async Task Should_list_the_rooms_after_each_join()
    {
        await StartNamed(isOriginal: true);
        await JoinedRoom("general");
        Client.Connection.Tell(new RelayCommands.JoinAnswered(General));
        await ListRooms();
        Assert.Null((await Client.Expect<ServerEvent.Rooms>()).Id);
        // The listing answers no request of its own.
        await Client.ExpectAnswered(1);
    }

    [Fact]
    public async Task Should_list_no_rooms_after_a_join_when_it_is_none_of_the_originals_clients()
    {
        await StartNamed();
        await JoinedRoom("general");
        Client.Connection.Tell(new RelayCommands.JoinAnswered(General));
        Assert.Empty(await Client.UntilPong());
        Assert.False(Rooms.HasMessages);
    }
}
