using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class LoginContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_welcome_with_session_and_limits_and_then_tell_the_rooms()
    {
        var name = chat.Name("Ana");
        await using var ana = await chat.ConnectAsync();
        await ana.SendAsync("login", ("username", name), ("id", "l1"), ("token", "ignored where the server asks for none"));

        var welcome = await ana.NextAsync();
        Assert.True(welcome.IsSystem("welcome"));
        Assert.Equal("l1", welcome.Id);
        Assert.Equal($"Welcome {name}!", welcome["message"]);
        Assert.Equal(name, welcome["user"]);
        Assert.Matches("^[0-9a-f]{32,}$", welcome["session"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", welcome["timestamp"]);
        Assert.True(welcome.Has("resumed"));
        Assert.False(welcome.Flag("resumed"));
        Assert.Empty(welcome.Texts("rooms"));
        Assert.Equal("ChatActors", welcome.Json.GetProperty("server").GetProperty("name").GetString());
        Assert.NotEmpty(welcome.Json.GetProperty("server").GetProperty("version").GetString()!);
        var limits = welcome.Json.GetProperty("limits");
        Assert.Equal(4000, limits.GetProperty("messageCharacters").GetInt32());
        Assert.Equal(65536, limits.GetProperty("frameBytes").GetInt32());
        Assert.Equal(50, limits.GetProperty("rooms").GetInt32());
        Assert.Equal(64, limits.GetProperty("unansweredRequests").GetInt32());
        Assert.Equal(0, limits.GetProperty("publishRate").GetDouble());
        Assert.True(limits.GetProperty("publishBurst").GetInt32() >= 1);
        Assert.Equal(20, limits.GetProperty("readRate").GetDouble());
        Assert.Equal(chat.Grace.TotalMilliseconds, limits.GetProperty("grace").GetDouble());

        var rooms = await ana.NextAsync();
        Assert.Equal("rooms", rooms.Type);
        Assert.Null(rooms.Id);
    }

    [ContractTheory]
    [InlineData("""{"type":"join","id":"x","room":"general"}""")]
    [InlineData("""{"type":"leave","id":"x","room":"general"}""")]
    [InlineData("""{"type":"publish","id":"x","room":"general","message":"hi"}""")]
    [InlineData("""{"type":"history","id":"x","room":"general"}""")]
    [InlineData("""{"type":"who","id":"x","room":"general"}""")]
    [InlineData("""{"type":"rooms","id":"x"}""")]
    [InlineData("""{"type":"typing","id":"x","room":"general"}""")]
    public async Task Should_refuse_what_needs_a_login(string request)
    {
        await using var nobody = await chat.ConnectAsync();
        await nobody.SendAsync(request);
        await nobody.RefusalAsync("x", "not_logged_in");
        await nobody.PongAsync();
    }

    [ContractFact]
    public async Task Should_answer_a_ping_and_close_on_logout_without_a_login()
    {
        await using var nobody = await chat.ConnectAsync();
        await nobody.SendAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", (await nobody.NextAsync()).Text);
        await nobody.SendAsync("""{"type":"logout"}""");
        Assert.Equal(1000, await nobody.ClosedAsync());
    }

    [ContractFact]
    public async Task Should_refuse_a_second_login_on_one_connection()
    {
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("login", ("username", chat.Name("other")), ("id", "again"));
        await ana.RefusalAsync("again", "already_logged_in");
        await ana.PongAsync();
    }

    [ContractTheory]
    [InlineData("\"\"", "bad_username")]
    [InlineData("\"   \"", "bad_username")]
    [InlineData("\".ana\"", "bad_username")]
    [InlineData("\"an a\"", "bad_username")]
    [InlineData("\"ana\\u200b\"", "bad_username")]
    [InlineData("\"ana\\u0000\"", "bad_username")]
    [InlineData("\"\\ud800\"", "bad_username")]
    [InlineData("\"a\\u0430na\"", "bad_username")]
    [InlineData("\"../../etc\"", "bad_username")]
    [InlineData("\"123456789012345678901234567890123\"", "bad_username")]
    [InlineData("7", "bad_request")]
    [InlineData("null", "bad_request")]
    [InlineData("[\"ana\"]", "bad_request")]
    public async Task Should_refuse_a_username_that_breaks_a_rule(string username, string code)
    {
        await using var nobody = await chat.ConnectAsync();
        await nobody.SendAsync($$"""{"type":"login","id":"x","username":{{username}}}""");
        await nobody.RefusalAsync("x", code);
        await nobody.LoginAsync(chat.Name("fine"));
    }

    [ContractTheory]
    [InlineData("12345678901234567890123456789012")]
    [InlineData("Зоя")]
    [InlineData("李雷")]
    [InlineData("0.o_-")]
    public async Task Should_accept_a_username_that_keeps_the_rules(string username)
    {
        await using var client = await chat.ConnectAsync();
        Assert.Equal(username, (await client.LoginAsync(username))["user"]);
    }

    [ContractFact]
    public async Task Should_refuse_a_name_that_is_held_whatever_its_case_and_try_again_on_the_same_connection()
    {
        await using var ana = await chat.EnterAsync("Straße");
        await using var other = await chat.ConnectAsync();
        await other.SendAsync("login", ("username", ana.User.ToUpperInvariant().Replace("ß", "ẞ")), ("id", "x"));
        var refusal = await other.RefusalAsync("x", "name_taken");
        Assert.False(refusal.Has("retryAfter"));
        await other.SendAsync("login", ("username", ana.User.Replace("Straße", "STRASSE")), ("id", "y"));
        await other.RefusalAsync("y", "name_taken");
        await other.LoginAsync(chat.Name("other"));
    }

    [ContractFact]
    public async Task Should_refuse_a_live_session_of_another_name()
    {
        await using var ana = await chat.EnterAsync("ana");
        await using var thief = await chat.ConnectAsync();
        await thief.SendAsync("login", ("username", chat.Name("thief")), ("session", ana.Session), ("id", "x"));
        await thief.RefusalAsync("x", "bad_session");
        await ana.PongAsync();
    }

    [ContractFact]
    public async Task Should_log_in_afresh_with_a_session_that_is_unknown()
    {
        await using var ana = await chat.ConnectAsync();
        var welcome = await ana.LoginAsync(chat.Name("ana"), new string('0', 32));
        Assert.False(welcome.Flag("resumed"));
        Assert.NotEqual(new string('0', 32), ana.Session);
    }

    [ContractFact]
    public async Task Should_refuse_a_held_name_with_a_session_that_is_unknown()
    {
        await using var ana = await chat.EnterAsync("ana");
        await using var other = await chat.ConnectAsync();
        await other.SendAsync("login", ("username", ana.User), ("session", "none"), ("id", "x"));
        await other.RefusalAsync("x", "name_taken");
    }

    [ContractFact]
    public async Task Should_free_the_name_at_once_on_logout()
    {
        var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("""{"type":"logout"}""");
        Assert.Equal(1000, await ana.ClosedAsync());
        await ana.DisposeAsync();
        await using var next = await chat.ConnectAsync();
        Assert.False((await next.LoginAsync(ana.User)).Flag("resumed"));
    }
}
