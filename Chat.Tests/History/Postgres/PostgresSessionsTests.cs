using Chat.Actors.History.Postgres;
using Xunit;

namespace Chat.Tests.History.Postgres;

[Collection(PostgresTests.Name)]
public sealed class PostgresSessionsTests(PostgresServer server) : IDisposable
{
    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly SessionRow Ana = new("ana", "Ana", 7, 2, ["general", "z\u00e9"], Noon);

    private PostgresLogs? _logs;

    private PostgresLogs Logs => _logs ??= new PostgresLogs(server);

    public void Dispose() => _logs?.Dispose();

    [PostgresFact]
    public void Should_give_back_what_is_kept()
    {
        var bob = new SessionRow("bob", "bob", 3, 1, [], Noon.AddMilliseconds(5));
        using (var store = Logs.Open())
            store.Sessions.Save([bob, Ana], []);
        using var later = Logs.Open();
        ShouldKeep(later, Ana, bob);
        later.Sessions.Save([], []);
        later.Sessions.Save([], [("bob", 3, 9), ("nobody", 1, 9)]);
        ShouldKeep(later, Ana);
    }

    [PostgresFact]
    public void Should_give_way_to_a_later_session_or_generation_alone()
    {
        using var store = Logs.Open();
        store.Sessions.Save([Ana], []);
        store.Sessions.Save([Ana with { Generation = 1, Rooms = [] }], []);
        store.Sessions.Save([Ana with { Id = 6, Generation = 9, Rooms = [] }], []);
        ShouldKeep(store, Ana);
        var again = Ana with { Rooms = ["other"], Seen = Noon.AddSeconds(1) };
        store.Sessions.Save([again], []);
        ShouldKeep(store, again);
        store.Sessions.Save([again with { Generation = 3 }, again with { Id = 8, Generation = 1 }, again], []);
        ShouldKeep(store, again with { Id = 8, Generation = 1 });
    }

    [PostgresFact]
    public void Should_forget_a_session_by_its_own_id_alone()
    {
        using var store = Logs.Open();
        store.Sessions.Save([Ana], []);
        store.Sessions.Save([], [("ana", 6, 9), ("ana", 8, 9)]);
        ShouldKeep(store, Ana);
        store.Sessions.Save([Ana with { Id = 8 }], [("ana", 7, 9)]);
        ShouldKeep(store, Ana with { Id = 8 });
        store.Sessions.Save([Ana with { Id = 8 }], [("ana", 8, 9)]);
        ShouldKeep(store);
    }

    [PostgresFact]
    public async Task Should_let_several_save_the_same_at_once()
    {
        using var store = Logs.Open();
        var rows = Enumerable.Range(0, 50).Select(i => Ana with { Name = $"user-{i}" }).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            store.Sessions.Save([.. (i % 2 == 0 ? rows : rows.Reverse()).Select(row => row with { Generation = i })], []))));
        Assert.All(store.Sessions.Load(), row => Assert.Equal(7, row.Generation));
        Assert.Equal("on", PostgresServer.Ask(Logs.Connection, "SHOW synchronous_commit"));
    }

    private static void ShouldKeep(PostgresHistoryStore store, params SessionRow[] rows)
    {
        var kept = store.Sessions.Load();
        Assert.Equal(rows.Select(row => row with { Rooms = [] }), kept.Select(row => row with { Rooms = [] }));
        Assert.Equal(rows.Select(row => string.Join(' ', row.Rooms)), kept.Select(row => string.Join(' ', row.Rooms)));
    }
}
