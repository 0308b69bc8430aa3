using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

/// <summary>Many connections that want one name at the same moment, over real sockets.</summary>
public abstract class NameRaceContract(ChatFixture chat)
{
    private const int Rounds = 15;
    private const int Racers = 6;

    [ContractFact]
    public async Task Should_give_a_name_to_one_when_many_ask_for_it_at_once()
    {
        var name = chat.Name("ana");
        for (var round = 0; round < Rounds; round++)
        {
            var racers = await ConnectAsync(Racers);
            await Task.WhenAll(racers.Select(racer => racer.SendAsync("login", ("username", name), ("id", "l"))));
            var answers = await Task.WhenAll(racers.Select(racer => racer.AnswerAsync("l")));
            Assert.Equal(Racers - 1, answers.Count(answer => answer.Type == "error" && answer["code"] == "name_taken"));
            var winner = racers[Array.FindIndex(answers, answer => answer.IsSystem("welcome"))];
            // Free at once, for the next round.
            await winner.SendAsync("""{"type":"logout"}""");
            Assert.Equal(1000, await winner.ClosedAsync());
            await DisposeAsync(racers);
        }
    }

    [ContractFact]
    public async Task Should_leave_one_connection_when_many_resume_a_session_at_once()
    {
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        var holder = await chat.EnterAsync("ana", room);
        var (name, session) = (holder.User, holder.Session);
        for (var round = 0; round < Rounds; round++)
        {
            var racers = await ConnectAsync(Racers);
            // One's connection may be lost at the same moment.
            if (round % 2 == 0)
                holder.Abort();
            await Task.WhenAll(racers.Select(async racer =>
            {
                await racer.SendAsync("login", ("username", name), ("session", session), ("id", "l"));
                await racer.SendAsync("join", ("room", room), ("since", 0), ("id", "j"));
            }));
            var all = racers.Append(holder).ToList();
            var closing = all.ToDictionary(connection => connection.ClosedAsync());
            while (closing.Count > 1)
            {
                var closed = await Task.WhenAny(closing.Keys);
                Assert.True(await closed == 4001 || closing[closed] == holder, closing[closed].Report);
                closing.Remove(closed);
            }
            var survivor = closing.Values.Single();
            await survivor.ExpectAsync(frame => frame.Id == "j" && frame.Type == "history" && frame.Flag("live"), "the join's answer");
            await survivor.PublishAsync(room, $"round {round}");
            Assert.All(racers, racer => Assert.DoesNotContain(racer.Frames, frame => frame.Id == "l" && frame.Type == "error"));
            await DisposeAsync(all.Where(connection => connection != survivor));
            holder = survivor;
        }
        await ben.CatchUpAsync(room);
        // Nobody saw it leave, nor come twice.
        Assert.Single(ben.Frames, frame => frame.Type == "system" && frame["user"] == name);
        Assert.Equal(new[] { ben.User, name }.Order(StringComparer.Ordinal), await MembersAsync(ben, room));
        await holder.DisposeAsync();
    }

    [ContractFact]
    public async Task Should_leave_no_ghost_when_logouts_and_resumes_race()
    {
        var room = chat.Name("room");
        await using var ben = await chat.EnterAsync("ben", room);
        var name = chat.Name("ana");
        for (var round = 0; round < Rounds; round++)
        {
            await using var old = await chat.ConnectAsync();
            await old.LoginAsync(name);
            await old.JoinAsync(room);
            await using var young = await chat.ConnectAsync();
            await Task.WhenAll(old.SendAsync("""{"type":"logout"}"""), young.SendAsync("login", ("username", name), ("session", old.Session), ("id", "l")));
            var welcome = await young.AnswerAsync("l");
            Assert.Equal("system", welcome.Type);
            // Either the session had ended, and this is another one, or it went over, and the logout came from nobody any more.
            var closed = await old.ClosedAsync();
            Assert.True(closed == 1000 || (closed == 4001 && welcome.Flag("resumed")), old.Report);
            Assert.Equal(welcome.Flag("resumed"), welcome["session"] == old.Session);
            await young.JoinAsync(room, since: 0);
            await young.SendAsync("""{"type":"logout"}""");
            Assert.Equal(1000, await young.ClosedAsync());
            await ben.EverAsync(_ => Seen(ben, name).LastOrDefault() == "left", "the leave");
            Assert.Equal([ben.User], await MembersAsync(ben, room));
        }
        // It came and went by turns.
        Assert.All(Seen(ben, name).Select((what, i) => (what, i)), seen => Assert.Equal(seen.i % 2 == 0 ? "joined" : "left", seen.what));
    }

    private async Task<RawChat[]> ConnectAsync(int count) => await Task.WhenAll(Enumerable.Range(0, count).Select(_ => chat.ConnectAsync()));

    private static async Task DisposeAsync(IEnumerable<RawChat> connections)
    {
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    private static IEnumerable<string> Seen(RawChat observer, string name) =>
        observer.Frames.Where(frame => frame.Type == "system" && frame["user"] == name && frame.Has("event")).Select(frame => frame["event"]!);

    private static async Task<IEnumerable<string>> MembersAsync(RawChat client, string room)
    {
        var id = Guid.NewGuid().ToString("N");
        await client.SendAsync("who", ("room", room), ("id", id));
        return (await client.AnswerAsync(id)).Texts("members");
    }
}
