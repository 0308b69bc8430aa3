using System.Diagnostics;
using Chat.Bench.Gateways;

namespace Chat.Bench.Nodes;

/// <summary>A PostgreSQL server of one's own, in a folder that goes with it; ended by its own id. Linux alone.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql";
    private const string User = "postgres";
    private const string Database = "chat";

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly string _programs;
    private readonly string _folder;
    private readonly string _host;
    private Process? _process;

    private PostgresProcess(string programs, string folder, string host) => (_programs, _folder, _host) = (programs, folder, host);

    /// <summary>How gateways reach it.</summary>
    public string Connection => $"Host={_host};Port={Port};Username={User};Database={Database}";

    /// <summary>Where it listens.</summary>
    public int Port { get; } = LoopbackPort.Free();

    private string Data => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Makes and starts one. Throws a <see cref="BenchException"/> where there is no such program, or it doesn't start.</summary>
    /// <param name="folder">An existing one, for all that it writes.</param>
    /// <param name="host">The address that it listens on, beside a socket in its folder.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<PostgresProcess> StartAsync(string folder, string host, CancellationToken cancellation)
    {
        var programs = (Directory.Exists(Programs) ? Directory.GetDirectories(Programs) : [])
            .Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            ?? throw new BenchException($"There is no PostgreSQL in {Programs}. On Debian: apt-get install postgresql.");
        var own = Directory.CreateDirectory(Path.Combine(folder, "postgres")).FullName;
        var server = new PostgresProcess(programs, own, host);
        try
        {
            // As root it refuses to run; then it runs as the user that its package makes.
            if (IsRoot)
                await RunAsync("chown", [User, folder, own], cancellation);
            await server.RunProgramAsync("initdb", ["-D", server.Data, "-A", "trust", "-E", "UTF8", "-U", User, "--no-sync"], cancellation);
            await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), $"host all all {host}/24 trust\n", cancellation);
            server._process = Process.Start(server.StartInfo("postgres",
            [
                "-D", server.Data, "-p", $"{server.Port}", "-c", $"listen_addresses={host}", "-c", $"unix_socket_directories={own}", "-c", "max_connections=300",
                "-c", "logging_collector=off",
            ]))!;
            server._process.OutputDataReceived += (_, _) => { };
            server._process.ErrorDataReceived += (_, _) => { };
            server._process.BeginOutputReadLine();
            server._process.BeginErrorReadLine();
            await server.AwaitAsync(cancellation);
            await server.RunProgramAsync("createdb", ["-h", own, "-p", $"{server.Port}", "-U", User, Database], cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
            await process.EndAsync(EndTime);
    }

    private async Task AwaitAsync(CancellationToken cancellation)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(Look, cancellation))
        {
            using var asked = Process.Start(StartInfo("pg_isready", ["-q", "-h", _folder, "-p", $"{Port}"]))!;
            await asked.WaitForExitAsync(cancellation);
            if (asked.ExitCode == 0)
                return;
            if (_process!.HasExited || Stopwatch.GetElapsedTime(since) > StartTime)
                throw new BenchException($"PostgreSQL did not start within {StartTime.TotalSeconds} s in {_folder}.");
        }
    }

    private Task RunProgramAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        RunAsync(StartInfo(program, arguments), cancellation);

    private ProcessStartInfo StartInfo(string program, IReadOnlyList<string> arguments)
    {
        var path = Path.Combine(_programs, program);
        return Redirected(IsRoot ? new ProcessStartInfo("setpriv", ["--reuid", User, "--regid", User, "--clear-groups", path, .. arguments]) : new ProcessStartInfo(path, arguments));
    }

    private static Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        RunAsync(Redirected(new ProcessStartInfo(program, arguments)), cancellation);

    private static ProcessStartInfo Redirected(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.WorkingDirectory) = (true, true, "/");
        return start;
    }

    private static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new BenchException($"{start.FileName} {string.Join(' ', start.ArgumentList)} failed with {process.ExitCode}: {await error}");
    }
}
