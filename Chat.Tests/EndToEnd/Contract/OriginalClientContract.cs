using System.Diagnostics;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

/// <summary>The original's clients connect to <c>/</c> and work unchanged.</summary>
public abstract class OriginalClientContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_speak_with_the_names_and_sentences_of_the_original()
    {
        var room = chat.Name("room");
        await using var ana = await chat.ConnectAsync("/");
        var name = chat.Name("ana");
        var welcome = await ana.LoginAsync(name);
        Assert.Equal($"Welcome {name}!", welcome["message"]);
        await ana.SendAsync("join", ("room", room));
        var history = await ana.ExpectAsync("history");
        Assert.Equal(room, history["room"]);
        Assert.Empty(history.Messages);
        await ana.ExpectAsync("rooms");
        await ana.SendAsync("publish", ("room", room), ("message", "hi"));
        var message = await ana.ExpectAsync("message");
        Assert.Equal((room, name, "hi"), (message["room"], message["user"], message["message"]));
        Assert.NotNull(message["timestamp"]);

        await using var ben = await chat.ConnectAsync("/");
        await ben.LoginAsync(chat.Name("ben"));
        await ben.JoinAsync(room);
        Assert.Equal($"{ben.User} joined the room", (await ana.ExpectAsync("system"))["message"]);
        Assert.Equal("hi", ben.Frames.Single(frame => frame.Type == "history").Messages[0]["message"]);
        await ana.SendAsync("who", ("room", room));
        Assert.Equal([ana.User, ben.User], (await ana.ExpectAsync("who")).Texts("members"));
        await ben.SendAsync("leave", ("room", room));
        Assert.Equal($"{ben.User} left the room", (await ana.ExpectAsync("system"))["message"]);
    }

    [ContractFact]
    public async Task Should_leave_the_room_before_and_tell_the_rooms_with_each_join()
    {
        var (one, two) = (chat.Name("one"), chat.Name("two"));
        await using var ben = await chat.EnterAsync("ben", one);
        await using var ana = await chat.ConnectAsync("/");
        await ana.LoginAsync(chat.Name("ana"));
        await ana.JoinAsync(one);
        await ana.ExpectAsync("rooms");
        await ana.JoinAsync(two);
        await ana.ExpectAsync("rooms");
        await ben.ExpectAsync(frame => frame.IsSystem("left", one) && frame["user"] == ana.User, "the leave");
        await ana.JoinAsync(two);
        await ana.ExpectAsync("rooms");
        await ana.SendAsync("publish", ("room", one), ("message", "x"), ("id", "x"));
        await ana.RefusalAsync("x", "not_in_room");
        await ana.PublishAsync(two, "here");
    }

    [ContractFact]
    public async Task Should_free_the_name_as_soon_as_the_connection_is_lost()
    {
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        var ana = await chat.ConnectAsync("/");
        await ana.LoginAsync(chat.Name("ana"));
        await ana.JoinAsync(room);
        ana.Abort();
        await ben.ExpectAsync(frame => frame.IsSystem("left", room) && frame["user"] == ana.User, "the leave");
        await using var next = await chat.ConnectAsync("/");
        Assert.False((await next.LoginAsync(ana.User, ana.Session)).Flag("resumed"));
        await ana.DisposeAsync();
    }

    [ContractFact]
    public async Task Should_keep_the_grace_period_to_the_other_path_and_the_rooms_to_one_answer_there()
    {
        var (one, two) = (chat.Name("one"), chat.Name("two"));
        await using var ana = await chat.EnterAsync("ana", one, two);
        await ana.PublishAsync(one, "in both");
        await ana.PublishAsync(two, "in both");
        Assert.Single(ana.Frames, frame => frame.Type == "rooms");
    }

    [PythonWebSocketsFact]
    public async Task Should_serve_a_client_in_the_originals_manner()
    {
        const string Client = """
            import asyncio, json, sys, websockets

            async def main(url, user, room):
                async with websockets.connect(url) as ws:
                    await ws.send(json.dumps({"type": "login", "username": user}))
                    rooms = 0
                    while True:
                        data = json.loads(await asyncio.wait_for(ws.recv(), 60))
                        kind = data["type"]
                        if kind == "system":
                            print("[system]", data["message"])
                            if data["message"] == f"Welcome {user}!":
                                await ws.send(json.dumps({"type": "join", "room": room}))
                        elif kind == "history":
                            for m in data["messages"]:
                                print(f"[history] {m['user']}: {m['message']}")
                        elif kind == "rooms":
                            rooms += 1
                            if rooms == 2:
                                await ws.send(json.dumps({"type": "publish", "room": room, "message": "Grüße, 世界 😀"}))
                        elif kind == "message":
                            print(f"[{data['room']}] {data['user']}: {data['message']} at {data['timestamp'][10]}")
                            await ws.send(json.dumps({"type": "who", "room": room}))
                        elif kind == "who":
                            print("[who]", ",".join(data["members"]))
                            await ws.send(json.dumps({"type": "join", "room": "no such name"}))
                        elif kind == "error":
                            print("[error]", len(data["message"]) > 0)
                            return

            asyncio.run(main(*sys.argv[1:]))
            """;
        var (room, user) = (chat.Name("python"), chat.Name("snake"));
        await using var ana = await chat.EnterAsync("ana", room);
        await ana.PublishAsync(room, "before");
        var gateway = chat.Next();
        var start = new ProcessStartInfo(PythonWebSocketsFactAttribute.Python, ["-c", Client, $"ws://127.0.0.1:{gateway.Port}", user, room])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using var python = Process.Start(start)!;
        try
        {
            var output = python.StandardOutput.ReadToEndAsync();
            var errors = python.StandardError.ReadToEndAsync();
            var printed = await Patience.OfAsync(output, "the client's end", () => gateway.Report);
            Assert.Equal(
                $"""
                [system] Welcome {user}!
                [history] {ana.User}: before
                [{room}] {user}: Grüße, 世界 😀 at T
                [who] {ana.User},{user}
                [error] True

                """,
                printed + await errors);
        }
        finally
        {
            python.Kill();
        }
        await ana.ExpectAsync(frame => frame.IsMessage(room, "Grüße, 世界 😀"), "the message");
        await ana.ExpectAsync(frame => frame.IsSystem("left", room) && frame["user"] == user, "the leave");
    }
}
