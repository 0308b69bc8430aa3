using System.Globalization;
using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History.Postgres;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>What crosses between nodes, counted.</summary>
[Collection(ClusterTests.Name)]
public sealed class CountTests(ClusterFixture chat)
{
    [PostgresFact]
    public async Task Should_send_a_batch_to_each_other_node_once_however_many_members_are_there()
    {
        const int Each = 30;
        var (room, _) = await chat.Cluster.PlaceAsync(Role.Owner, chat.Name);
        var members = new List<RawChat>();
        try
        {
            foreach (var node in Enumerable.Repeat(chat.Cluster.Nodes, Each).SelectMany(nodes => nodes))
            {
                var member = await RawChat.ConnectAsync(node.Gateway);
                members.Add(member);
                await member.LoginAsync(chat.Name("member"));
                await member.JoinAsync(room);
            }
            foreach (var node in chat.Cluster.Nodes)
            {
                var before = await SentAsync();
                var ack = await members[chat.Cluster.Nodes.ToList().IndexOf(node)].PublishAsync(room, "to all");
                foreach (var member in members)
                    await member.EverAsync(frame => frame.Type == "message" && frame.Number("seq") == ack.Number("seq"), "the message");
                // What is counted is shown a moment later.
                await Patience.UntilAsync(async () => await SentAsync() > before, "the count to rise");
                Assert.Equal(before + chat.Cluster.Nodes.Count - 1, await SentAsync());
            }
        }
        finally
        {
            foreach (var member in members)
                await member.DisposeAsync();
        }
    }

    // Batches that all nodes sent to others.
    private async Task<double> SentAsync()
    {
        var sum = 0.0;
        foreach (var node in chat.Cluster.Nodes)
        {
            var lines = (await node.GetAsync("/metrics")).Text.Split('\n');
            sum += lines.Where(line => line.StartsWith("chat_cluster_sent_total{", StringComparison.Ordinal) && line.Contains("\"Delivered\"", StringComparison.Ordinal))
                .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
        }
        return sum;
    }
}
