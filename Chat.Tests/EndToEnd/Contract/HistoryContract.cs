using System.Text.Json.Nodes;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class HistoryContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_page_back_and_on_within_bounds()
    {
        var room = chat.Name("room");
        await using var ana = await FillAsync(room, 120);
        await using var reader = await chat.EnterAsync("reader");

        await PageAsync([], 71, 120, more: true);
        await PageAsync([("limit", 100)], 21, 120, more: true);
        await PageAsync([("limit", 1)], 120, 120, more: true);
        await PageAsync([("before", 71)], 21, 70, more: true);
        await PageAsync([("before", 21)], 1, 20, more: false);
        await PageAsync([("before", 2), ("limit", 7)], 1, 1, more: false);
        await PageAsync([("before", 1)], 1, 0, more: false);
        await PageAsync([("before", 0)], 1, 0, more: false);
        await PageAsync([("before", 5000), ("limit", 3)], 118, 120, more: true);
        await PageAsync([("before", 9007199254740991), ("limit", 3)], 118, 120, more: true);
        await PageAsync([("after", 0)], 1, 50, more: false);
        await PageAsync([("after", 0), ("limit", 100)], 1, 100, more: false);
        await PageAsync([("after", 50), ("limit", 10)], 51, 60, more: true);
        await PageAsync([("after", 115)], 116, 120, more: true);
        await PageAsync([("after", 120)], 1, 0, more: true);
        await PageAsync([("after", 5000)], 1, 0, more: true);

        async Task PageAsync((string, JsonNode?)[] fields, int from, int to, bool more)
        {
            await reader.SendAsync("history", [("room", room), ("id", "h"), .. fields]);
            var page = await reader.AnswerAsync("h");
            Assert.Equal("history", page.Type);
            Assert.Equal(room, page["room"]);
            Assert.Equal(Enumerable.Range(from, to - from + 1).Select(i => (long)i), page.Seqs);
            Assert.Equal(120, page.Number("last"));
            Assert.NotEmpty(page["epoch"]!);
            Assert.False(page.Flag("live"));
            Assert.False(page.Has("gap"));
            if (page.Seqs.Count > 0)
                Assert.Equal(more, page.Flag("more"));
            else if (fields.Any(field => field.Item1 == "before"))
                Assert.False(page.Flag("more"));
        }
    }

    [ContractFact]
    public async Task Should_say_that_a_room_that_never_was_is_empty_without_making_it()
    {
        var room = chat.Name("never");
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("history", ("room", room), ("id", "h"));
        var page = await ana.AnswerAsync("h");
        Assert.Equal("history", page.Type);
        Assert.Empty(page.Messages);
        Assert.Equal(0, page.Number("last"));
        Assert.False(page.Flag("more"));
        foreach (var field in (string[])["before", "after"])
        {
            await ana.SendAsync("history", ("room", room), (field, 12), ("id", field));
            var part = await ana.AnswerAsync(field);
            Assert.Empty(part.Messages);
            Assert.Equal((0, "", false), (part.Number("last"), part["epoch"], part.Has("gap")));
        }
        await ana.SendAsync("who", ("room", room), ("id", "w"));
        var who = await ana.AnswerAsync("w");
        Assert.Empty(who.Texts("members"));
        Assert.Equal(0, who.Number("online"));
        await ana.SendAsync("rooms", ("id", "r"));
        Assert.DoesNotContain(room, (await ana.AnswerAsync("r")).Texts("rooms"));
        Assert.False(await chat.HasLogAsync(room));
    }

    [ContractTheory]
    [InlineData(null, 8, 12)]
    [InlineData(0, 13, 12)]
    [InlineData(3, 10, 12)]
    [InlineData(100, 1, 12)]
    public async Task Should_join_with_as_much_history_as_asked_for(int? history, int from, int to)
    {
        var room = chat.Name("room");
        await using var ana = await FillAsync(room, 12);
        await using var ben = await chat.EnterAsync("ben");
        var page = await ben.JoinAsync(room, history: history);
        Assert.Equal(Enumerable.Range(from, to - from + 1).Select(i => (long)i), page.Seqs);
        Assert.Equal(12, page.Number("last"));
        if (page.Seqs.Count > 0)
            Assert.Equal(from > 1, page.Flag("more"));
        Assert.False(page.Has("gap"));
    }

    [ContractFact]
    public async Task Should_join_with_all_that_came_since()
    {
        var room = chat.Name("room");
        await using var ana = await FillAsync(room, 12);
        await using var ben = await chat.EnterAsync("ben");
        var epoch = (await ben.JoinAsync(room))["epoch"]!;

        await JoinAsync(9, epoch, [10, 11, 12], gap: false);
        await JoinAsync(12, epoch, [], gap: false);
        await JoinAsync(0, epoch, [.. Enumerable.Range(1, 12).Select(i => (long)i)], gap: false);
        // Who has seen nothing can't have seen it in another log.
        await JoinAsync(0, "another", [.. Enumerable.Range(1, 12).Select(i => (long)i)], gap: false);
        // A place in another log, or one that was never reached, is none: the join is as a first one.
        await JoinAsync(9, "another", [8, 9, 10, 11, 12], gap: true);
        await JoinAsync(13, epoch, [8, 9, 10, 11, 12], gap: true);
        await JoinAsync(9007199254740991, epoch, [8, 9, 10, 11, 12], gap: true);
        await JoinAsync(-1, epoch, [8, 9, 10, 11, 12], gap: true);
        // Without an epoch the seq is believed.
        await JoinAsync(9, null, [10, 11, 12], gap: false);

        async Task JoinAsync(long since, string? theirs, long[] seqs, bool gap)
        {
            await ben.SendAsync("join", [("room", room), ("id", "j"), ("since", since), .. theirs is null ? Array.Empty<(string, JsonNode?)>() : [("epoch", theirs)]]);
            var page = await ben.AnswerAsync("j");
            Assert.Equal("history", page.Type);
            Assert.True(page.Flag("live"));
            Assert.Equal(seqs, page.Seqs);
            Assert.Equal(gap, page.Flag("gap"));
            Assert.Equal((epoch, 12), (page["epoch"], page.Number("last")));
        }
    }

    [ContractTheory]
    [InlineData(7)]
    [InlineData(-7)]
    public async Task Should_say_where_a_new_room_stands_to_who_comes_back_to_another(long since)
    {
        var room = chat.Name("new");
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("join", ("room", room), ("id", "j"), ("since", since), ("epoch", "another"));
        var page = await ana.AnswerAsync("j");
        Assert.Equal((true, true, 0), (page.Flag("gap"), page.Flag("live"), page.Number("last")));
        Assert.Empty(page.Messages);
        Assert.NotEqual("another", page["epoch"]);
        Assert.False(await chat.HasLogAsync(room));
    }

    [ContractFact]
    public async Task Should_join_over_several_pages_the_last_of_which_is_live()
    {
        var room = chat.Name("room");
        await using var ana = await FillAsync(room, 450);
        await using var ben = await chat.EnterAsync("ben");
        await ben.JoinAsync(room, since: 0);
        var pages = ben.Frames.Where(frame => frame.Type == "history").ToArray();
        Assert.True(pages.Length >= 5, $"{pages.Length} pages");
        Assert.All(pages, page => Assert.InRange(page.Seqs.Count, 1, 100));
        Assert.All(pages, page => Assert.Equal("join-" + room, page.Id));
        Assert.All(pages[..^1], page => Assert.False(page.Flag("live")));
        Assert.Equal(Enumerable.Range(1, 450).Select(i => (long)i), pages.SelectMany(page => page.Seqs));
        await ana.PublishAsync(room, "now");
        Assert.Equal(451, (await ben.ExpectAsync("message")).Number("seq"));
    }

    [ContractFact]
    public async Task Should_end_a_page_at_64_KiB_and_give_at_least_one_message()
    {
        var room = chat.Name("room");
        var wide = string.Concat(Enumerable.Repeat("😀", 4000));
        await using var ana = await chat.EnterAsync("ana", room);
        for (var i = 0; i < 12; i++)
            await ana.PublishAsync(room, wide);
        await using var ben = await chat.EnterAsync("ben");
        await ben.SendAsync("history", ("room", room), ("limit", 100), ("id", "h"));
        var page = await ben.AnswerAsync("h");
        Assert.Equal([9, 10, 11, 12], page.Seqs);
        Assert.True(page.Flag("more"));
        await ben.JoinAsync(room, since: 0);
        Assert.Equal(
            Enumerable.Range(1, 12).Select(i => (long)i),
            ben.Frames.Where(frame => frame.Id == "join-" + room).SelectMany(frame => frame.Seqs));
    }

    [ContractFact]
    public async Task Should_leave_no_gap_and_repeat_nothing_when_joining_while_others_publish()
    {
        const int Before = 150, During = 600;
        var room = chat.Name("room");
        await using var ana = await FillAsync(room, Before);
        var joiners = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => chat.EnterAsync("joiner")));
        var publishing = Task.Run(async () =>
        {
            for (var i = 1; i <= During; i++)
                await ana.SendAsync("publish", ("room", room), ("message", $"during {i}"));
        });
        var places = await Task.WhenAll(joiners.Select(async (joiner, i) =>
        {
            // Each comes in at another place, and every other one comes again at the place that it reached.
            await ana.EverAsync(frame => frame.Type == "message" && frame.Number("seq") >= Before + i * 40, "a message");
            await joiner.JoinAsync(room, since: i * 10, id: "first");
            if (i % 2 == 0)
                return (Since: i * 10L, Id: "first");
            var since = Seen(joiner, "first").Max();
            await joiner.JoinAsync(room, since, id: "again");
            return (Since: since, Id: "again");
        }));
        await publishing;
        foreach (var (joiner, (since, id)) in joiners.Zip(places))
        {
            await joiner.EverAsync(
                frame => frame.Seqs.Contains(Before + During), "the last message");
            Assert.Equal(Enumerable.Range(1, Before + During).Select(seq => (long)seq).Where(seq => seq > since), Seen(joiner, id));
            await joiner.DisposeAsync();
        }

        // All that came from the first page of a join on: what came before it counts for nothing once one joins again.
        static long[] Seen(RawChat client, string id) => [.. client.Frames.SkipWhile(frame => frame.Id != id).SelectMany(frame => frame.Seqs)];
    }

    // A room with so many messages, and the one who wrote them.
    private async Task<RawChat> FillAsync(string room, int messages)
    {
        var ana = await chat.EnterAsync("ana", room);
        for (var i = 1; i <= messages; i++)
            await ana.SendAsync("publish", ("room", room), ("message", $"message {i}"));
        await ana.ExpectAsync(frame => frame.Type == "message" && frame.Number("seq") == messages, "the last message");
        return ana;
    }
}
