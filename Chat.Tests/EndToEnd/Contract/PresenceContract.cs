using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class PresenceContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_list_rooms_most_populated_first_those_with_a_log_alone_included()
    {
        var (busy, calm, empty, silent) = (chat.Name("busy"), chat.Name("calm"), chat.Name("empty"), chat.Name("silent"));
        await using var ana = await chat.EnterAsync("ana", calm, busy, empty, silent);
        await using var ben = await chat.EnterAsync("ben", busy, calm);
        await using var eva = await chat.EnterAsync("eva", busy);
        await ana.PublishAsync(empty, "somebody was here");
        foreach (var room in new[] { empty, silent })
        {
            await ana.SendAsync("leave", ("room", room), ("id", "l"));
            await ana.AnswerAsync("l");
        }

        // The picture is up to 1 s old: ask until it shows the end of this.
        var rooms = await Watch.UntilAsync(
            async () =>
            {
                await ana.SendAsync("rooms", ("id", "r"));
                return await ana.AnswerAsync("r");
            },
            seen => (Online(seen, empty), Online(seen, silent), Online(seen, busy), Online(seen, calm)) == (0, -1, 3, 2),
            "the rooms",
            seen => seen.Json.ToString());

        Assert.Equal([busy, calm, empty], rooms.Texts("rooms").Where(name => name == busy || name == calm || name == empty));
        var counts = rooms.Texts("rooms").Select(room => Online(rooms, room)).ToArray();
        Assert.Equal(counts.OrderDescending(), counts);

        static int Online(Frame seen, string room) => seen.Json.GetProperty("online").TryGetProperty(room, out var count) ? count.GetInt32() : -1;
    }

    [ContractFact]
    public async Task Should_list_members_sorted_for_anybody()
    {
        var room = chat.Name("room");
        await using var zoe = await chat.EnterAsync("zoe", room);
        await using var ben = await chat.EnterAsync("Ben", room);
        await using var ana = await chat.EnterAsync("ana", room);
        await using var stranger = await chat.EnterAsync("stranger");
        await stranger.SendAsync("who", ("room", room), ("id", "w"));
        var who = await stranger.AnswerAsync("w");
        Assert.Equal([ana.User, ben.User, zoe.User], who.Texts("members"));
        Assert.Equal(3, who.Number("online"));
    }

    [ContractFact]
    public async Task Should_tell_the_others_of_typing_but_not_again_at_once()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        for (var i = 0; i < 5; i++)
            await ana.SendAsync("typing", ("room", room), ("id", "t"));
        var typing = await ben.ExpectAsync("typing");
        Assert.Equal(ana.User, typing["user"]);
        Assert.Equal(room, typing["room"]);
        await ben.CatchUpAsync(room);
        Assert.Single(ben.Frames, frame => frame.Type == "typing");
        await ana.CatchUpAsync(room);
        await ana.PongAsync();
        Assert.DoesNotContain(ana.Frames, frame => frame.Type == "typing" || frame.Id == "t");
    }

    [ContractFact]
    public async Task Should_tell_a_large_room_of_entries_in_digests_and_list_a_thousand_of_its_members()
    {
        const int Members = 1_010;
        var room = chat.Name("crowd");
        await using var ana = await chat.EnterAsync("ana", room);
        var crowd = new List<RawWire>();
        try
        {
            for (var i = 1; i < Members; i++)
            {
                var wire = await RawWire.UpgradeAsync(chat.Next());
                crowd.Add(wire);
                await wire.SendAsync($$"""{"type":"login","username":"m{{i:0000}}"}""");
                await wire.SendAsync($$"""{"type":"join","room":"{{room}}","id":"j"}""");
            }
            foreach (var wire in crowd)
                await wire.ExpectAsync(frame => frame.Id == "j" && frame.Type == "history", "the join's answer");

            await ana.SendAsync("who", ("room", room), ("id", "w"));
            var who = await ana.AnswerAsync("w");
            Assert.Equal(Members, who.Number("online"));
            var members = who.Texts("members");
            Assert.Equal(1000, members.Count);
            Assert.Equal(members.Order(StringComparer.Ordinal), members);

            crowd[0].Dispose();
            await crowd[1].SendAsync($$"""{"type":"leave","room":"{{room}}","id":"l"}""");
            await crowd[1].ExpectAsync(frame => frame.Id == "l" && frame.IsSystem("left", room), "the leave's answer");
            await ana.EverAsync(frame => Sum([.. Digests(), frame], "joined") + Notices("joined") == Members - 1 && Sum([.. Digests(), frame], "left") == 1, "digests of all that came and went");

            Assert.Equal(100 - 1, Notices("joined"));
            Assert.Equal(0, Notices("left"));
            Assert.True(Digests().Length >= 1);
            var last = Digests()[^1];
            Assert.Equal(Members - 1, last.Number("online"));
            Assert.NotEmpty(last["message"]!);
            Assert.True(last.Has("timestamp"));
        }
        finally
        {
            crowd.ForEach(wire => wire.Dispose());
        }

        Frame[] Digests() => [.. ana.Frames.Where(frame => frame.IsSystem("presence", room))];
        int Notices(string name) => ana.Frames.Count(frame => frame.IsSystem(name, room));
        static long Sum(Frame[] digests, string field) => digests.Where(frame => frame.IsSystem("presence")).Distinct().Sum(frame => frame.Number(field));
    }
}
