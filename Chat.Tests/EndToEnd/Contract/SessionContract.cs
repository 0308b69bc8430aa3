using System.Net.WebSockets;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class SessionContract(ChatFixture chat)
{
    [ContractTheory]
    [InlineData(null)]
    [InlineData(1001)]
    public async Task Should_keep_name_and_rooms_of_a_lost_connection_and_tell_nobody(int? code)
    {
        var (room, other) = (chat.Name("room"), chat.Name("other"));
        await using var ben = await chat.EnterAsync("ben", room);
        var ana = await chat.EnterAsync("ana", room, other);
        var (name, session) = (ana.User, ana.Session);
        await LoseAsync(ana, code);

        // Once it is gone the refusal says how long; until then another holds it.
        await using var thief = await chat.ConnectAsync();
        Frame refusal;
        do
        {
            await thief.SendAsync("login", ("username", name), ("id", "x"));
            refusal = await thief.RefusalAsync("x", "name_taken");
        }
        while (!refusal.Has("retryAfter"));
        Assert.InRange(refusal.Number("retryAfter"), 1, chat.Grace.TotalMilliseconds);
        await ben.SendAsync("who", ("room", room), ("id", "w"));
        Assert.Contains(name, (await ben.AnswerAsync("w")).Texts("members"));

        var missed = await ben.PublishAsync(room, "while you were away");
        await using var again = await chat.ConnectAsync();
        var welcome = await again.LoginAsync(name, session);
        Assert.True(welcome.Flag("resumed"));
        Assert.Equal(session, welcome["session"]);
        Assert.Equal(new[] { room, other }.Order(StringComparer.Ordinal), welcome.Texts("rooms").Order(StringComparer.Ordinal));

        // Events flow from its own join on, not before.
        await ben.PublishAsync(room, "not yet");
        var page = await again.JoinAsync(room, since: 0);
        Assert.Equal([missed.Number("seq"), missed.Number("seq") + 1], page.Seqs);
        Assert.DoesNotContain(again.Frames, frame => frame.Type == "message");
        await ben.PublishAsync(room, "now");
        await again.ExpectAsync(frame => frame.IsMessage(room, "now"), "a live message");
        Assert.Single(ben.Frames, frame => frame.Type == "system" && frame["user"] == name);
    }

    [ContractFact]
    public async Task Should_close_the_older_connection_with_4001_and_show_nobody_a_leave()
    {
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        await using var old = await chat.EnterAsync("ana", room);
        await using var young = await chat.ConnectAsync();
        Assert.True((await young.LoginAsync(old.User, old.Session)).Flag("resumed"));
        Assert.Equal(4001, await old.ClosedAsync());
        await young.JoinAsync(room, since: 0);
        await young.PublishAsync(room, "it is me");
        await ben.CatchUpAsync(room);
        Assert.Single(ben.Frames, frame => frame.Type == "system" && frame["user"] == old.User);
        await young.PongAsync();
    }

    [ContractFact]
    public async Task Should_let_nothing_of_an_older_connection_touch_the_newer_one()
    {
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        var connection = await chat.EnterAsync("ana", room);
        var (name, session) = (connection.User, connection.Session);
        for (var i = 0; i < 25; i++)
        {
            // What the older one still says is refused or ignored, whenever it comes, and so is its end.
            await connection.SendAsync("publish", ("room", room), ("message", $"{i}"), ("id", $"m{i}"));
            var next = await chat.ConnectAsync();
            await next.SendAsync("login", ("username", name), ("session", session));
            await next.SendAsync("join", ("room", room), ("since", 0), ("id", "j"));
            if (i % 2 == 0)
                connection.Abort();
            await next.ExpectAsync(frame => frame.Id == "j" && frame.Type == "history" && frame.Flag("live"), "the join's answer");
            await connection.DisposeAsync();
            connection = next;
        }
        await connection.CatchUpAsync(room);
        await ben.CatchUpAsync(room);
        Assert.Single(ben.Frames, frame => frame.Type == "system" && frame["user"] == name);
        var own = ben.Frames.Where(frame => frame.Type == "message" && frame["user"] == name && frame.Id!.StartsWith('m')).Select(frame => frame.Id).ToArray();
        Assert.Equal(own.Distinct(), own);
        await connection.DisposeAsync();
    }

    [ContractTheory]
    [InlineData(1000)]
    [InlineData(0)]
    public async Task Should_take_a_clean_close_for_a_logout(int code)
    {
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        var name = chat.Name("ana");
        using (var ana = await RawWire.UpgradeAsync(chat.Next()))
        {
            await ana.SendAsync($$"""{"type":"login","username":"{{name}}"}""");
            await ana.SendAsync($$"""{"type":"join","room":"{{room}}","id":"j"}""");
            await ana.ExpectAsync(frame => frame.Id == "j", "the join's answer");
            await ana.SendAsync(RawWire.Close, code == 0 ? [] : new byte[] { (byte)(code >> 8), (byte)code });
            Assert.NotNull(await ana.ClosedAsync());
        }
        await ben.ExpectAsync(frame => frame.IsSystem("left", room) && frame["user"] == name, "the leave");
        await using var next = await chat.ConnectAsync();
        await next.LoginAsync(name);
    }

    [ContractFact]
    public async Task Should_leave_all_rooms_on_logout_at_once()
    {
        var (one, two) = (chat.Name("one"), chat.Name("two"));
        await using var ben = await chat.EnterAsync("ben", one, two);
        await using var ana = await chat.EnterAsync("ana", one, two);
        await ana.SendAsync("""{"type":"logout"}""");
        await ben.EverAsync(frame => frame.IsSystem("left", one) && frame["user"] == ana.User, "the leave of one room");
        await ben.EverAsync(frame => frame.IsSystem("left", two) && frame["user"] == ana.User, "the leave of the other");
        Assert.Equal(1000, await ana.ClosedAsync());
        await using var next = await chat.ConnectAsync();
        Assert.False((await next.LoginAsync(ana.User, ana.Session)).Flag("resumed"));
    }

    [ContractFact]
    public async Task Should_leave_after_the_grace_period_what_was_not_taken_up_again()
    {
        var (kept, left) = (chat.Name("kept"), chat.Name("left"));
        await using var ben = await chat.EnterAsync("ben", kept, left);
        var gone = await chat.EnterAsync("gone", left);
        var ana = await chat.EnterAsync("ana", kept, left);
        gone.Abort();
        ana.Abort();
        await using var again = await chat.ConnectAsync();
        Assert.True((await again.LoginAsync(ana.User, ana.Session)).Flag("resumed"));
        await again.JoinAsync(kept, since: 0);

        await ben.EverAsync(frame => frame.IsSystem("left", left) && frame["user"] == gone.User, "the leave of the session that is over");
        await ben.EverAsync(frame => frame.IsSystem("left", left) && frame["user"] == ana.User, "the leave of the room that wasn't joined again");
        await using var next = await chat.ConnectAsync();
        Assert.False((await next.LoginAsync(gone.User, gone.Session)).Flag("resumed"));
        await ben.CatchUpAsync(kept);
        Assert.DoesNotContain(ben.Frames, frame => frame.IsSystem("left", kept));
        await again.PublishAsync(kept, "still here");
        await again.SendAsync("publish", ("room", left), ("message", "x"), ("id", "x"));
        await again.RefusalAsync("x", "not_in_room");
        await gone.DisposeAsync();
        await ana.DisposeAsync();
    }

    private static async Task LoseAsync(RawChat client, int? code)
    {
        if (code is { } given)
            await client.CloseAsync((WebSocketCloseStatus)given);
        else
            client.Abort();
        await client.DisposeAsync();
    }
}
