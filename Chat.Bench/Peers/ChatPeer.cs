using System.Net;
using Chat.Bench.Gateways;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;
using Chat.Bench.Nodes;

namespace Chat.Bench.Peers;

/// <summary>Where a gateway's history is.</summary>
public enum ChatDatabase
{
    /// <summary>In files.</summary>
    None,

    /// <summary>In PostgreSQL.</summary>
    Alone,

    /// <summary>In PostgreSQL, and the gateway is the one node of a cluster.</summary>
    Node,
}

/// <summary>This project's gateway.</summary>
/// <param name="name">As in <c>--peers</c>.</param>
/// <param name="gateway">The program; null for the solution's own.</param>
/// <param name="dataIn">The folder in which its data folder is made; null for the system's temporary one.</param>
/// <param name="durability">Its own option.</param>
/// <param name="isMeasured">Whether it serves <c>/metrics</c>, and measures what that tells.</param>
/// <param name="database">Whether its history is in a PostgreSQL of its own.</param>
public sealed class ChatPeer(
    string name, string? gateway, string? dataIn, string durability, bool isMeasured = true, ChatDatabase database = ChatDatabase.None) : IPeer
{
    private static readonly TimeSpan ReadyTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

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
    public async Task<IRunningPeer> StartAsync(CancellationToken cancellation)
    {
        var choice = new TargetChoice(null, _program ?? gateway, dataIn, durability);
        string[] options = [.. GatewaySettings.NoLimits, "--metrics", isMeasured ? "on" : "off"];
        if (database == ChatDatabase.None)
            return new Running(await Target.OpenAsync(choice, options, TextWriter.Null, cancellation), null, null);
        var folder = new TemporaryFolder(dataIn);
        PostgresProcess? postgres = null;
        try
        {
            postgres = await PostgresProcess.StartAsync(folder.Path, "127.0.0.1", cancellation);
            string[] place = database == ChatDatabase.Node ? ["--cluster-host", "127.0.0.1", "--cluster-port", "0"] : [];
            var target = await Target.OpenAsync(choice, [.. options, "--postgres", postgres.Connection, .. place], TextWriter.Null, cancellation);
            await ReadyAsync(target, cancellation);
            return new Running(target, postgres, folder);
        }
        catch
        {
            if (postgres is not null)
                await postgres.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    // A node takes a moment to be in the cluster that it is alone in.
    private static async Task ReadyAsync(Target target, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(ReadyTime);
        while ((await http.GetAsync(new Uri($"http://127.0.0.1:{target.Server.Port}/health/ready"), time.Token)).StatusCode != HttpStatusCode.OK)
            await Task.Delay(Look, time.Token);
    }

    private sealed class Running(Target target, PostgresProcess? postgres, TemporaryFolder? folder) : IRunningPeer
    {
        public int Port => target.Server.Port;

        public int ProcessId => target.ProcessId!.Value;

        public async Task<bool> CollectAsync(CancellationToken cancellation)
        {
            await ManagedHeap.CollectAsync(ProcessId, cancellation);
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await target.DisposeAsync();
            if (postgres is not null)
                await postgres.DisposeAsync();
            folder?.Dispose();
        }
    }
}
