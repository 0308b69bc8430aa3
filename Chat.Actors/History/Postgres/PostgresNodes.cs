using Chat.Actors.Nodes;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>The nodes that share the database, by its own clock.</summary>
public sealed class PostgresNodes : INodeRegister
{
    private readonly PostgresDatabase _database;

    internal PostgresNodes(PostgresDatabase database) => _database = database;

    /// <inheritdoc/>
    public void Touch(string node) => _database.Run("say that a node lives in", connection => Execute(
        connection, "INSERT INTO node (address, seen) VALUES ($1, now()) ON CONFLICT (address) DO UPDATE SET seen = now()", node));

    /// <inheritdoc/>
    public void Forget(string node) => _database.Run("say that a node goes in", connection => Execute(connection, "DELETE FROM node WHERE address = $1", node));

    /// <inheritdoc/>
    public IReadOnlyList<string> Seen(TimeSpan within) => _database.Run("look for nodes in", connection =>
    {
        using var command = new NpgsqlCommand("SELECT address FROM node WHERE seen > now() - $1 ORDER BY address", connection) { Parameters = { new() { Value = within } } };
        using var reader = command.ExecuteReader();
        var nodes = new List<string>();
        while (reader.Read())
            nodes.Add(reader.GetString(0));
        return nodes;
    });

    private static void Execute(NpgsqlConnection connection, string sql, string node)
    {
        using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = node } } };
        command.ExecuteNonQuery();
    }
}
