using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>Turns the database's errors into sentences that name it and what helps.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether the database is to blame, rather than the program.</summary>
    public static bool IsFromDatabase(Exception error) => error is NpgsqlException or TimeoutException or (IOException and not StorageException);

    /// <summary>Whether it took too long.</summary>
    public static bool IsTimeout(Exception error) => error is TimeoutException || error.InnerException is TimeoutException;

    /// <summary>Whether the connection is gone: what was under way may have come to pass, or may yet.</summary>
    public static bool IsLost(Exception error) => error switch
    {
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.IdleSessionTimeout
            || state.StartsWith("08", StringComparison.Ordinal),
        _ => IsFromDatabase(error) && !IsTimeout(error),
    };

    /// <param name="doing">What was tried, as in "append to".</param>
    /// <param name="name">Which database it was tried with.</param>
    /// <param name="error">What it or its driver said.</param>
    public static StorageException Failed(string doing, string name, Exception error) =>
        new($"Can't {doing} {name}: {Sentence(error)} {Remedy(error)}", error);

    public static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string Sentence(Exception error)
    {
        var text = error is PostgresException said ? said.MessageText
            : IsTimeout(error) ? "It doesn't answer in time"
            : error.InnerException is { } inner && !error.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{error.Message.TrimEnd('.')}: {inner.Message}"
            : error.Message;
        text = text.ReplaceLineEndings(" ").TrimEnd();
        return text.EndsWith('.') ? text : text + ".";
    }

    private static string Remedy(Exception error) => error switch
    {
        PostgresException said => Remedy(said.SqlState),
        _ => "Check that it runs there and can be reached.",
    };

    private static string Remedy(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Correct Username and Password in --postgres, or what the server's pg_hba.conf lets in.",
        PostgresErrorCodes.InvalidCatalogName => "Make it (CREATE DATABASE), or correct Database in --postgres.",
        PostgresErrorCodes.InsufficientPrivilege => "Make the gateway's user the owner of the database.",
        PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedTable =>
            "Give the gateway a database of its own, which no other program changes.",
        PostgresErrorCodes.DiskFull => "Free some space on the server's disk.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "Name the primary, not a standby, and see that default_transaction_read_only is off.",
        PostgresErrorCodes.TooManyConnections => "Raise the server's max_connections.",
        PostgresErrorCodes.CannotConnectNow => "None is needed: it is starting or stopping.",
        PostgresErrorCodes.LockNotAvailable => "Another session holds on to it; see pg_stat_activity, if it lasts.",
        _ => "See the server's log.",
    };
}
