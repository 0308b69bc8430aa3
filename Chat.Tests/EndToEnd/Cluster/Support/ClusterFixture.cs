using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History.Postgres;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>Three nodes, and a PostgreSQL server of theirs. Each connection goes to the next node. A test that ends one starts it again.</summary>
public sealed class ClusterFixture : ChatFixture
{
    /// <summary>The key of who may publish over HTTP.</summary>
    public const string Secret = "cluster-secret";

    private const int Nodes = 3;

    private readonly PostgresServer _postgres = new();

    /// <summary>The cluster.</summary>
    internal ChatCluster Cluster { get; private set; } = null!;

    // Short, so that tests don't take long: who is to come back within it is seen to do so in less.
    public override TimeSpan Grace => TimeSpan.FromSeconds(5);

    public override GatewayProcess Next() => Cluster.Next().Gateway;

    public override Task<bool> HasLogAsync(string room) => Task.FromResult((bool)Cluster.Ask($"SELECT EXISTS (SELECT FROM message WHERE room = '{room}')")!);

    public override async Task InitializeAsync()
    {
        // The tests that would need it are skipped.
        if (PostgresServer.WhyNot is not null)
            return;
        var database = _postgres.MakeDatabase();
        Cluster = new ChatCluster(database, ChatCluster.Addresses(Nodes), _ => new GatewaySetup("--grace-seconds", $"{Grace.TotalSeconds}", "--api-key", $"ci={Secret}"))
        {
            Ask = sql => PostgresServer.Ask(database, sql),
        };
        await Cluster.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        if (Cluster is { } cluster)
            await cluster.DisposeAsync();
        _postgres.Dispose();
    }
}

/// <summary>The tests that share a cluster, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterTests : ICollectionFixture<ClusterFixture>
{
    public const string Name = "Cluster";
}
