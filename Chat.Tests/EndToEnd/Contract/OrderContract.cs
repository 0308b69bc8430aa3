using System.Text.Json.Nodes;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class OrderContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_let_requests_take_effect_in_the_order_sent_without_waiting()
    {
        const int Messages = 100;
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        await using var ana = await chat.ConnectAsync();
        var name = chat.Name("ana");
        await ana.SendAsync("login", ("username", name), ("id", "login"));
        await ana.SendAsync("join", ("room", room), ("id", "join"));
        for (var i = 1; i <= Messages; i++)
            await ana.SendAsync("publish", ("room", room), ("message", $"message {i}"), ("id", $"m{i}"));
        await ana.SendAsync("who", ("room", room), ("id", "who-in"));
        await ana.SendAsync("history", ("room", room), ("limit", 1), ("id", "history"));
        await ana.SendAsync("leave", ("room", room), ("id", "leave"));
        await ana.SendAsync("publish", ("room", room), ("message", "too late"), ("id", "late"));
        await ana.SendAsync("who", ("room", room), ("id", "who-out"));
        foreach (var id in new[] { "login", "join", $"m{Messages}", "who-in", "history", "leave", "late", "who-out" })
            await ana.EverAsync(frame => frame.Id == id && frame.Type != "message", $"the answer to {id}");

        Assert.True(ana.Frames[0].IsSystem("welcome"));
        Assert.Equal("rooms", ana.Frames[1].Type);
        Assert.True(IndexOf(ana, "join") > 1);
        var acks = ana.Frames.Where(frame => frame.Type == "ack").ToArray();
        Assert.Equal(Enumerable.Range(1, Messages).Select(i => $"m{i}"), acks.Select(ack => ack.Id));
        Assert.Equal(Enumerable.Range(1, Messages).Select(i => (long)i), acks.Select(ack => ack.Number("seq")));
        Assert.True(IndexOf(ana, "leave") > IndexOf(ana, $"m{Messages}"));
        Assert.Equal("not_in_room", ana.Frames[IndexOf(ana, "late")]["code"]);
        Assert.Contains(name, ana.Frames[IndexOf(ana, "who-in")].Texts("members"));
        Assert.Equal([Messages], ana.Frames[IndexOf(ana, "history")].Seqs);
        Assert.DoesNotContain(name, ana.Frames[IndexOf(ana, "who-out")].Texts("members"));
        // One answer to each request.
        foreach (var id in new[] { "login", "join", "who-in", "leave", "late", "who-out" })
            Assert.Single(ana.Frames, frame => frame.Id == id);

        await ben.ExpectAsync(frame => frame.IsSystem("left", room), "ana's leave");
        var seen = ben.Frames.Where(frame => frame["user"] == name).ToArray();
        Assert.True(seen[0].IsSystem("joined", room));
        Assert.True(seen[^1].IsSystem("left", room));
        Assert.Equal(
            Enumerable.Range(1, Messages).Select(i => $"message {i}"), seen[1..^1].Select(frame => frame["message"]));
    }

    [ContractFact]
    public async Task Should_hold_the_order_of_requests_while_the_ids_of_an_old_room_are_being_read()
    {
        var room = chat.Name("room");
        await using (var old = await chat.EnterAsync("old", room))
        {
            for (var i = 0; i < 50; i++)
                await old.SendAsync("publish", ("room", room), ("message", $"{i}"));
            await old.CatchUpAsync(room);
        }
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("join", ("room", room), ("since", 0), ("id", "join"));
        await ana.SendAsync("publish", ("room", room), ("message", "mine"), ("id", "mine"));
        await ana.SendAsync("leave", ("room", room), ("id", "leave"));
        await ana.SendAsync("join", ("room", room), ("since", 51), ("id", "again"));
        var again = await ana.AnswerAsync("again");
        Assert.Equal("history", again.Type);
        var left = IndexOf(ana, "leave");
        Assert.True(ana.Frames[left].IsSystem("left", room));
        Assert.True(IndexOf(ana, "mine", "ack") < left);
        Assert.Equal([52L], again.Seqs);
    }

    [ContractFact]
    public async Task Should_give_many_senders_one_order_without_a_hole()
    {
        const int Senders = 5, Each = 60;
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        var senders = await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => chat.EnterAsync("sender", room)));
        await Task.WhenAll(senders.Select(async sender =>
        {
            for (var i = 0; i < Each; i++)
                await sender.SendAsync("publish", ("room", room), ("message", $"{i}"));
        }));
        foreach (var reader in senders.Append(ana).Append(ben))
            await reader.ExpectAsync(frame => frame.Type == "message" && frame.Number("seq") == Senders * Each, "the last message");

        var texts = Messages(ana).Select(frame => frame.Text).ToArray();
        Assert.Equal(Enumerable.Range(1, Senders * Each).Select(i => (long)i), Messages(ana).Select(frame => frame.Number("seq")));
        foreach (var reader in senders.Append(ben))
            Assert.Equal(texts, Messages(reader).Select(frame => frame.Text));
        foreach (var sender in senders)
        {
            Assert.Equal(
                Enumerable.Range(0, Each).Select(i => $"{i}"),
                Messages(ana).Where(frame => frame["user"] == sender.User).Select(frame => frame["message"]));
            await sender.DisposeAsync();
        }
        var times = Messages(ana).Select(frame => frame["timestamp"]!).ToArray();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);

        Frame[] Messages(RawChat client) => [.. client.Frames.Where(frame => frame.Type == "message" && frame["room"] == room)];
    }

    [ContractFact]
    public async Task Should_answer_every_one_of_many_requests_that_nobody_waited_for()
    {
        const int Requests = 500;
        await using var ana = await chat.EnterAsync("ana");
        for (var i = 0; i < Requests; i++)
            await ana.SendAsync("ping", ("id", $"p{i}"), ("x", new JsonArray()));
        await ana.AnswerAsync($"p{Requests - 1}");
        Assert.Equal(
            Enumerable.Range(0, Requests).Select(i => $"p{i}"), ana.Frames.Where(frame => frame.Type == "pong").Select(frame => frame.Id));
    }

    private static int IndexOf(RawChat client, string id, string? type = null) =>
        client.Frames.ToList().FindIndex(frame => frame.Id == id && (type is null || frame.Type == type) && frame.Type != "message");
}
