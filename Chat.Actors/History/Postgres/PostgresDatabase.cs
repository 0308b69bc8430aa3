using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// The way to one database: sessions that are set as the history needs them, calls that end within seconds, and errors that say what
/// helps. While the database is away, one call at a time finds out whether it is back; the others fail at once, so that they take no
/// threads. Safe from any thread.
/// </summary>
/// <remarks>One statement a command, and no batches: Npgsql sends the second of several on a thread of the pool, and the caller waits for one.</remarks>
internal sealed class PostgresDatabase : IDisposable
{
    // A call is at most one of each, and once more where a connection was lost.
    private static readonly (int Connect, int Command) Seconds = (3, 5);

    // At the start nobody waits for an answer, and whoever is before may have much to do.
    private static readonly (int Connect, int Command) PatientSeconds = (15, 60);

    // More than all the threads that call: a call never waits for a connection.
    private const int Connections = 40;

    // No statement_timeout: it would end the wait for a synchronous standby with a commit that looks like any other.
    private const string Settings = """
        SELECT set_config('synchronous_commit', 'on', false), set_config('lock_timeout', '3s', false), set_config('statement_timeout', '0', false),
            set_config('idle_in_transaction_session_timeout', '10s', false), set_config('default_transaction_isolation', 'read committed', false),
            current_setting('fsync'), current_setting('full_page_writes'), current_setting('server_encoding')
        """;

    private readonly NpgsqlDataSource _source;
    private volatile StorageException? _away;
    private int _trial;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="isPatient">Whether its calls may take a minute.</param>
    public PostgresDatabase(NpgsqlConnectionStringBuilder connection, bool isPatient = false)
    {
        var seconds = isPatient ? PatientSeconds : Seconds;
        Name = $"the database {connection.Database ?? connection.Username} on {connection.Host}{(connection.Host!.StartsWith('/') || connection.Host.Contains(',') ? "" : $":{connection.Port}")}";
        var own = new NpgsqlConnectionStringBuilder(connection.ConnectionString)
        {
            Timeout = seconds.Connect,
            CommandTimeout = seconds.Command,
            // A cancelled wait for a synchronous standby would look like an answer.
            CancellationTimeout = -1,
            Pooling = true,
            MaxPoolSize = Connections,
            NoResetOnClose = true,
            Multiplexing = false,
            Enlist = false,
            MaxAutoPrepare = 30,
            AutoPrepareMinUsages = 2,
            TcpKeepAlive = true,
            // A host that has just ended a session may be back at once.
            HostRecheckSeconds = 0,
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
        };
        own.ApplicationName ??= "chat-gateway";
        // Where its library is missing, as in a container, the attempt alone prints to standard error.
        if (!own.ConnectionString.Contains("GSS Encryption", StringComparison.OrdinalIgnoreCase))
            own.GssEncryptionMode = GssEncryptionMode.Disable;
        var builder = new NpgsqlDataSourceBuilder(own.ConnectionString);
        builder.UsePhysicalConnectionInitializer(Prepare, connection =>
        {
            Prepare(connection);
            return Task.CompletedTask;
        });
        _source = own.Host!.Contains(',') ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite) : builder.Build();
    }

    /// <summary>Which one it is, as sentences call it.</summary>
    public string Name { get; }

    /// <summary>
    /// Does something with the database, once more where the connection was lost meanwhile. Throws <see cref="StorageException"/>.
    /// </summary>
    /// <param name="doing">What, as in "append to".</param>
    /// <param name="work">The first attempt.</param>
    /// <param name="again">The second, where the first may have come to pass; else the same.</param>
    public T Run<T>(string doing, Func<NpgsqlConnection, T> work, Func<NpgsqlConnection, T>? again = null)
    {
        var isTrial = Enter();
        var hasSession = false;
        try
        {
            try
            {
                return Try(work, ref hasSession);
            }
            catch (Exception e) when (hasSession && PostgresErrors.IsLost(e))
            {
                // The others are lost too, as a rule.
                _source.Clear();
                return Try(again ?? work, ref hasSession);
            }
        }
        catch (Exception e) when (PostgresErrors.IsFromDatabase(e))
        {
            var failed = PostgresErrors.Failed(doing, Name, e);
            if (!hasSession || PostgresErrors.IsTimeout(e))
                _away = failed;
            throw failed;
        }
        finally
        {
            if (isTrial)
                Volatile.Write(ref _trial, 0);
        }
    }

    /// <summary>The same, where nothing comes of it.</summary>
    public void Run(string doing, Action<NpgsqlConnection> work) => Run(doing, connection =>
    {
        work(connection);
        return true;
    });

    /// <summary>A session for its caller alone, and to be ended by it.</summary>
    public NpgsqlConnection Keep()
    {
        try
        {
            return _source.OpenConnection();
        }
        catch (Exception e) when (PostgresErrors.IsFromDatabase(e))
        {
            throw PostgresErrors.Failed("use", Name, e);
        }
    }

    public void Dispose() => _source.Dispose();

    private T Try<T>(Func<NpgsqlConnection, T> work, ref bool hasSession)
    {
        hasSession = false;
        using var connection = _source.OpenConnection();
        hasSession = true;
        var result = work(connection);
        _away = null;
        return result;
    }

    // Gives whether this is the call that finds out.
    private bool Enter()
    {
        if (_away is not { } away)
            return false;
        if (Interlocked.CompareExchange(ref _trial, 1, 0) != 0)
            throw new StorageException(away.Message, away.InnerException);
        return true;
    }

    private void Prepare(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Settings, connection);
        using var reader = command.ExecuteReader();
        reader.Read();
        foreach (var (column, setting) in new[] { (5, "fsync"), (6, "full_page_writes") })
        {
            if (reader.GetString(column) != "on")
            {
                throw new StorageException(
                    $"{PostgresErrors.Capital(Name)} runs with {setting}=off: a power cut could take or tear what was acknowledged. Turn {setting} on in its postgresql.conf.");
            }
        }
        if (reader.GetString(7) is var encoding and not "UTF8")
            throw new StorageException($"{PostgresErrors.Capital(Name)} has the encoding {encoding}. Make one with ENCODING 'UTF8'.");
    }
}
