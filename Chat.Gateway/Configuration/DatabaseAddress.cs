using Chat.Actors.History.Postgres;

namespace Chat.Gateway.Configuration;

/// <summary>How a database is reached: with its password, so that it is never shown.</summary>
public sealed class DatabaseAddress
{
    private DatabaseAddress(string connection) => Connection = connection;

    /// <summary>As Npgsql has it.</summary>
    public string Connection { get; }

    /// <summary>Null where it isn't that.</summary>
    public static DatabaseAddress? Parse(string text) => PostgresHistoryStore.IsConnection(text) ? new DatabaseAddress(text) : null;

    /// <inheritdoc/>
    public override string ToString() => "(secret)";
}
