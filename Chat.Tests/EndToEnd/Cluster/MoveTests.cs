using System.Security.Cryptography;
using Chat.Actors;
using Chat.Actors.Nodes;
using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History.Postgres;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>A session goes on at another node while its connection to the first is still open.</summary>
[Collection(ClusterTests.Name)]
public sealed class MoveTests(ClusterFixture chat)
{
    [PostgresFact]
    public async Task Should_close_the_older_connection_with_4001_and_miss_nothing_when_a_session_moves_to_each_node_in_turn()
    {
        const int Moves = 9;
        await chat.Cluster.StartAsync();
        var (room, name) = (chat.Name("room"), chat.Name("mover"));
        await using var ben = await chat.EnterAsync("ben", room);
        var published = 0;
        var last = 0L;
        var connection = await ConnectAsync(0);
        await connection.LoginAsync(name);
        await connection.JoinAsync(room);
        for (var move = 1; move <= Moves; move++)
        {
            // In the middle of what is said.
            var publishing = Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ben.SendAsync("publish", ("room", room), ("message", $"{++published}"))).ToArray());
            var next = await ConnectAsync(move);
            var welcome = await next.LoginAsync(name, connection.Session);
            Assert.True(welcome.Flag("resumed"));
            Assert.Equal(connection.Session, welcome["session"]);
            Assert.Equal([room], welcome.Texts("rooms"));
            Assert.Equal(4001, await connection.ClosedAsync());
            last = Seen(connection, last);
            await next.JoinAsync(room, since: last);
            await publishing;
            await connection.DisposeAsync();
            connection = next;
        }
        // Behind all that ben said.
        await ben.CatchUpAsync(room);
        await connection.CatchUpAsync(room);
        Assert.Equal(published + 2, Seen(connection, last));
        Assert.Single(ben.Frames, frame => frame.Type == "system" && frame["user"] == name);
        await connection.PublishAsync(room, "still here");
        await connection.DisposeAsync();

        Task<RawChat> ConnectAsync(int turn) => RawChat.ConnectAsync(chat.Cluster.Nodes[turn % chat.Cluster.Nodes.Count].Gateway);

        // The last of what came in order from there on.
        static long Seen(RawChat client, long since)
        {
            foreach (var seq in client.Frames.SelectMany(frame => frame.Seqs))
                Assert.Equal(++since, seq);
            return since;
        }
    }

    [PostgresFact]
    public async Task Should_take_a_token_that_is_forged_or_of_another_cluster_for_none()
    {
        await chat.Cluster.StartAsync();
        await using var ana = await chat.EnterAsync("ana");
        var forged = ana.Session[..^1] + (ana.Session[^1] == '0' ? '1' : '0');
        var session = new SessionTokens([]).Of(new SessionId(Convert.ToInt64(ana.Session[..16], 16)));
        var foreign = new SessionTokens(RandomNumberGenerator.GetBytes(32)).Of(new SessionId(Convert.ToInt64(ana.Session[..16], 16)));
        Assert.Equal(ana.Session[..16], foreign[..16]);
        foreach (var (node, token) in chat.Cluster.Nodes.SelectMany(node => new[] { forged, foreign, session, ana.Session.ToUpperInvariant() }, (node, token) => (node, token)))
        {
            await using var thief = await RawChat.ConnectAsync(node.Gateway);
            await thief.SendAsync("login", ("username", ana.User), ("session", token), ("id", "x"));
            await thief.RefusalAsync("x", "name_taken");
            // With a name that is free it is a login like any other.
            Assert.False((await thief.LoginAsync(chat.Name("thief"), token)).Flag("resumed"));
        }
        foreach (var node in chat.Cluster.Nodes)
        {
            await using var thief = await RawChat.ConnectAsync(node.Gateway);
            await thief.SendAsync("login", ("username", chat.Name("thief")), ("session", ana.Session), ("id", "x"));
            await thief.RefusalAsync("x", "bad_session");
        }
        await ana.PongAsync();
    }

    [PostgresFact]
    public async Task Should_give_a_name_to_one_when_it_is_asked_for_on_all_nodes_at_once()
    {
        await chat.Cluster.StartAsync();
        for (var round = 0; round < 10; round++)
        {
            var name = chat.Name("wanted");
            var racers = await Task.WhenAll(chat.Cluster.Nodes.Select(node => RawChat.ConnectAsync(node.Gateway)));
            await Task.WhenAll(racers.Select(racer => racer.SendAsync("login", ("username", name), ("id", "l"))));
            var answers = await Task.WhenAll(racers.Select(racer => racer.AnswerAsync("l")));
            Assert.Single(answers, answer => answer.IsSystem("welcome"));
            Assert.Equal(racers.Length - 1, answers.Count(answer => answer["code"] == "name_taken"));
            foreach (var racer in racers)
                await racer.DisposeAsync();
        }
    }
}
