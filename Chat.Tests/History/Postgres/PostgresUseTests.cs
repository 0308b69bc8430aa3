using Chat.Actors;
using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Actors.Nodes;
using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;
using Npgsql;
using Xunit;

namespace Chat.Tests.History.Postgres;

/// <summary>Which gateways may use one database.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresUseTests(PostgresServer server) : IDisposable
{
    private PostgresLogs? _logs;

    private PostgresLogs Logs => _logs ??= new PostgresLogs(server);

    public void Dispose() => _logs?.Dispose();

    [PostgresFact]
    public void Should_keep_a_second_gateway_out_when_they_are_no_cluster()
    {
        using var first = Logs.Open();
        first.Use(isShared: false);
        using var second = Logs.Open();
        foreach (var isShared in (bool[])[false, true])
        {
            var refused = Assert.Throws<StorageException>(() => second.Use(isShared));
            Assert.Contains("is used by", refused.Message);
            Assert.Contains("--cluster-host", refused.Message);
        }
        first.Dispose();
        second.Use(isShared: false);
    }

    [PostgresFact]
    public void Should_let_the_nodes_of_a_cluster_share_it_and_nobody_else()
    {
        using var first = Logs.Open();
        using var second = Logs.Open();
        first.Use(isShared: true);
        second.Use(isShared: true);
        using var other = Logs.Open();
        Assert.Contains("is used by another gateway", Assert.Throws<StorageException>(() => other.Use(isShared: false)).Message);
    }

    [PostgresFact]
    public async Task Should_use_it_again_when_the_server_has_ended_its_session()
    {
        using var store = Logs.Open();
        store.Use(isShared: true, Soon);
        var before = User();
        await Logs.CutAsync();
        await Patience.UntilAsync(() => Task.FromResult(User() is int now && !now.Equals(before)), "another session to use it");
        using var other = Logs.Open();
        Assert.Throws<StorageException>(() => other.Use(isShared: false));
        Assert.Empty(Logs.Warnings);

        object? User() => Logs.Ask($"SELECT pid {Uses} AND granted");
    }

    [PostgresFact]
    public async Task Should_warn_of_another_that_uses_it_otherwise_by_now()
    {
        using var store = Logs.Open();
        store.Use(isShared: true, Soon);
        // It waits until the session is gone, and has it before that comes back.
        await using var other = new NpgsqlConnection(server.Connection(new NpgsqlConnectionStringBuilder(Logs.Connection).Database!, PostgresServer.Administrator) + ";Pooling=false");
        await other.OpenAsync();
        var taking = new NpgsqlCommand($"SELECT pg_advisory_lock((classid::bigint << 32) | objid::bigint) {Uses}", other) { CommandTimeout = 60 }.ExecuteNonQueryAsync();
        await Patience.UntilAsync(() => Task.FromResult(Logs.Ask($"SELECT count(*) {Uses} AND NOT granted") is 1L), "the other to wait");
        await Logs.CutAsync();
        await Patience.OfAsync(taking, "the other to have it", () => "");
        await Patience.UntilAsync(() => Task.FromResult(!Logs.Warnings.IsEmpty), "a warning");
        Assert.Contains("used by a gateway that is no node of a cluster as well", Assert.Single(Logs.Warnings).Problem);
    }

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    private const string Uses = "FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    [PostgresFact]
    public void Should_tell_which_nodes_live()
    {
        using var store = Logs.Open();
        store.Nodes.Touch("a:1");
        store.Nodes.Touch("b:1");
        store.Nodes.Touch("a:1");
        Assert.Equal(["a:1", "b:1"], store.Nodes.Seen(TimeSpan.FromMinutes(1)));
        Assert.Empty(store.Nodes.Seen(TimeSpan.Zero));
        store.Nodes.Forget("a:1");
        Assert.Equal(["b:1"], store.Nodes.Seen(TimeSpan.FromMinutes(1)));
    }

    [PostgresFact]
    public void Should_give_nodes_the_sessions_of_others()
    {
        using var store = Logs.Open();
        var sessions = new SavedSessions(store.Sessions, TimeProvider.System);
        var ana = new SavedSession(new Speaker(UserName.Parse("Ána", out _)!.Value, new SessionId(7), 2), [RoomName.Trusted("general")]);
        sessions.Save([ana], []);
        var loaded = Assert.Single(sessions.Load());
        Assert.Equal((ana.Who, ana.Who.User.Value, "general"), (loaded.Who, loaded.Who.User.Value, Assert.Single(loaded.Rooms).Value));
        sessions.Save([], [ana.Who with { Session = new SessionId(6) }]);
        Assert.Single(sessions.Load());
        sessions.Save([], [ana.Who]);
        Assert.Empty(sessions.Load());
    }
}
