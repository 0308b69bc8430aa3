using System.Text.Json;
using Chat.Bench.Gateways;
using Chat.Bench.Load;

namespace Chat.Bench.Peers;

/// <summary>A server of a few lines on Node: a script of <c>Chat.Bench/Peers/Node</c>, with the packages that are named beside it.</summary>
/// <param name="name">As in <c>--peers</c>, and the package's name.</param>
/// <param name="script">The script's name.</param>
/// <param name="guarantees">What it promises.</param>
/// <param name="dialect">How its clients speak.</param>
public sealed class NodePeer(string name, string script, string guarantees, IDialect dialect) : IPeer
{
    private const string Remedy = "npm ci --prefix Chat.Bench/Peers/Node";

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Guarantees => guarantees;

    /// <inheritdoc/>
    public IDialect Dialect => dialect;

    private static string Folder => Path.Combine(SolutionProgram.Root ?? "", "Chat.Bench", "Peers", "Node");

    private string Package => Path.Combine(Folder, "node_modules", name, "package.json");

    /// <inheritdoc/>
    public Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation) => Task.FromResult(
        Installed.Find("node") is null ? $"Node is missing (Debian: nodejs, npm); then {Remedy}"
        : File.Exists(Package) ? null
        : $"its package is missing: {Remedy}");

    /// <inheritdoc/>
    public async Task<string> VersionAsync(CancellationToken cancellation)
    {
        using var package = JsonDocument.Parse(await File.ReadAllTextAsync(Package, cancellation));
        return $"{package.RootElement.GetProperty("version").GetString()}, Node {await Installed.AskAsync("node", ["--version"], cancellation)}";
    }

    /// <inheritdoc/>
    public Task<IRunningPeer> StartAsync(CancellationToken cancellation) => PeerProcess.StartAsync(
        "node", (port, _) => ["--expose-gc", Path.Combine(Folder, script), $"{port}"], Collection.Signal, cancellation);
}
