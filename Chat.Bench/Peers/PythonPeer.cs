using Chat.Bench.Gateways;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;

namespace Chat.Bench.Peers;

/// <summary>A server in the original's manner, on Python's <c>websockets</c>: <c>Chat.Bench/Peers/Python/original.py</c>.</summary>
public sealed class PythonPeer : IPeer
{
    // Debian's package is for the system's own Python.
    private static readonly string[] Candidates = ["/usr/bin/python3", "python3"];

    private string _python = Candidates[0];

    /// <inheritdoc/>
    public string Name => "python";

    /// <inheritdoc/>
    public string Guarantees => "names, rooms, the last 5 messages of each, a file for each room that is written but not synced";

    /// <inheritdoc/>
    public IDialect Dialect { get; } = new OriginalDialect();

    /// <inheritdoc/>
    public (int Most, string Why)? Bound => (1_000, "it sends its room list to everybody at each login");

    /// <inheritdoc/>
    public async Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation)
    {
        foreach (var python in Candidates)
        {
            if (await Installed.AskAsync(python, ["-c", "import websockets"], cancellation) is null)
                continue;
            _python = python;
            return null;
        }
        return "Python's websockets is missing (Debian: python3-websockets)";
    }

    /// <inheritdoc/>
    public async Task<string> VersionAsync(CancellationToken cancellation) => await Installed.AskAsync(
        _python, ["-c", "import platform, websockets.version as w; print(f'websockets {w.version}, Python {platform.python_version()}')"], cancellation) ?? "unknown";

    /// <inheritdoc/>
    public Task<IRunningPeer> StartAsync(CancellationToken cancellation) => PeerProcess.StartAsync(
        _python,
        (port, folder) => [Path.Combine(SolutionProgram.Root ?? "", "Chat.Bench", "Peers", "Python", "original.py"), $"{port}", folder],
        Collection.Signal, cancellation);
}
