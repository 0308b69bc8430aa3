using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Web;
using Chat.Tests.History.Postgres;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>The API over HTTP, each request of which may go to another node.</summary>
[Collection(ClusterTests.Name)]
public sealed class WebTests(ClusterFixture chat)
{
    [PostgresFact]
    public async Task Should_publish_by_one_node_what_is_followed_and_read_at_others_and_take_the_same_key_for_the_same_there()
    {
        await chat.Cluster.StartAsync();
        var room = chat.Name("ops");
        using var one = new WebClient(chat.Cluster.Nodes[0].Gateway, ClusterFixture.Secret);
        using var two = new WebClient(chat.Cluster.Nodes[1].Gateway, ClusterFixture.Secret);
        using var three = new WebClient(chat.Cluster.Nodes[2].Gateway, ClusterFixture.Secret);
        await using var ana = await chat.EnterAsync("ana", room);
        using var follower = new WebClient(chat.Cluster.Nodes[2].Gateway);
        using var stream = await follower.FollowAsync(room);
        await stream.BeginAsync();

        var first = await one.PublishAsync(room, "deployed", "k1");
        Assert.Equal(201, first.Status);
        var again = await two.PublishAsync(room, "deployed", "k1");
        Assert.Equal((200, first.Json.ToJsonString()), (again.Status, again.Json.ToJsonString()));
        Assert.Equal(201, (await two.PublishAsync(room, "rolled back", "k2")).Status);

        await ana.ExpectAsync(frame => frame.IsMessage(room, "deployed"), "the message");
        await ana.ExpectAsync(frame => frame.IsMessage(room, "rolled back"), "the second message");
        Assert.Contains("deployed", (await stream.NextAsync())!.Data);
        Assert.Contains("rolled back", (await stream.NextAsync())!.Data);
        var page = (await three.GetAsync($"/api/rooms/{room}/messages")).Json["messages"]!.AsArray();
        Assert.Equal(["deployed", "rolled back"], page.Select(message => message!["message"]!.ToString()));
    }
}
