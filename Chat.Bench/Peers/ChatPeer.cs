using Chat.Bench.Gateways;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;

namespace Chat.Bench.Peers;

/// <summary>This project's gateway.</summary>
/// <param name="name">As in <c>--peers</c>.</param>
/// <param name="gateway">The program; null for the solution's own.</param>
/// <param name="dataIn">The folder in which its data folder is made; null for the system's temporary one.</param>
/// <param name="durability">Its own option.</param>
/// <param name="isMeasured">Whether it serves <c>/metrics</c>, and measures what that tells.</param>
public sealed class ChatPeer(string name, string? gateway, string? dataIn, string durability, bool isMeasured = true) : IPeer
{
    private string? _program;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Guarantees => "names that one session holds, rooms with history, messages numbered without a hole, once for each id, "
        + (durability == "always" ? "synced to the disk before anybody sees them" : "written to the file before anybody sees them");

    /// <inheritdoc/>
    public IDialect Dialect { get; } = new ChatDialect();

    /// <inheritdoc/>
    public async Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation)
    {
        _program = await GatewayBinary.FindAsync(gateway, output, cancellation);
        return null;
    }

    /// <inheritdoc/>
    public async Task<string> VersionAsync(CancellationToken cancellation)
    {
        var version = $"{System.Diagnostics.FileVersionInfo.GetVersionInfo(_program ?? "").ProductVersion}, .NET {Environment.Version}";
        // A gateway that was chosen may be of any commit.
        var commit = gateway is null && SolutionProgram.Root is { } root
            ? await Installed.AskAsync("git", ["-C", root, "describe", "--always", "--dirty", "--exclude", "*"], cancellation)
            : null;
        return commit is null ? version : $"{version}, commit {commit}";
    }

    /// <inheritdoc/>
    public async Task<IRunningPeer> StartAsync(CancellationToken cancellation) =>
        new Running(await Target.OpenAsync(
            new TargetChoice(null, _program ?? gateway, dataIn, durability), [.. GatewaySettings.NoLimits, "--metrics", isMeasured ? "on" : "off"],
            TextWriter.Null, cancellation));

    private sealed class Running(Target target) : IRunningPeer
    {
        public int Port => target.Server.Port;

        public int ProcessId => target.ProcessId!.Value;

        public async Task<bool> CollectAsync(CancellationToken cancellation)
        {
            await ManagedHeap.CollectAsync(ProcessId, cancellation);
            return true;
        }

        public ValueTask DisposeAsync() => target.DisposeAsync();
    }
}
