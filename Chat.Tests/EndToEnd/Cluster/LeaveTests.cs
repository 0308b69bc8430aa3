using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.History.Postgres;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>Nodes are told to end while clients of all nodes talk.</summary>
[Collection(ClusterTests.Name)]
public sealed class LeaveTests(ClusterFixture chat)
{
    // Far less than a node's end is noticed in that wasn't told to.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(6);

    [PostgresFact]
    public async Task Should_lose_and_repeat_nothing_and_show_nobody_leave_when_the_owner_and_arbiter_is_told_to_end()
    {
        var (room, leaver) = await chat.Cluster.PlaceAsync(Role.OwnerAndArbiter, chat.Name);
        await using var talk = await Conversation.BeginAsync(chat.Cluster, chat.Name, room);
        var there = talk.Clients.Where(client => client.At == leaver).ToArray();

        Assert.True(await leaver.EndAsync() == ExitCodes.Ok, talk.Report());
        Assert.Empty(leaver.Gateway.Errors);
        await talk.ResumedAsync(there);
        await talk.GoOnAsync();
        Assert.NotEqual(leaver, await chat.Cluster.ArbiterAsync());
        Assert.NotEqual(leaver, await chat.Cluster.OwnerAsync(room));
        await talk.EndAsync();

        await talk.VerifyAsync();
        Assert.True(talk.LongestSilence < Soon, $"No publish was acked for {talk.LongestSilence}.\n{talk.Report()}");
        Assert.All(talk.Clients.Except(there), client => Assert.Equal((0, 0), (client.Resumes, client.Refusals.Count)));
        await chat.Cluster.StartAsync();
    }

    [PostgresFact]
    public async Task Should_lose_and_repeat_nothing_and_show_nobody_leave_when_all_nodes_are_renewed_one_after_the_other()
    {
        var (room, _) = await chat.Cluster.PlaceAsync(Role.Owner, chat.Name);
        await using var talk = await Conversation.BeginAsync(chat.Cluster, chat.Name, room);
        foreach (var node in chat.Cluster.Nodes)
        {
            Assert.True(await node.EndAsync() == ExitCodes.Ok, talk.Report());
            await chat.Cluster.StartAsync();
            await talk.GoOnAsync();
        }
        await talk.EndAsync();
        await talk.VerifyAsync();
        Assert.True(talk.LongestSilence < Soon, $"No publish was acked for {talk.LongestSilence}.\n{talk.Report()}");
        Assert.All(talk.Clients, client => Assert.True(client.Resumes > 0, client.Report()));
    }
}
