using Chat.Bench.Gateways;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;

namespace Chat.Bench.Peers;

/// <summary>ASP.NET Core SignalR: the project <c>Chat.Bench.SignalR</c>.</summary>
/// <param name="program">The program; null for the solution's own.</param>
public sealed class SignalRPeer(string? program) : IPeer
{
    private const string Project = "Chat.Bench.SignalR";

    private string? _program = program;

    /// <inheritdoc/>
    public string Name => "signalr";

    /// <inheritdoc/>
    public string Guarantees => "groups; each connection's messages in order; no names, no history, nothing stored";

    /// <inheritdoc/>
    public IDialect Dialect { get; } = new SignalRDialect();

    /// <inheritdoc/>
    public async Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation)
    {
        _program ??= await SolutionProgram.FindAsync(Project, [Project], output, cancellation);
        return null;
    }

    /// <inheritdoc/>
    public Task<string> VersionAsync(CancellationToken cancellation) => Task.FromResult($"ASP.NET Core {Environment.Version}");

    /// <inheritdoc/>
    public Task<IRunningPeer> StartAsync(CancellationToken cancellation) => PeerProcess.StartAsync(
        DotnetHost.Path, (port, _) => [_program!, "--urls", $"http://127.0.0.1:{port}"], Collection.DotNet, cancellation);
}
