using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History.Postgres;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>A node is killed while clients of all nodes talk.</summary>
[Collection(ClusterTests.Name)]
public sealed class KillTests(ClusterFixture chat)
{
    private const int UnderWay = 20;

    [PostgresTheory]
    [InlineData(Role.Owner)]
    [InlineData(Role.Arbiter)]
    [InlineData(Role.OwnerAndArbiter)]
    [InlineData(Role.Plain)]
    public async Task Should_lose_and_repeat_nothing_and_show_nobody_leave_who_comes_back_when_a_node_is_killed(Role role)
    {
        var (room, victim) = await chat.Cluster.PlaceAsync(role, chat.Name);
        await using var talk = await Conversation.BeginAsync(chat.Cluster, chat.Name, room);
        await using var ghost = await RawChat.ConnectAsync(victim.Gateway);
        await ghost.LoginAsync(chat.Name("ghost"));
        await ghost.JoinAsync(room);
        await chat.Cluster.SavedAsync(room, ghost.User);
        var elsewhere = talk.Clients.Where(client => client.At != victim).ToArray();
        var there = talk.Clients.Except(elsewhere).ToArray();
        await talk.GoOnAsync();

        var underWay = Enumerable.Range(0, UnderWay).SelectMany(i => elsewhere.Select(client => client.PublishAsync(room, $"under way {i}"))).ToArray();
        await victim.KillAsync();
        foreach (var node in chat.Cluster.Running)
            await RefusedAsync(node, ghost.User);
        await Task.WhenAll(underWay);
        await talk.ResumedAsync(there);
        foreach (var node in chat.Cluster.Running)
            await RefusedAsync(node, ghost.User);
        await talk.GoOnAsync();
        await chat.Cluster.StartAsync();
        await talk.GoOnAsync();

        // Who doesn't come back is gone once its grace period is over.
        await Patience.UntilAsync(
            () => Task.FromResult(talk.Clients.All(client => client.Notices.Any(notice => notice.IsSystem("left")))), "the leave of who didn't come back", talk.Report);
        await talk.EndAsync();
        await talk.VerifyAsync(left: ghost.User);
        Assert.All(elsewhere, client => Assert.Equal((0, 0), (client.Resumes, client.Refusals.Count)));
        Assert.All(there, client => Assert.Equal((1, 0), (client.Resumes, client.Refusals.Count)));
    }

    // Or it can't be told at the moment: that it is free would be wrong.
    private static async Task RefusedAsync(ClusterNode node, string name)
    {
        await using var thief = await RawChat.ConnectAsync(node.Gateway);
        while (true)
        {
            await thief.SendAsync("login", ("username", name), ("id", "x"));
            var answer = await thief.AnswerAsync("x");
            Assert.Equal("error", answer.Type);
            if (answer["code"] == "name_taken")
                return;
            Assert.Equal("busy", answer["code"]);
            await Task.Delay(TimeSpan.FromMilliseconds(answer.Number("retryAfter")));
        }
    }
}
