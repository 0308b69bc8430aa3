using Chat.Tests.EndToEnd.Support;
using Xunit.Sdk;
using LoopbackPort = Chat.Bench.Gateways.LoopbackPort;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>Several gateways that are one chat.</summary>
internal sealed class ChatCluster : IAsyncDisposable
{
    private int _turn;

    /// <summary>Nodes at these addresses, the first of which is all others' seed; none is started yet.</summary>
    /// <param name="postgres">How their history is reached.</param>
    /// <param name="addresses">Theirs.</param>
    /// <param name="setup">How the one at an address is started, beside what makes it a node.</param>
    public ChatCluster(string postgres, IReadOnlyList<string> addresses, Func<int, GatewaySetup> setup) => Nodes =
    [
        .. addresses.Select((address, index) => (address, index)).Select(node => new ClusterNode(node.address, Joining(node.address, addresses, postgres, setup(node.index)))),
    ];

    /// <summary>The first value of what a question to their database gives.</summary>
    public required Func<string, object?> Ask { get; init; }

    /// <summary>The nodes, running or not.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>Those that run.</summary>
    public IReadOnlyList<ClusterNode> Running => [.. Nodes.Where(node => node.IsRunning)];

    /// <summary>Free addresses of this machine.</summary>
    public static string[] Addresses(int nodes) => [.. Enumerable.Range(0, nodes).Select(_ => $"127.0.0.1:{LoopbackPort.Free()}")];

    /// <summary>What makes a gateway a node.</summary>
    public static GatewaySetup Joining(string address, IEnumerable<string> seeds, string postgres, GatewaySetup setup)
    {
        var colon = address.LastIndexOf(':');
        return setup with
        {
            Arguments =
            [
                "--port", "0", "--publish-rate", "0", "--frame-rate", "0",
                "--cluster-host", address[..colon], "--cluster-port", address[(colon + 1)..], "--cluster-seeds", string.Join(',', seeds), .. setup.Arguments,
            ],
            Environment = new Dictionary<string, string>(setup.Environment) { ["CHAT_POSTGRES"] = postgres },
        };
    }

    /// <summary>Starts those that don't run, and waits until all are one.</summary>
    public async Task StartAsync()
    {
        await Task.WhenAll(Nodes.Where(node => !node.IsRunning).Select(node => node.StartAsync()));
        await WholeAsync();
    }

    /// <summary>Waits until those that run are one cluster, and ready.</summary>
    public Task WholeAsync() => Patience.UntilAsync(
        async () =>
        {
            foreach (var node in Running)
            {
                if (!await node.IsReadyAsync() || !(await node.LookAsync()).IsWhole(Running.Count))
                    return false;
            }
            return true;
        },
        "the nodes to be one cluster", Report);

    /// <summary>The node that the next connection goes to, in turn.</summary>
    public ClusterNode Next()
    {
        var running = Running;
        if (running.Count == 0)
            throw new XunitException($"No node runs.\n{Report()}");
        return running[(int)((uint)Interlocked.Increment(ref _turn) % running.Count)];
    }

    /// <summary>The node that arbitrates names.</summary>
    public async Task<ClusterNode> ArbiterAsync() => Named((await Running[0].LookAsync()).Members.Single(member => member.IsArbiter).Node);

    /// <summary>The node that a room is on: somebody has to be in it.</summary>
    public async Task<ClusterNode> OwnerAsync(string room)
    {
        ClusterNode? owner = null;
        await Patience.UntilAsync(
            async () =>
            {
                var views = await Task.WhenAll(Running.Select(node => node.LookAsync()));
                var owners = views.Select(view => view.Members.SingleOrDefault(member => member.Rooms.Contains(room))?.Node).Distinct().ToArray();
                owner = owners is [{ } one] ? Named(one) : null;
                return owner is not null;
            },
            $"the nodes to agree on where {room} is", Report);
        return owner!;
    }

    /// <summary>A room, and the node that has this role for it.</summary>
    public async Task<(string Room, ClusterNode Node)> PlaceAsync(Role role, Func<string, string> name)
    {
        // A test that failed may have left some ended.
        await StartAsync();
        var arbiter = await ArbiterAsync();
        while (true)
        {
            // Which node it is on is for its name to say.
            var room = name("place");
            await using var member = await RawChat.ConnectAsync(Next().Gateway);
            await member.LoginAsync(name("member"));
            await member.JoinAsync(room);
            var owner = await OwnerAsync(room);
            await member.SendAsync("""{"type":"logout"}""");
            await member.ClosedAsync();
            if ((owner == arbiter) != (role == Role.OwnerAndArbiter))
                continue;
            return (room, role switch
            {
                Role.Plain => Nodes.First(node => node != owner && node != arbiter),
                Role.Arbiter => arbiter,
                _ => owner,
            });
        }
    }

    /// <summary>Waits until it is saved that those are in a room: nodes save what their sessions do a moment later, and that moment may be lost with a node.</summary>
    public Task SavedAsync(string room, params IEnumerable<string> users) => Patience.UntilAsync(
        () => Task.FromResult(Equals(Ask($"SELECT count(*) FROM session WHERE '{room}' = ANY (rooms) AND shown IN ('{string.Join("', '", users)}')"), (long)users.Count())),
        "the sessions to be saved", Report);

    /// <summary>What a failed test should show.</summary>
    public string Report() => string.Join('\n', Nodes.Select(node => $"=== {node.Address}\n{node.Gateway.Report}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
    }

    private ClusterNode Named(string address) => Nodes.Single(node => node.Address == address);
}
