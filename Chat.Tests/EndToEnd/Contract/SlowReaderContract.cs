using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class SlowReaderContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_hold_up_nobody_for_one_who_does_not_read_and_feed_it_all_when_it_does()
    {
        // More than the kernel's buffers and the outbox take together.
        const int Messages = 3_000;
        var room = chat.Name("room");
        var text = new string('x', 3_900);
        using var slow = await RawWire.UpgradeAsync(chat.Next(), receiveBuffer: 4096);
        await slow.SendAsync($$"""{"type":"login","username":"{{chat.Name("slow")}}"}""");
        await slow.SendAsync($$"""{"type":"join","room":"{{room}}","id":"j"}""");
        await slow.ExpectAsync(frame => frame.Id == "j" && frame.Flag("live"), "the join's answer");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        for (var i = 1; i <= Messages; i++)
            await ana.SendAsync("publish", ("room", room), ("message", $"{i} {text}"), ("id", $"m{i}"));
        await ana.EverAsync(frame => frame.Type == "ack" && frame.Id == $"m{Messages}", "the last ack");
        // On a busy machine this reader may fall behind as well.
        await ben.EverAsync(frame => frame.Seqs.Contains(Messages), "the last message");
        Assert.Equal(Enumerable.Range(1, Messages).Select(seq => (long)seq), ben.Frames.SelectMany(frame => frame.Seqs));

        // Its requests are answered where it stands, and what it missed comes as pages without an id.
        await slow.SendAsync("""{"type":"ping","id":"p"}""");
        var (next, pages, isLive, ponged) = (1L, 0, true, false);
        while (next <= Messages || !isLive)
        {
            var frame = await slow.ExpectAsync(_ => true, "what it missed");
            ponged |= frame.Type == "pong";
            foreach (var seq in frame.Seqs)
                Assert.Equal(next++, seq);
            if (frame.Type != "history")
                continue;
            pages++;
            Assert.Null(frame.Id);
            Assert.False(frame.Has("gap"));
            isLive = frame.Flag("live");
        }
        Assert.True(pages > 0, "The buffers took all of it.");
        if (!ponged)
            await slow.ExpectAsync(frame => frame.Type == "pong", "the pong");
        await ana.PublishAsync(room, "now");
        var live = await slow.ExpectAsync(frame => frame.Type == "message", "a live message");
        Assert.Equal(Messages + 1, live.Number("seq"));
    }

    [ContractFact]
    public async Task Should_read_no_more_of_one_who_takes_no_answers_and_answer_all_when_it_does()
    {
        const int Requests = 4_000;
        using var greedy = await RawWire.UpgradeAsync(chat.Next(), receiveBuffer: 4096);
        await greedy.SendAsync($$"""{"type":"login","username":"{{chat.Name("greedy")}}"}""");
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        for (var i = 0; i < 15; i++)
            await ana.PublishAsync(room, new string('y', 4_000));
        // Each answer is 200 times its request; TCP holds the sender back.
        await greedy.SendAsync($$"""{"type":"join","room":"{{room}}","history":15,"id":"j"}""");
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Requests; i++)
                await greedy.SendAsync(RawWire.Text, Encoding.UTF8.GetBytes($$"""{"type":"leave","room":"none","id":"r{{i}}"}"""));
        });
        await ana.PublishAsync(room, "nobody waits for it");
        for (var i = 0; i < Requests; i++)
        {
            var id = $"r{i}";
            await greedy.ExpectAsync(frame => frame.Id == id, $"the answer to {id}");
        }
        await sending;
    }
}
