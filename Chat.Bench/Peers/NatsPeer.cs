using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;

namespace Chat.Bench.Peers;

/// <summary><c>nats-server</c> over WebSocket: a room is a subject.</summary>
public sealed class NatsPeer : IPeer
{
    private const string Program = "nats-server";

    /// <inheritdoc/>
    public string Name => "nats";

    /// <inheritdoc/>
    public string Guarantees => "subjects; at most once, each sender's messages in order; no names, no history, nothing stored";

    /// <inheritdoc/>
    public IDialect Dialect { get; } = new NatsDialect();

    /// <inheritdoc/>
    public Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation) =>
        Task.FromResult(Installed.Find(Program) is null ? $"{Program} is missing (Debian: {Program})" : null);

    /// <inheritdoc/>
    public async Task<string> VersionAsync(CancellationToken cancellation) =>
        await Installed.AskAsync(Installed.Find(Program)!, ["--version"], cancellation) ?? "unknown";

    /// <inheritdoc/>
    public Task<IRunningPeer> StartAsync(CancellationToken cancellation) => PeerProcess.StartAsync(
        Installed.Find(Program) ?? Program, (port, folder) => ["--config", WriteConfiguration(port, folder)], Collection.None, cancellation);

    private static string WriteConfiguration(int port, string folder)
    {
        var path = Path.Combine(folder, "nats.conf");
        // The port of its own clients is any free one: nobody connects there.
        File.WriteAllText(path, $$"""
            host: 127.0.0.1
            port: -1
            websocket {
              host: 127.0.0.1
              port: {{port}}
              no_tls: true
              compression: false
            }
            """);
        return path;
    }
}
