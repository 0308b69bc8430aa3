using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Actors.Relays;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Connections;

public sealed class ConnectionEndSpecs : ConnectionSpecs
{
    [Fact]
    public async Task Should_end_the_session_and_close_when_one_logs_out()
    {
        await StartNamed();
        await JoinedRoom("general");
        Client.Send(new Request.Logout());
        Assert.Equal(new UserCommands.Logout(Ana), await Users.ExpectMsgAsync<UserCommands.Logout>());
        Assert.Equal(CloseCodes.Normal, await ExpectClosed());
        Assert.Equal(new RelayCommands.Detach(General, Ana), await Relays.ExpectMsgAsync<RelayCommands.Detach>());
    }

    [Fact]
    public async Task Should_close_without_a_word_when_a_nameless_one_logs_out()
    {
        await Start();
        Client.Send(new Request.Logout());
        Assert.Equal(CloseCodes.Normal, await ExpectClosed());
        Assert.False(Users.HasMessages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(CloseCodes.Normal)]
    public async Task Should_end_the_session_when_the_client_closes_normally(int code)
    {
        await StartNamed();
        Client.Connection.Tell(new ConnectionInputs.Closed(code));
        await Users.ExpectMsgAsync<UserCommands.Logout>();
        Assert.Equal(CloseCodes.Normal, await ExpectClosed());
    }

    [Theory]
    [InlineData(CloseCodes.GoingAway, CloseCodes.GoingAway)]
    [InlineData(3_000, 3_000)]
    [InlineData(null, CloseCodes.Normal)]
    public async Task Should_leave_the_session_to_its_grace_period_when_the_connection_is_lost(int? code, int answer)
    {
        await StartNamed();
        await JoinedRoom("general");
        Client.Connection.Tell(new ConnectionInputs.Closed(code));
        Assert.Equal(answer, await ExpectClosed());
        await Relays.ExpectMsgAsync<RelayCommands.Detach>();
        Assert.False(Users.HasMessages);
    }

    [Fact]
    public async Task Should_carry_out_what_came_before_the_end_when_it_comes_while_logging_in()
    {
        await Start();
        Client.Send(new Request.Login("ana"), new Request.Join("general"));
        Client.Connection.Tell(new ConnectionInputs.Closed(CloseCodes.Normal));
        await Accept();
        await Relays.ExpectMsgAsync<RelayCommands.Join>();
        await Users.ExpectMsgAsync<UserCommands.EnterRoom>();
        await Users.ExpectMsgAsync<UserCommands.Logout>();
        await ExpectClosed();
    }

    [Fact]
    public async Task Should_close_when_another_connection_resumed_the_session()
    {
        await StartNamed();
        await JoinedRoom("general");
        Client.Connection.Tell(UserNotices.Replaced.Instance);
        Assert.Equal(CloseCodes.Replaced, await ExpectClosed());
        await Relays.ExpectMsgAsync<RelayCommands.Detach>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_say_so_and_close_when_the_server_goes_away(bool named)
    {
        await (named ? StartNamed() : Start());
        Client.Connection.Tell(new ConnectionInputs.ServerStopping(TimeSpan.FromMilliseconds(1234)));
        Assert.Equal(TimeSpan.FromMilliseconds(1234), (await Client.Expect<ServerEvent.Shutdown>()).ReconnectIn);
        Assert.Equal(CloseCodes.GoingAway, await ExpectClosed());
        Assert.False(Users.HasMessages);
    }

    [Fact]
    public async Task Should_close_as_failed_when_it_fails()
    {
        await StartNamed();
        Client.Connection.Tell(new ConnectionInputs.Malformed(null!));
        Assert.Equal(CloseCodes.Internal, await ExpectClosed());
    }

    [Fact]
    public async Task Should_close_as_failed_when_a_room_of_it_does()
    {
        await StartNamed();
        Client.Connection.Tell(RelayCommands.Failed.Instance);
        Assert.Equal(CloseCodes.Internal, await ExpectClosed());
        Assert.False(Users.HasMessages);
    }

    [Fact]
    public async Task Should_leave_what_was_not_joined_again_when_the_grace_period_after_a_resume_is_over()
    {
        await StartNamed(resumed: [General, Other, RoomName.Trusted("third")]);
        await JoinedRoom("general");
        Client.Send(new Request.Leave("third"));
        await Relays.ExpectMsgAsync<RelayCommands.Leave>();
        await Users.ExpectMsgAsync<UserCommands.LeaveRoom>();
        Advance(Options.Limits.Grace);
        Assert.Equal(new RelayCommands.Drop(Other, Ana), await Relays.ExpectMsgAsync<RelayCommands.Drop>());
        Assert.Equal(new UserCommands.LeaveRoom(Ana, Other), await Users.ExpectMsgAsync<UserCommands.LeaveRoom>());
        Assert.Equal(ErrorCodes.NotInRoom, (await Refused(new Request.Publish("other", "hello"))).Code);
        Client.Send(new Request.Publish("general", "hello"));
        await Relays.ExpectMsgAsync<RelayCommands.Publish>();
    }

    [Fact]
    public async Task Should_leave_all_of_them_when_none_was_joined_again()
    {
        RoomName[] rooms = [General, Other, RoomName.Trusted("third")];
        await StartNamed(resumed: rooms);
        Advance(Options.Limits.Grace);
        foreach (var _ in rooms)
            await Relays.ExpectMsgAsync<RelayCommands.Drop>();
        Assert.Empty(await Client.UntilPong());
    }

    [Fact]
    public async Task Should_let_a_resumed_session_speak_in_its_rooms_before_it_joined_them_again()
    {
        await StartNamed(resumed: General);
        Client.Send(new Request.Publish("general", "hello"));
        await Relays.ExpectMsgAsync<RelayCommands.Publish>();
    }
}
