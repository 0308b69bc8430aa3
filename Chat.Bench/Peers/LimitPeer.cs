using Chat.Bench.Gateways;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;

namespace Chat.Bench.Peers;

/// <summary>The limit: this program itself, started a second time as <see cref="Limit.LimitServer"/>.</summary>
public sealed class LimitPeer : IPeer
{
    /// <summary>The verb that serves.</summary>
    public const string Verb = "limit-server";

    /// <inheritdoc/>
    public string Name => "limit";

    /// <inheritdoc/>
    public string Guarantees => "nothing: sends back the bytes that it gets, framed once for each batch, with one write for each member";

    /// <inheritdoc/>
    public IDialect Dialect { get; } = new LimitDialect();

    /// <inheritdoc/>
    public Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation) =>
        Task.FromResult(OperatingSystem.IsLinux() ? null : "it is made with Linux's epoll: run it on Linux");

    /// <inheritdoc/>
    public Task<string> VersionAsync(CancellationToken cancellation) => Task.FromResult($".NET {Environment.Version}");

    /// <inheritdoc/>
    public Task<IRunningPeer> StartAsync(CancellationToken cancellation) => PeerProcess.StartAsync(
        DotnetHost.Path, (port, _) => [Path.Combine(AppContext.BaseDirectory, "Chat.Bench.dll"), Verb, "--port", $"{port}"], Collection.DotNet, cancellation);
}
