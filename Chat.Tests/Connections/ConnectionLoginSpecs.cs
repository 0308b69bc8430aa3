using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Connections;

public sealed class ConnectionLoginSpecs : ConnectionSpecs
{
    [Fact]
    public async Task Should_welcome_and_list_the_rooms_when_the_login_is_accepted()
    {
        await Start();
        Client.Send(new Request.Login("Ana", "old-token", "ignored") { Id = "l" });
        var login = await Users.ExpectMsgAsync<UserCommands.Login>();
        Assert.Equal(("Ana", "old-token", true), (login.Name.Value, login.Token, login.HasGrace));
        Client.Connection.Tell(new LoginOutcome.Accepted(Ana, Token, false, [], null));
        await ListRooms();

        var welcome = await Client.Expect<ServerEvent.Welcome>();
        Assert.Equal(("l", "ana", Token, false, "Welcome ana!", Time.Now), (welcome.Id, welcome.User, welcome.Session, welcome.Resumed, welcome.Sentence, welcome.Timestamp));
        Assert.Empty(welcome.JoinedRooms);
        Assert.Equal((Options.Server, Options.Limits), (welcome.Server, welcome.Limits));
        var rooms = await Client.Expect<ServerEvent.Rooms>();
        Assert.Equal((null, 3), (rooms.Id, rooms.Online["general"]));
        Assert.Equal(["general"], rooms.Names);
        // A login is one request.
        await Client.ExpectAnswered(1);
    }

    [Fact]
    public async Task Should_say_what_is_still_joined_when_the_session_is_resumed()
    {
        await Start();
        Client.Send(new Request.Login("ana", Token));
        await Accept(General, Other);
        var welcome = await Client.Expect<ServerEvent.Welcome>();
        Assert.True(welcome.Resumed);
        Assert.Equal(["general", "other"], welcome.JoinedRooms);
    }

    [Fact]
    public async Task Should_refuse_the_login_and_take_another_when_the_name_is_taken()
    {
        await Start();
        Client.Send(new Request.Login("ana") { Id = "first" }, new Request.Login("eve") { Id = "second" });
        await Users.ExpectMsgAsync<UserCommands.Login>();
        Client.Connection.Tell(new LoginOutcome.Refused(ErrorCodes.NameTaken, "Choose another.", TimeSpan.FromSeconds(3)));
        Assert.Equal(
            new ServerEvent.Error(ErrorCodes.NameTaken, "Choose another.", null, TimeSpan.FromSeconds(3)) { Id = "first" },
            await Client.Expect<ServerEvent.Error>());
        Assert.Equal("eve", (await Users.ExpectMsgAsync<UserCommands.Login>()).Name.Value);
    }

    [Fact]
    public async Task Should_close_as_replaced_when_a_newer_connection_has_the_session()
    {
        await Start();
        Client.Send(new Request.Login("ana", Token), new Request.Join("general"));
        await Users.ExpectMsgAsync<UserCommands.Login>();
        Client.Connection.Tell(new LoginOutcome.Replaced());
        Assert.Equal(CloseCodes.Replaced, await ExpectClosed());
        Assert.False(Users.HasMessages);
        Assert.False(Relays.HasMessages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("_ana")]
    [InlineData("абвabc")]
    public async Task Should_refuse_the_login_when_the_name_breaks_a_rule(string name)
    {
        await Start();
        Assert.Equal(ErrorCodes.BadUsername, (await Refused(new Request.Login(name))).Code);
        Assert.False(Users.HasMessages);
    }

    [Fact]
    public async Task Should_count_logins_whose_name_breaks_a_rule_when_they_come_too_fast()
    {
        Options = Options with { LoginRate = 1, LoginBurst = 2 };
        await Start();
        foreach (var code in (string[])[ErrorCodes.BadUsername, ErrorCodes.BadUsername, ErrorCodes.RateLimited])
            Assert.Equal(code, (await Refused(new Request.Login("_ana"))).Code);
    }

    public static TheoryData<Request> NeedLogin =>
    [
        new Request.Join("general"), new Request.Leave("general"), new Request.Publish("general", "hello"), new Request.Typing("general"),
        new Request.History("general"), new Request.Who("general"), new Request.Rooms(),
    ];

    [Theory]
    [MemberData(nameof(NeedLogin))]
    public async Task Should_refuse_what_needs_a_login_when_there_was_none(Request request)
    {
        await Start();
        Assert.Equal(ErrorCodes.NotLoggedIn, (await Refused(request)).Code);
        await Client.ExpectAnswered(1);
    }

    [Fact]
    public async Task Should_answer_a_ping_when_there_was_no_login()
    {
        await Start();
        Assert.Empty(await Client.UntilPong());
    }

    [Fact]
    public async Task Should_refuse_a_second_login_when_logged_in()
    {
        await StartNamed();
        Assert.Equal(ErrorCodes.AlreadyLoggedIn, (await Refused(new Request.Login("eve"))).Code);
    }

    [Fact]
    public async Task Should_carry_out_what_was_sent_behind_the_login_in_its_order()
    {
        await Start();
        Client.Send(
            new Request.Login("ana"), new Request.Join("general"), new Request.Publish("general", "hello") { Id = "m1" },
            new Request.Leave("general") { Id = "l" }, new Request.Who("general") { Id = "w" }, new Request.Ping { Id = "p" });
        await Users.ExpectMsgAsync<UserCommands.Login>();
        Client.Connection.Tell(new LoginOutcome.Accepted(Ana, Token, false, [], null));
        await Client.Expect<ServerEvent.Welcome>();
        Assert.False(Relays.HasMessages);
        await ListRooms();

        await Client.Expect<ServerEvent.Rooms>();
        await Relays.ExpectMsgAsync<RelayCommands.Join>();
        Assert.Equal("hello", (await Relays.ExpectMsgAsync<RelayCommands.Publish>()).Text);
        await Relays.ExpectMsgAsync<RelayCommands.Leave>();
        await Relays.ExpectMsgAsync<RoomQueries.Who>();
        Assert.Equal("p", (await Client.Expect<ServerEvent.Pong>()).Id);
    }

    [Fact]
    public async Task Should_close_when_there_is_no_login_in_time()
    {
        await Start();
        await Client.UntilPong();
        Advance(Options.LoginTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await Client.UntilPong());
        Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(CloseCodes.Policy, await ExpectClosed());
    }

    [Fact]
    public async Task Should_give_the_time_anew_when_it_was_the_server_that_took_it()
    {
        await Start();
        Client.Send(new Request.Login("ana"));
        await Users.ExpectMsgAsync<UserCommands.Login>();
        Advance(Options.LoginTime * 10);
        Client.Connection.Tell(new LoginOutcome.Refused(ErrorCodes.NameTaken, "Choose another.", null));
        await Client.Expect<ServerEvent.Error>();
        Advance(Options.LoginTime - TimeSpan.FromMilliseconds(1));
        Client.Send(new Request.Login("ana"));
        await Users.ExpectMsgAsync<UserCommands.Login>();
        Client.Connection.Tell(new LoginOutcome.Refused(ErrorCodes.Busy, "Log in again.", null));
        await Client.Expect<ServerEvent.Error>();
        Advance(Options.LoginTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await Client.UntilPong());
        Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(CloseCodes.Policy, await ExpectClosed());
    }

    [Fact]
    public async Task Should_stay_when_the_login_was_accepted_in_time()
    {
        await StartNamed();
        Advance(Options.LoginTime * 10);
        Assert.Empty(await Client.UntilPong());
    }

    [Theory]
    [InlineData(0, CloseCodes.Normal)]
    [InlineData(CloseCodes.Normal, CloseCodes.Normal)]
    [InlineData(CloseCodes.GoingAway, CloseCodes.GoingAway)]
    [InlineData(null, CloseCodes.Normal)]
    public async Task Should_end_without_a_word_to_the_registry_when_a_nameless_one_is_closed(int? code, int answer)
    {
        await Start();
        Client.Connection.Tell(new ConnectionInputs.Closed(code));
        Assert.Equal(answer, await ExpectClosed());
        Assert.False(Users.HasMessages);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("open")]
    public async Task Should_refuse_the_login_without_asking_when_its_token_is_not_the_servers(string? token)
    {
        Options = Options with { AccessToken = new Secret("open-sesame") };
        await Start();
        Client.Send(new Request.Login("ana", null, token) { Id = "1" }, new Request.Login("bob", null, "open-sesame") { Id = "2" });
        var error = await Client.Expect<ServerEvent.Error>();
        Assert.Equal((ErrorCodes.BadToken, "1"), (error.Code, error.Id));
        Assert.Equal("bob", (await Users.ExpectMsgAsync<UserCommands.Login>()).Name.Value);
    }

    [Fact]
    public async Task Should_refuse_to_publish_and_do_all_else_when_the_server_drains()
    {
        await Start();
        Client.Send(new Request.Login("ana"));
        await Accept(General);
        await Client.Expect<ServerEvent.Welcome>();
        await Client.Expect<ServerEvent.Rooms>();
        Client.Connection.Tell(ConnectionInputs.Draining.Instance);
        Client.Send(new Request.Publish("general", "hello") { Id = "p" }, new Request.Who("general") { Id = "w" });
        var error = await Client.Expect<ServerEvent.Error>();
        Assert.Equal((ErrorCodes.Busy, "p"), (error.Code, error.Id));
        Assert.NotNull(error.RetryAfter);
        Assert.Equal("w", (await Relays.ExpectMsgAsync<RoomQueries.Who>()).RequestId);
    }
}
