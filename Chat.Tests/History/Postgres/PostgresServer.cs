using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Chat.Tests.EndToEnd.Support;
using Npgsql;
using Xunit;
using LoopbackPort = Chat.Bench.Gateways.LoopbackPort;

namespace Chat.Tests.History.Postgres;

/// <summary>
/// A real PostgreSQL server in a folder of its own, started when it is first asked for. Where the tests run as root, which it refuses, it
/// runs as the user that its package makes. Ended by its own id. In memory where there is room: the gateway gives up on a call after seconds, and a
/// disk on which many tests sync may take as long.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    /// <summary>The password of <see cref="User"/>, and of the administrator.</summary>
    public const string Password = "a;secret'word";

    /// <summary>Owns the databases, and is no administrator.</summary>
    public const string User = "chat";

    private const string Missing = "PostgreSQL is missing (Debian: postgresql).";
    /// <summary>Who may do everything.</summary>
    public const string Administrator = "postgres";
    private const int SignalInterrupt = 2, SignalKill = 9, SignalStop = 19, SignalContinue = 18;

    private static readonly ConcurrentDictionary<PostgresServer, bool> Running = new();
    private static readonly Lazy<string?> Programs = new(() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).OrderByDescending(bin => bin, StringComparer.Ordinal).FirstOrDefault()
        : null);

    private static int _databases;

    private readonly object _gate = new();
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly string[] _settings;
    private readonly int _tinyDisk;
    private readonly NetworkMachine? _machine;
    private Process? _process;
    private bool _isMade;

    static PostgresServer() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var server in Running.Keys)
            server.KillIfRunning();
    };

    /// <summary>As the tests share one.</summary>
    public PostgresServer() : this([])
    {
    }

    /// <summary>One with settings of its own, as in <c>fsync=off</c>; with a disk of so many MiB at <see cref="TinyDisk"/>.</summary>
    internal PostgresServer(string[] settings, int tinyDisk = 0) => (_settings, _tinyDisk) = (settings, tinyDisk);

    /// <summary>One on a machine of its own, which the tests themselves reach by its socket's file.</summary>
    internal PostgresServer(NetworkMachine machine) : this([$"listen_addresses={machine.Address}"]) => _machine = machine;

    /// <summary>Why a test that needs one is skipped; null where it is run.</summary>
    public static string? WhyNot => Required.OrSkip(Programs.Value is not null, Missing);

    /// <summary>Where it listens.</summary>
    public int Port { get; } = LoopbackPort.Free();

    /// <summary>A folder on a disk that is soon full, which the server alone sees.</summary>
    public string TinyDisk => _folder.In("tiny");

    /// <summary>What it said last.</summary>
    public string Log => File.Exists(_folder.In("log")) ? File.ReadAllText(_folder.In("log")) : "";

    private static string Bin => Programs.Value ?? throw new InvalidOperationException(Missing);

    private string Data => _folder.In("data");

    /// <summary>Makes an empty database; gives how it is reached.</summary>
    public string MakeDatabase(string with = "")
    {
        var name = $"chat{Interlocked.Increment(ref _databases)}";
        Start();
        Administer($"CREATE DATABASE {name} OWNER {User} {with}");
        return Connection(name);
    }

    /// <summary>Removes a database, where the server still runs.</summary>
    public void Drop(string connection)
    {
        if (_process is { HasExited: false })
            Administer($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connection).Database} WITH (FORCE)");
    }

    /// <summary>How a database is reached by its owner.</summary>
    public string Connection(string database, string user = User, string password = Password) =>
        new NpgsqlConnectionStringBuilder { Host = _machine is null ? "127.0.0.1" : _folder.Path, Port = Port, Database = database, Username = user, Password = password }.ConnectionString;

    /// <summary>Does something as the administrator.</summary>
    public void Administer(string sql, string database = "postgres")
    {
        using var connection = new NpgsqlConnection(Connection(database, Administrator) + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
        command.ExecuteNonQuery();
    }

    /// <summary>The first value of what a question to a database gives.</summary>
    public static object? Ask(string connection, string sql)
    {
        using var asking = new NpgsqlConnection(connection + ";Pooling=false");
        asking.Open();
        using var command = new NpgsqlCommand(sql, asking);
        return command.ExecuteScalar();
    }

    /// <summary>The same as the administrator.</summary>
    public object? Ask(string sql) => Ask(Connection("postgres", Administrator), sql);

    /// <summary>Ends all sessions of the gateway's user, in the middle of whatever they do.</summary>
    public void CutAll() => Administer($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{User}'");

    /// <summary>Starts it, if it doesn't run, and waits until it answers.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_process is { HasExited: false })
                return;
            Make();
            Await();
            if (!_isMade)
                Administer($"CREATE ROLE {User} LOGIN PASSWORD '{Password.Replace("'", "''")}'");
            _isMade = true;
        }
    }

    /// <summary>Ends it in order, its sessions at once.</summary>
    public void Stop() => End(process => _ = Kill(process.Id, SignalInterrupt));

    /// <summary>kill -9, of all its processes: those that it made would answer for a while.</summary>
    public void KillNow() => End(_ => SignalAll(SignalKill));

    /// <summary>It takes connections and answers nothing.</summary>
    public void Freeze() => SignalAll(SignalStop);

    /// <summary>It goes on.</summary>
    public void Thaw() => SignalAll(SignalContinue);

    /// <summary>A standby of it, which is told of all that is written here; its name is as this one's synchronous_standby_names would have it.</summary>
    internal PostgresServer MakeStandby(string name)
    {
        Start();
        var standby = new PostgresServer([$"cluster_name={name}"]) { _isMade = true };
        File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), "host replication all 127.0.0.1/32 scram-sha-256\n");
        Administer("SELECT pg_reload_conf()");
        GiveAway(standby._folder.Path);
        var from = $"host=127.0.0.1 port={Port} user={Administrator} password='{Password.Replace("'", "\\'")}' application_name={name}";
        RunProgram("pg_basebackup", "-D", standby.Data, "-R", "--no-sync", "-c", "fast", "-d", from);
        return standby;
    }

    /// <summary>A standby becomes a primary.</summary>
    public void Promote() => Administer("SELECT pg_promote()");

    public void Dispose()
    {
        KillIfRunning();
        _process?.WaitForExit();
        _process?.Dispose();
        Running.TryRemove(this, out _);
        _folder.Dispose();
    }

    private void Make()
    {
        if (!Directory.Exists(Data))
        {
            GiveAway(_folder.Path);
            var password = _folder.In("password");
            File.WriteAllText(password, Password);
            GiveAway(password);
            RunProgram("initdb", "-D", Data, "-U", Administrator, "-A", "scram-sha-256", "--pwfile", password, "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8");
            if (_machine is not null)
                File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
        }
        string[] command =
        [
            .. AsUser, Path.Combine(Bin, "postgres"), "-D", Data, "-p", $"{Port}", "-k", _folder.Path, "-c", "listen_addresses=127.0.0.1",
            "-c", "shared_buffers=16MB", "-c", "logging_collector=off",
            // What it shares between its processes, a killed one leaves: in its folder.
            "-c", "dynamic_shared_memory_type=mmap", .. _settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        var mount = _tinyDisk == 0 ? "" : $"mkdir -p {TinyDisk} && mount -t tmpfs -o size={_tinyDisk}m tmpfs {TinyDisk} && chown postgres: {TinyDisk} && ";
        string[] shell = ["sh", "-c", $"{mount}exec \"$@\" >> {_folder.In("log")} 2>&1", "sh", .. command];
        if (_tinyDisk > 0)
            shell = ["unshare", "--mount", .. shell];
        if (_machine is { } machine)
            shell = [.. machine.Prefix, .. shell];
        _process = Process.Start(shell[0], shell[1..]);
        Running.TryAdd(this, true);
    }

    // After a kill, its old processes may still be ending: then it is started once more.
    private void Await()
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = new NpgsqlConnection(Connection("postgres", Administrator) + ";Pooling=false;Timeout=2");
                connection.Open();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                if (Stopwatch.GetElapsedTime(since) > Patience.Limit)
                    Assert.Fail($"PostgreSQL doesn't start: {e.Message}\n{Log}");
                if (_process!.HasExited)
                    Make();
                Thread.Sleep(50);
            }
        }
    }

    private void End(Action<Process> how)
    {
        lock (_gate)
        {
            how(_process!);
            Assert.True(_process!.WaitForExit(Patience.Limit), "PostgreSQL doesn't end.");
        }
    }

    private void SignalAll(int signal)
    {
        var children = File.ReadAllText($"/proc/{_process!.Id}/task/{_process.Id}/children");
        _ = Kill(_process.Id, signal);
        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            _ = Kill(int.Parse(child), signal);
    }

    private void KillIfRunning()
    {
        try
        {
            _process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    private static string[] AsUser => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

    private static void GiveAway(string path)
    {
        if (Environment.IsPrivilegedProcess)
            Run("chown", "postgres:", path);
    }

    private static void RunProgram(string program, params string[] arguments)
    {
        string[] command = [.. AsUser, Path.Combine(Bin, program), .. arguments];
        Run(command[0], command[1..]);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {output.Result} {errors.Result}");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}

/// <summary>The tests that share a server, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A fact that needs a <see cref="PostgresServer"/>.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.WhyNot;
}

/// <summary>A theory that needs a <see cref="PostgresServer"/>.</summary>
internal sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.WhyNot;
}
