using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Chat.Bench.Gateways;

namespace Chat.Bench.Nodes;

/// <summary>The nodes of a cluster, each a gateway in a process of its own, that are killed, cut off and started again.</summary>
internal sealed partial class ClusterNodes : IAsyncDisposable
{
    private const int Port = 8181;

    private static readonly TimeSpan ReadyTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly GatewaySettings _settings;
    private readonly NodeNetwork? _network;
    private readonly (int Port, int ClusterPort)[] _ports;
    private readonly GatewayProcess?[] _processes;
    private readonly string _connection;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>None is started yet.</summary>
    /// <param name="settings">The program, and its options; the rest is the node's own.</param>
    /// <param name="count">How many.</param>
    /// <param name="network">The one that they are in; null for the loopback address.</param>
    /// <param name="connection">The database.</param>
    public ClusterNodes(GatewaySettings settings, int count, NodeNetwork? network, string connection)
    {
        (_settings, _network, _connection, _processes) = (settings, network, connection, new GatewayProcess?[count]);
        _ports = [.. Enumerable.Range(0, count).Select(_ => network is null ? (LoopbackPort.Free(), LoopbackPort.Free()) : (Port, Port + 1))];
    }

    /// <summary>How many there are.</summary>
    public int Count => _processes.Length;

    /// <summary>Where each takes clients.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Enumerable.Range(0, Count).Select(node => IPEndPoint.Parse($"{HostOf(node)}:{_ports[node].Port}"))];

    /// <summary>A node's process.</summary>
    public GatewayProcess this[int node] => _processes[node]!;

    /// <summary>Starts a node, without waiting for anything.</summary>
    public void Start(int node)
    {
        var insecure = _network is null ? Array.Empty<string>() : ["--cluster-insecure", "yes"];
        _processes[node] = GatewayProcess.Start(_settings with
        {
            Host = HostOf(node),
            Port = _ports[node].Port,
            Namespace = _network?.Namespace(node),
            Options =
            [
                .. _settings.Options, "--postgres", _connection, "--cluster-host", HostOf(node), "--cluster-port", $"{_ports[node].ClusterPort}",
                "--cluster-seeds", string.Join(',', Enumerable.Range(0, Count).Select(seed => $"{HostOf(seed)}:{_ports[seed].ClusterPort}")), .. insecure,
            ],
        });
    }

    /// <summary>Waits until all that are started are ready. Throws a <see cref="BenchException"/> where one ends or never is.</summary>
    public async Task ReadyAsync(CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(ReadyTime);
        for (var node = 0; node < Count; node++)
        {
            try
            {
                while (!await IsReadyAsync(node, time.Token))
                {
                    _processes[node]!.ThrowIfEnded();
                    await Task.Delay(Look, time.Token);
                }
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new BenchException($"The node {node + 1} was not ready within {ReadyTime.TotalSeconds} s:{Environment.NewLine}{_processes[node]!.Output}");
            }
        }
    }

    /// <summary>The rooms that a node has, and whether it arbitrates names; nothing where nobody answers.</summary>
    public async Task<(IReadOnlyList<string> Rooms, bool IsArbiter)> RoleAsync(int node, CancellationToken cancellation)
    {
        if (await ViewAsync(node, cancellation) is not { Length: > 0 } view)
            return ([], false);
        using var json = JsonDocument.Parse(view);
        var name = $"{HostOf(node)}:{_ports[node].ClusterPort}";
        foreach (var member in json.RootElement.GetProperty("members").EnumerateArray().Where(member => member.GetProperty("node").GetString() == name))
            return ([.. member.GetProperty("names").EnumerateArray().Select(room => room.GetString()!)], member.GetProperty("arbiter").GetBoolean());
        return ([], false);
    }

    /// <summary>The cluster as a node sees it, as it answers; empty where it doesn't.</summary>
    public async Task<string> ViewAsync(int node, CancellationToken cancellation)
    {
        try
        {
            return await _http.GetStringAsync(new Uri($"http://{EndPoints[node]}/api/cluster"), cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return "";
        }
    }

    /// <summary>Bytes that the nodes have sent each other so far, by the connections that are open (ss(8)).</summary>
    public async Task<double> BytesBetweenAsync(CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo("ss", ["-t", "-i", "-n", "-H", "-O", "state", "established"]) { RedirectStandardOutput = true })
            ?? throw new BenchException("ss can't be started. On Debian: apt-get install iproute2.");
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        var ports = _ports.Select(port => $":{port.ClusterPort} ").ToArray();
        return output.Split('\n').Where(line => ports.Any(line.Contains)).Select(line => BytesSent().Match(line)).Where(match => match.Success)
            .Sum(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (process is not null)
                await process.DisposeAsync();
        }
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync(int node, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri($"http://{EndPoints[node]}/health/ready"), cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    [GeneratedRegex(@"\bbytes_sent:(\d+)")]
    private static partial Regex BytesSent();

    private string HostOf(int node) => _network is null ? "127.0.0.1" : NodeNetwork.Address(node);
}
