using Chat.Actors;
using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Actors.Nodes;
using Chat.Protocol;
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
            Assert.Equal(StorageFailure.InUse, refused.Failure);
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
        Assert.Equal(StorageFailure.InUse, Assert.Throws<StorageException>(() => other.Use(isShared: false)).Failure);
    }

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
