using System.Diagnostics;
using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Tests.EndToEnd.Support;
using Npgsql;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.History.Postgres;

/// <summary>A real server that fails: what it stored stays, what it didn't is refused with a sentence, and the log goes on when it is back.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresFaultTests(PostgresServer server) : IDisposable
{
    // The longest that one call may take: two attempts, each to connect and to be answered.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private PostgresLogs? _logs;

    private PostgresLogs Logs => _logs ??= new PostgresLogs(server);

    public void Dispose()
    {
        if (_logs is null)
            return;
        server.Start();
        _logs.Dispose();
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Should_keep_all_and_go_on_when_the_server_is_stopped_or_killed_and_back(bool isKilled)
    {
        using var store = Logs.Open();
        using var log = store.Log(DataFolder.Room);
        var epoch = log.Open().Epoch;
        log.Append(DataFolder.Entries(1, 3));
        if (isKilled)
            server.KillNow();
        else
            server.Stop();

        Assert.Contains($"on 127.0.0.1:{server.Port}", Fails(() => log.Append(DataFolder.Entries(4, 4))));
        Fails(() => log.Open());
        Fails(() => log.Read(DataFolder.Oldest(1, 3)));
        Fails(store.Probe);
        server.Start();

        store.Probe();
        Assert.Equal(new LogState(epoch, 1, 3, DataFolder.TimeOf(3)), log.Open());
        log.Append(DataFolder.Entries(4, 5));
        var page = log.Read(DataFolder.Oldest(1, 5));
        Assert.Equal([1, 2, 3, 4, 5], page.Entries.Seqs());
        page.ShouldBeAsWritten();
        Assert.Empty(Logs.Warnings);
    }

    [PostgresFact]
    public void Should_not_notice_when_its_sessions_are_ended_between_two_calls()
    {
        using var store = Logs.Open();
        using var log = store.Log(DataFolder.Room);
        log.Open();
        for (var seq = 1; seq <= 4; seq++)
        {
            log.Append(DataFolder.Entries(seq, seq));
            server.CutAll();
        }
        Assert.Equal([1, 2, 3, 4], log.Read(DataFolder.Oldest(1, 4)).Entries.Seqs());
        server.CutAll();
        Assert.Equal(4, log.ReadWindow(new WindowQuery(DateTime.MinValue, 10, 10, 10, 1_000)).Ids.Count);
        server.CutAll();
        store.Probe();
    }

    [PostgresFact]
    public async Task Should_end_in_time_when_the_server_answers_nothing_and_go_on_when_it_does()
    {
        using var proxy = new CuttingProxy(server.Port);
        using var store = PostgresHistoryStore.Open(new NpgsqlConnectionStringBuilder(Logs.Connection) { Port = proxy.Port }.ConnectionString);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        server.Freeze();
        try
        {
            Assert.Contains("doesn't answer in time", Fails(() => log.Append(DataFolder.Entries(3, 3))));
            // One finds out; the others don't even try.
            var before = proxy.Arrivals;
            var trial = Task.Factory.StartNew(() => Fails(store.Probe), TaskCreationOptions.LongRunning);
            await Patience.UntilAsync(() => Task.FromResult(proxy.Arrivals > before), "the one to connect");
            var arrivals = proxy.Arrivals;
            for (var call = 0; call < 15; call++)
                Fails(store.Probe);
            Assert.Equal(arrivals, proxy.Arrivals);
            await trial;
        }
        finally
        {
            server.Thaw();
        }

        Until(store.Probe);
        Assert.Equal(2, log.Open().Last);
        log.Append(DataFolder.Entries(3, 4));
        Assert.Equal([1, 2, 3, 4], log.Read(DataFolder.Oldest(1, 4)).Entries.Seqs());
    }

    [PostgresFact]
    public void Should_refuse_and_go_on_when_the_database_is_read_only_for_a_while()
    {
        using var store = Logs.Open();
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        var database = new NpgsqlConnectionStringBuilder(Logs.Connection).Database;
        server.Administer($"ALTER DATABASE {database} SET default_transaction_read_only = on");
        server.CutAll();

        Assert.Contains("read-only", Fails(() => log.Append(DataFolder.Entries(3, 3))));
        Assert.Contains("read-only", Fails(() => log.Open()));
        Assert.Contains("read-only", Fails(store.Probe));
        Assert.Equal([1, 2], log.Read(DataFolder.Oldest(1, 2)).Entries.Seqs());
        server.Administer($"ALTER DATABASE {database} SET default_transaction_read_only = off");
        server.CutAll();

        Assert.Equal(2, log.Open().Last);
        log.Append(DataFolder.Entries(3, 3));
    }

    [PostgresTinyDiskFact]
    public void Should_refuse_what_does_not_fit_and_go_on_when_there_is_space_again()
    {
        using var own = new PostgresServer([], tinyDisk: 24);
        own.Start();
        own.Administer($"CREATE TABLESPACE tiny LOCATION '{own.TinyDisk}'");
        using var logs = new PostgresLogs(own, "TABLESPACE tiny");
        using var store = logs.Open();
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        var database = new NpgsqlConnectionStringBuilder(logs.Connection).Database!;
        own.Administer("CREATE TABLE ballast (x text)", database);
        foreach (var rows in new[] { 2_000, 200, 20, 2, 1, 1 })
        {
            try
            {
                while (true)
                    own.Administer($"INSERT INTO ballast SELECT repeat('x', 1900) FROM generate_series(1, {rows})", database);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DiskFull)
            {
                // Nearer to full.
            }
        }

        var stored = 2L;
        var text = new string('x', 1_900);
        var sentence = Fails(() =>
        {
            for (; stored < 1_000; stored++)
                log.Append([DataFolder.Entry(stored + 1, text)]);
        });
        Assert.Contains("Free some space", sentence);
        Assert.Equal(stored, log.Open().Last);
        own.Administer("DROP TABLE ballast", database);

        log.Append([DataFolder.Entry(stored + 1, text)]);
        Assert.Equal(DataFolder.Seqs(1, stored + 1), log.Read(DataFolder.Oldest(1, stored + 1)).Entries.Seqs());
    }

    [PostgresFact]
    public void Should_say_what_is_wrong_at_the_start()
    {
        var database = new NpgsqlConnectionStringBuilder(Logs.Connection).Database!;
        ShouldRefuse(server.Connection(database, password: "wrong"), "password authentication failed", "Correct Username and Password");
        ShouldRefuse(server.Connection("nowhere"), "\"nowhere\" does not exist", "CREATE DATABASE");
        ShouldRefuse(new NpgsqlConnectionStringBuilder(Logs.Connection) { Port = 1 }.ConnectionString, "on 127.0.0.1:1", "Check that it runs there");
        Logs.Open().Dispose();
        Logs.Ask("UPDATE schema_version SET version = 1000");
        ShouldRefuse(Logs.Connection, "the schema 1000", "Start a gateway that is as new");
        Logs.Ask("DROP TABLE schema_version");
        ShouldRefuse(Logs.Connection, "already exists", "database of its own");
        using var latin = new PostgresLogs(server, "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        ShouldRefuse(latin.Connection, "encoding LATIN1", "UTF8");
    }

    [PostgresTheory]
    [InlineData("fsync")]
    [InlineData("full_page_writes")]
    public void Should_refuse_a_server_that_could_lose_what_it_stored(string setting)
    {
        using var unsafely = new PostgresServer([$"{setting}=off"]);
        ShouldRefuse(unsafely.MakeDatabase(), $"{setting}=off", $"Turn {setting} on");
    }

    [PostgresFact]
    public async Task Should_make_the_tables_once_when_many_start_at_the_same_time()
    {
        var logs = Logs;
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => logs.Open())));
        Assert.Equal(1L, Logs.Ask("SELECT count(*) FROM schema_version"));
        var secrets = await Task.WhenAll(stores.Select(store => Task.Run(() => store.Secret("key", 32))));
        Assert.All(secrets, secret => Assert.Equal(secrets[0], secret));
        Assert.Equal(32, secrets[0].Length);
        Assert.NotEqual(secrets[0], stores[0].Secret("other", 32));
        foreach (var store in stores)
            store.Dispose();
        using var later = Logs.Open();
        Assert.Equal(secrets[0], later.Secret("key", 16));
    }

    [PostgresFact]
    public void Should_take_a_standby_for_no_place_to_write_and_give_a_new_epoch_when_it_has_taken_over()
    {
        var epoch = Logs.Write(3);
        using var standby = server.MakeStandby("second");
        standby.Start();
        var database = new NpgsqlConnectionStringBuilder(Logs.Connection).Database!;
        var there = standby.Connection(database);
        using (var store = PostgresHistoryStore.Open(there))
        using (var log = store.Log(DataFolder.Room))
        {
            Assert.Contains("standby", Fails(store.Probe));
            Assert.Contains("Name the primary", Fails(() => log.Open()));
        }
        standby.Promote();

        var warnings = new List<StorageWarning>();
        using (var store = PostgresHistoryStore.Open(there, null, warnings.Add))
        using (var log = store.Log(DataFolder.Room))
        {
            var state = log.Open();
            Assert.Equal(3, state.Last);
            Assert.NotEqual(epoch, state.Epoch);
            Assert.Contains("standby took over", Assert.Single(warnings).Problem);
            log.Append(DataFolder.Entries(4, 4));
        }
        Assert.Equal(epoch, Logs.Write(3));
    }

    [PostgresFact]
    public void Should_acknowledge_nothing_that_a_synchronous_standby_lacks()
    {
        using var primary = new PostgresServer([]);
        using var standby = primary.MakeStandby("second");
        using var logs = new PostgresLogs(primary);
        using var store = logs.Open();
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        primary.Administer("ALTER SYSTEM SET synchronous_standby_names = 'second'");
        primary.Administer("SELECT pg_reload_conf()");
        Until(() => Assert.Equal("second", primary.Ask("SHOW synchronous_standby_names")));

        Fails(() => log.Append([DataFolder.Entry(3, "on one server alone")]));
        Fails(() => log.Open());
        // Sessions don't wait for it.
        store.Sessions.Save([new SessionRow("ana", "ana", 1, 1, [], DateTime.UtcNow)], []);
        store.Sessions.Save([], [("ana", 1, 1)]);
        standby.Start();
        Until(() => log.Open());

        Assert.Equal(2, log.Open().Last);
        log.Append(DataFolder.Entries(3, 4));
        // It has it on its disk, and shows it in a moment.
        Until(() => Assert.Equal(
            4L, PostgresServer.Ask(standby.Connection(new NpgsqlConnectionStringBuilder(logs.Connection).Database!), "SELECT last FROM room")));
        standby.KillNow();
        Fails(() => log.Append([DataFolder.Entry(5, "on one server alone")]));
        standby.Start();
        Until(() => log.Open());
        Assert.Equal([1, 2, 3, 4], log.Read(DataFolder.Oldest(1, 4)).Entries.Seqs());
        Assert.Equal(4L, logs.Ask("SELECT max(seq) FROM message"));
    }

    [PostgresFact]
    public void Should_find_the_host_that_can_be_written()
    {
        var connection = new NpgsqlConnectionStringBuilder(Logs.Connection) { Host = $"127.0.0.1:1,127.0.0.1:{server.Port}" }.ConnectionString;
        using var store = PostgresHistoryStore.Open(connection);
        Assert.Contains($"on 127.0.0.1:1,127.0.0.1:{server.Port}", store.Name);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        server.CutAll();
        log.Append(DataFolder.Entries(1, 1));
        server.KillNow();
        Fails(() => log.Append(DataFolder.Entries(2, 2)));
        server.Start();
        Until(() => log.Open());
        log.Append(DataFolder.Entries(2, 2));
    }

    private static void ShouldRefuse(string connection, string what, string remedy)
    {
        var sentence = Assert.Throws<StorageException>(() => PostgresHistoryStore.Open(connection)).Message;
        Assert.Contains(what, sentence);
        Assert.Contains(remedy, sentence);
        Assert.DoesNotContain('\n', sentence);
        Assert.DoesNotContain(PostgresServer.Password, sentence);
    }

    private static string Fails(Action call)
    {
        var since = Stopwatch.GetTimestamp();
        var error = Assert.Throws<StorageException>(call);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, Longest);
        Assert.Equal(StorageFailure.Failed, error.Failure);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain(PostgresServer.Password, error.Message);
        return error.Message;
    }

    private static string Fails<T>(Func<T> call) => Fails(() => { call(); });

    private static void Until(Action call)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                call();
                return;
            }
            catch (Exception e) when (e is StorageException or NpgsqlException or XunitException && attempt < 100)
            {
                Thread.Sleep(100);
            }
        }
    }
}

/// <summary>A fact that fills a server's tiny disk; skipped where none can be mounted.</summary>
internal sealed class PostgresTinyDiskFactAttribute : FactAttribute
{
    public PostgresTinyDiskFactAttribute() => Skip = PostgresServer.WhyNot ?? Required.OrSkip(Environment.IsPrivilegedProcess, "Only root may mount a disk for another user.");
}
