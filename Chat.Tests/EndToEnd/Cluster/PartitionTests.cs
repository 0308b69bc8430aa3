using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Cluster.Support;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History.Postgres;
using Npgsql;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster;

/// <summary>Three nodes and their PostgreSQL, each on a machine of its own.</summary>
public sealed class PartitionFixture : IAsyncLifetime
{
    private const int Nodes = 3;

    private NetworkLab? _lab;
    private PostgresServer? _postgres;
    private int _names;

    /// <summary>The cluster.</summary>
    internal ChatCluster Cluster { get; private set; } = null!;

    /// <summary>A name that no other test uses.</summary>
    public string Name(string start) => $"{start}-{Interlocked.Increment(ref _names)}";

    /// <summary>The machine that a node is on.</summary>
    internal NetworkMachine MachineOf(ClusterNode node) => _lab!.Machines.Single(machine => node.Address.StartsWith(machine.Address + ":", StringComparison.Ordinal));

    public async Task InitializeAsync()
    {
        // The tests that would need it are skipped.
        if ((NetworkLab.WhyNot ?? PostgresServer.WhyNot) is not null)
            return;
        _lab = new NetworkLab(Nodes + 1);
        _postgres = new PostgresServer(_lab.Machines[Nodes]);
        var database = _postgres.MakeDatabase();
        var connection = new NpgsqlConnectionStringBuilder(database) { Host = _lab.Machines[Nodes].Address };
        Cluster = new ChatCluster(
            connection.ConnectionString, [.. _lab.Machines.Take(Nodes).Select(machine => $"{machine.Address}:4053")],
            index => new GatewaySetup("--cluster-insecure", "yes") { Machine = _lab.Machines[index] })
        { Ask = sql => PostgresServer.Ask(database, sql) };
        await Cluster.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (Cluster is { } cluster)
            await cluster.DisposeAsync();
        _postgres?.Dispose();
        _lab?.Dispose();
    }
}

/// <summary>The network between the nodes fails while clients of all of them talk.</summary>
public sealed class PartitionTests(PartitionFixture chat) : IClassFixture<PartitionFixture>
{
    [NetworkFact]
    public Task Should_go_on_without_a_fork_when_a_node_is_cut_off_from_the_others_and_the_database() =>
        PartAsync(Role.OwnerAndArbiter, (cut, _) => NetworkLab.Cut(cut), (cut, _) => NetworkLab.Mend(cut));

    [NetworkFact]
    public Task Should_go_on_without_a_fork_when_a_node_is_cut_off_from_the_others_and_still_reaches_the_database() =>
        PartAsync(Role.Owner, (cut, others) => others.ForEach(other => NetworkLab.Lose(cut, other)), (cut, others) => others.ForEach(other => NetworkLab.Find(cut, other)));

    private async Task PartAsync(Role role, Action<NetworkMachine, List<NetworkMachine>> cut, Action<NetworkMachine, List<NetworkMachine>> mend)
    {
        var (room, minority) = await chat.Cluster.PlaceAsync(role, chat.Name);
        var machine = chat.MachineOf(minority);
        var others = chat.Cluster.Nodes.Where(node => node != minority).Select(chat.MachineOf).ToList();
        await using var talk = await Conversation.BeginAsync(chat.Cluster, chat.Name, room);
        var there = talk.Clients.Where(client => client.At == minority).ToArray();

        minority.LeaveOut();
        cut(machine, others);
        // It takes nobody in, and ends, and says why.
        await Patience.UntilAsync(async () => await minority.GetAsync("/health/ready") is { Status: 503 } answer && answer.Text.Contains("of the cluster's 3 nodes can be reached"), "it to be not ready", talk.Report);
        Assert.Equal(ExitCodes.Failed, await minority.Gateway.ExitAsync());
        Assert.Contains("cut off from most of the cluster", minority.Gateway.Output);
        // The others go on, and take in who was there.
        await talk.ResumedAsync(there);
        await talk.GoOnAsync();

        mend(machine, others);
        await chat.Cluster.StartAsync();
        await talk.GoOnAsync();
        await talk.EndAsync();
        await talk.VerifyAsync();
    }
}
