using System.Net;
using System.Net.Sockets;
using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History.Postgres;
using Xunit;
using LoopbackPort = Chat.Bench.Gateways.LoopbackPort;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>Who is let into a cluster, and what is said where nobody is.</summary>
public sealed class AdmissionTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [PostgresFact]
    public async Task Should_let_in_those_alone_who_have_a_certificate_of_the_same_issuer_where_nodes_speak_tls()
    {
        using var ours = new Certificates("ours");
        using var theirs = new Certificates("theirs");
        var database = server.MakeDatabase();
        var addresses = ChatCluster.Addresses(3);
        await using var cluster = new ChatCluster(database, addresses, index => new GatewaySetup(ours.OptionsOf($"node{index}"))) { Ask = sql => PostgresServer.Ask(database, sql) };
        await cluster.StartAsync();
        await cluster.Nodes[0].Gateway.PrintedAsync(line => line.Contains("The certificate of --cluster-certificate is out of date from "), "that its day of life is short");
        await cluster.Nodes[0].Gateway.PrintedAsync(line => line.Contains($"In the cluster, as {addresses[0]}"), "that it is in");
        Assert.Matches("(?m)^chat_cluster_members{[^}]*} 3\\b", (await cluster.Nodes[0].GetAsync("/metrics")).Text);
        Assert.Matches("(?m)^chat_cluster_unreachable{[^}]*} 0\\b", (await cluster.Nodes[0].GetAsync("/metrics")).Text);
        await using (var ana = await RawChat.ConnectAsync(cluster.Nodes[0].Gateway))
        await using (var ben = await RawChat.ConnectAsync(cluster.Nodes[1].Gateway))
        {
            await ana.LoginAsync("ana");
            await ana.JoinAsync("general");
            await ben.LoginAsync("ben");
            await ben.JoinAsync("general");
            await ana.PublishAsync("general", "over tls");
            await ben.ExpectAsync(frame => frame.IsMessage("general", "over tls"), "the message");
        }

        await using var stranger = Intruder(theirs.OptionsOf("stranger"));
        await using var naked = Intruder();
        await Task.WhenAll(AssertGivesUpAsync(stranger), AssertWaitsAsync(naked));
        Assert.All(await Task.WhenAll(cluster.Nodes.Select(node => node.LookAsync())), view => Assert.True(view.IsWhole(3)));

        // With a database of its own, so that nothing of what it does there is taken for the cluster's.
        ClusterNode Intruder(params string[] options)
        {
            var address = ChatCluster.Addresses(1)[0];
            return new ClusterNode(address, ChatCluster.Joining(address, addresses, server.MakeDatabase(), new GatewaySetup(options)));
        }

        // Whom it asks has a certificate that it doesn't trust.
        static async Task AssertGivesUpAsync(ClusterNode node)
        {
            await node.StartAsync();
            Assert.True(await node.Gateway.ExitAsync() == ExitCodes.Failed, node.Gateway.Report);
            Assert.Contains("TLS handshake failed", node.Gateway.Output);
        }

        async Task AssertWaitsAsync(ClusterNode node)
        {
            await node.StartAsync();
            await node.Gateway.PrintedAsync(line => line.Contains($"Not in the cluster yet: waiting for {string.Join(" or ", addresses)}"), "whom it waits for");
            Assert.Equal(503, (await node.GetAsync("/health/ready")).Status);
        }
    }

    [PostgresFact]
    public async Task Should_say_every_five_seconds_who_is_awaited_and_not_be_ready_where_no_seed_answers()
    {
        var (own, silent) = (ChatCluster.Addresses(1)[0], $"127.0.0.1:{LoopbackPort.Free()}");
        await using var node = new ClusterNode(own, ChatCluster.Joining(own, [silent, own], server.MakeDatabase(), new GatewaySetup()));
        await node.StartAsync();
        await Patience.UntilAsync(() => Task.FromResult(Said().Length >= 2), "it to say twice who is awaited", () => node.Gateway.Report);
        Assert.All(Said(), line => Assert.Contains($"waiting for {silent}; this node calls itself ", line));
        var (first, second) = (TimeSpan.Parse(Said()[0][..8]), TimeSpan.Parse(Said()[1][..8]));
        Assert.InRange(((second - first).TotalSeconds + 86_400) % 86_400, 4, 7);
        var answer = await node.GetAsync("/health/ready");
        Assert.Equal(503, answer.Status);
        Assert.Contains("the cluster hasn't taken this node in", answer.Text);
        Assert.Equal(ExitCodes.Ok, await node.EndAsync());

        string[] Said() => [.. node.Gateway.Output.Split('\n').Where(line => line.Contains("Not in the cluster yet"))];
    }

    [Fact]
    public async Task Should_not_start_and_say_why_where_the_options_do_not_go_together()
    {
        string[] database = ["--postgres", "Host=127.0.0.1;Username=x;Password=y;Database=z"];
        Assert.Contains("they need --postgres", await FailAsync(ExitCodes.Usage, "--cluster-host", "127.0.0.1"));
        Assert.Contains("--cluster-certificate", await FailAsync(ExitCodes.Usage, ["--cluster-host", "10.77.0.1", .. database]));
        // An address that isn't there may be there in a moment, as when the network comes back.
        Assert.Contains("203.0.113.7 can't be listened on", await FailAsync(ExitCodes.Failed, ["--cluster-host", "203.0.113.7", "--cluster-insecure", "yes", .. database]));
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = $"{((IPEndPoint)taken.LocalEndpoint).Port}";
        Assert.Contains($"{port} on 127.0.0.1 is in use", await FailAsync(ExitCodes.Usage, ["--cluster-host", "127.0.0.1", "--cluster-port", port, .. database]));

        static async Task<string> FailAsync(int expected, params string[] options)
        {
            var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup(["--port", "0", .. options]));
            await using var _ = gateway;
            Assert.True(code == expected, gateway.Report);
            return Assert.Single(gateway.Errors);
        }
    }
}
