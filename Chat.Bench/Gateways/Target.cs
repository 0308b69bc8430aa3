using Chat.Bench.Measures;

namespace Chat.Bench.Gateways;

/// <summary>What to measure, as the command line says it.</summary>
/// <param name="Server">One that runs already; null to start one.</param>
/// <param name="Gateway">The program to start; null for the solution's own.</param>
/// <param name="DataIn">The folder in which its data folder is made; null for the system's temporary one.</param>
/// <param name="Durability">Of the one that is started.</param>
public sealed record TargetChoice(Uri? Server, string? Gateway, string? DataIn, string Durability);

/// <summary>The server under measurement: a gateway started for it, or one that runs already.</summary>
public sealed class Target : IAsyncDisposable
{
    private readonly GatewayProcess? _process;
    private readonly TemporaryFolder? _folder;

    private Target(Uri server, GatewayProcess? process, TemporaryFolder? folder, IReadOnlyList<(string, string)> conditions) =>
        (Server, _process, _folder, Conditions) = (server, process, folder, conditions);

    /// <summary>Where its clients connect.</summary>
    public Uri Server { get; }

    /// <summary>Its process, where it was started here.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>The folder that is removed at the end, where it was started here; beside its data.</summary>
    public string? Folder => _folder?.Path;

    /// <summary>What to print of it beside the figures.</summary>
    public IReadOnlyList<(string Name, string Value)> Conditions { get; }

    /// <summary>Starts the gateway where none runs already.</summary>
    public static Task<Target> OpenAsync(TargetChoice choice, TextWriter output, CancellationToken cancellation) => OpenAsync(choice, null, output, cancellation);

    /// <summary>The same, with options of its own instead of none of the limits.</summary>
    public static async Task<Target> OpenAsync(TargetChoice choice, IReadOnlyList<string>? options, TextWriter output, CancellationToken cancellation)
    {
        if (choice.Server is { } server)
            return new Target(server, null, null, [("gateway", $"{server}, which runs already: its durability and CPU are not known here")]);
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        var folder = new TemporaryFolder(choice.DataIn);
        GatewayProcess? process = null;
        try
        {
            var settings = new GatewaySettings { Program = program, Data = folder.Data, Durability = choice.Durability };
            process = GatewayProcess.Start(options is null ? settings : settings with { Options = options });
            return new Target(await process.ListeningAsync(cancellation), process, folder, Describe(program, choice.Durability, folder.Data));
        }
        catch
        {
            if (process is not null)
                await process.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The conditions of a gateway that is started here.</summary>
    public static IReadOnlyList<(string Name, string Value)> Describe(string program, string durability, string data) =>
    [
        ("gateway", program),
        ("durability", $"{durability}, data on {Measures.Conditions.FileSystem(data)}"),
    ];

    /// <summary>CPU time that it has used so far; null where it was not started here.</summary>
    public TimeSpan? Cpu() => ProcessId is { } id ? ProcessUsage.Cpu(id) : null;

    /// <summary>Its resident memory; null where it was not started here.</summary>
    public long? ResidentBytes() => ProcessId is { } id ? ProcessUsage.ResidentBytes(id) : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder?.Dispose();
    }
}
