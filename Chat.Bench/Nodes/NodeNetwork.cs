using System.Diagnostics;
using Chat.Bench.Gateways;

namespace Chat.Bench.Nodes;

/// <summary>
/// A network of one's own, that can be cut: a namespace for each node, all on one bridge, which this machine is on too (ip-netns(8), veth(4)). Removed at its
/// end. For root on Linux, with iproute2.
/// </summary>
internal sealed class NodeNetwork : IDisposable
{
    // Of addresses that no other network on the machine should have.
    private const string Net = "10.213.71";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly string _name = $"cb{Environment.ProcessId % 100_000}";
    private readonly int _nodes;

    private NodeNetwork(int nodes) => _nodes = nodes;

    /// <summary>This machine's address in it.</summary>
    public static string Host => $"{Net}.1";

    /// <summary>Why there can't be one; null where there can.</summary>
    public static string? WhyNot => Environment.UserName != "root" ? "a network that can be cut needs root"
        : !File.Exists("/sbin/ip") && !File.Exists("/usr/sbin/ip") ? "a network that can be cut needs iproute2 (ip)"
        : null;

    /// <summary>Makes it. Throws a <see cref="BenchException"/> where that fails.</summary>
    public static NodeNetwork Make(int nodes)
    {
        var network = new NodeNetwork(nodes);
        try
        {
            network.Make();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A node's namespace.</summary>
    public string Namespace(int node) => $"{_name}n{node}";

    /// <summary>A node's address.</summary>
    public static string Address(int node) => $"{Net}.{node + 11}";

    /// <summary>Cuts a node off from all others, or lets it reach them again.</summary>
    public void Cut(int node, bool isCut) => Run("link", "set", Outside(node), isCut ? "down" : "up");

    /// <summary>Waits until a node reaches a port of this machine: after a cut that takes some seconds. False where it doesn't within <paramref name="atMost"/>.</summary>
    public async Task<bool> ReachesAsync(int node, int port, TimeSpan atMost, CancellationToken cancellation)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < atMost; await Task.Delay(Look, cancellation))
        {
            using var process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", Namespace(node), "bash", "-c", $"exec 3<>/dev/tcp/{Host}/{port}"]) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode == 0)
                return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var node = 0; node < _nodes; node++)
            TryRun("netns", "del", Namespace(node));
        TryRun("link", "del", Bridge);
    }

    private string Bridge => $"{_name}b";

    private string Outside(int node) => $"{_name}v{node}";

    private void Make()
    {
        Run("link", "add", Bridge, "type", "bridge");
        Run("addr", "add", $"{Host}/24", "dev", Bridge);
        Run("link", "set", Bridge, "up");
        for (var node = 0; node < _nodes; node++)
        {
            var inside = $"{_name}i{node}";
            Run("netns", "add", Namespace(node));
            Run("link", "add", Outside(node), "type", "veth", "peer", "name", inside);
            Run("link", "set", inside, "netns", Namespace(node));
            Run("link", "set", Outside(node), "master", Bridge, "up");
            Run("-n", Namespace(node), "addr", "add", $"{Address(node)}/24", "dev", inside);
            Run("-n", Namespace(node), "link", "set", inside, "up");
            Run("-n", Namespace(node), "link", "set", "lo", "up");
        }
    }

    private static void Run(params string[] arguments)
    {
        if (TryRun(arguments) is { } error)
            throw new BenchException($"ip {string.Join(' ', arguments)} failed: {error}");
    }

    private static string? TryRun(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }
}
