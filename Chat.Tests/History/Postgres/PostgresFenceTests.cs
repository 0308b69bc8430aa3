using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Tests.EndToEnd.Support;
using Npgsql;
using Xunit;

namespace Chat.Tests.History.Postgres;

/// <summary>Two writers never fork a log, and what failed never turns up behind an opening, wherever an answer is lost.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresFenceTests : IDisposable
{
    private readonly PostgresLogs? _logs;
    private readonly CuttingProxy? _proxy;
    private readonly PostgresHistoryStore? _store;

    public PostgresFenceTests(PostgresServer server)
    {
        // Constructed for skipped tests never.
        _logs = new PostgresLogs(server);
        _proxy = new CuttingProxy(server.Port);
        _store = PostgresHistoryStore.Open(ThroughProxy(_logs, _proxy));
    }

    private PostgresLogs Logs => _logs!;

    private CuttingProxy Proxy => _proxy!;

    private PostgresHistoryStore Store => _store!;

    public void Dispose()
    {
        _store?.Dispose();
        _proxy?.Dispose();
        _logs?.Dispose();
    }

    [PostgresFact]
    public void Should_be_the_same_log_where_a_room_that_nobody_wrote_in_moves()
    {
        using var store = Logs.Open();
        var log = store.Log(DataFolder.Room);
        var epoch = log.Open().Epoch;
        log.MoveOn();
        log.Dispose();
        using (var next = store.Log(DataFolder.Room))
            Assert.Equal(epoch, next.Open().Epoch);
        // Where it rests, nothing of it is left.
        Assert.Equal(0L, Logs.Ask("SELECT count(*) FROM room"));
    }

    [PostgresFact]
    public void Should_store_nothing_more_of_a_writer_when_another_has_opened()
    {
        using var other = Logs.Open();
        using var before = Store.Log(DataFolder.Room);
        before.Open();
        before.Append(DataFolder.Entries(1, 3));
        using var after = other.Log(DataFolder.Room);

        Assert.Equal(3, after.Open().Last);

        Assert.Equal(StorageFailure.Superseded, Assert.Throws<StorageException>(() => before.Append([DataFolder.Entry(4, "forked")])).Failure);
        Assert.Equal(StorageFailure.Superseded, Assert.Throws<StorageException>(() => before.Open()).Failure);
        after.Append(DataFolder.Entries(4, 5));
        ShouldHave(5);
        Assert.Equal(StorageFailure.Superseded, Assert.Throws<StorageException>(() => before.Open()).Failure);
        before.Dispose();
        after.Append(DataFolder.Entries(6, 6));
    }

    [PostgresFact]
    public void Should_have_stored_once_what_was_stored_when_the_answer_was_lost()
    {
        using var log = Store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        for (var seq = 3; seq <= 21; seq += 3)
        {
            Proxy.LoseNextAnswer();
            Assert.True(log.Append(DataFolder.Entries(seq, seq + 2)).IsStored);
            log.Append(DataFolder.Entries(seq + 3, seq + 3));
            seq++;
        }
        ShouldHave(log.Open().Last);
    }

    [PostgresFact]
    public void Should_be_told_that_it_stored_what_it_did_though_another_opened_meanwhile()
    {
        using var other = Logs.Open();
        using var log = Store.Log(DataFolder.Room);
        log.Open();
        var append = new RoomAppend(DataFolder.Room, Guid.NewGuid(), 1, 0, DataFolder.Entries(1, 1), [DataFolder.TimeOf(1)]);
        // Nobody's: it isn't the writer.
        Store.Database.Run("test", connection => Assert.False(append.Store(connection)));
        log.Append(DataFolder.Entries(1, 2));
        using var after = other.Log(DataFolder.Room);
        after.Open();
        var owner = (Guid)Logs.Ask("SELECT owner FROM message WHERE seq = 2")!;
        var again = new RoomAppend(DataFolder.Room, owner, 1, 1, DataFolder.Entries(2, 2), [DataFolder.TimeOf(2)]);
        Store.Database.Run("test", connection => Assert.True(again.Store(connection)));
        var changed = new RoomAppend(DataFolder.Room, owner, 1, 1, [DataFolder.Entry(2, "changed")], [DataFolder.TimeOf(2)]);
        Store.Database.Run("test", connection => Assert.False(changed.Store(connection)));
        ShouldHave(2);
    }

    [PostgresFact]
    public async Task Should_never_store_what_failed_when_it_arrives_behind_an_opening()
    {
        using var log = Store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        log.Append(DataFolder.Entries(3, 4));

        var holding = Proxy.HoldNextAsync();
        Assert.Equal(StorageFailure.Failed, Assert.Throws<StorageException>(() => log.Append([DataFolder.Entry(5, "late")])).Failure);
        var held = await holding;
        Proxy.IsDown = false;

        Assert.Equal(4, log.Open().Last);
        await held.DeliverAsync();
        Assert.Equal(4L, Logs.Ask("SELECT max(seq) FROM message"));
        log.Append(DataFolder.Entries(5, 6));
        ShouldHave(6);
    }

    [PostgresFact]
    public async Task Should_wait_for_what_is_under_way_before_it_says_where_the_log_ends()
    {
        using var log = Store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 2));
        var owner = (Guid)Logs.Ask("SELECT owner FROM room")!;
        using var other = Logs.Open();
        using var after = other.Log(DataFolder.Room);
        await using var slow = new NpgsqlConnection(Logs.Connection);
        await slow.OpenAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        // An append of the first that has taken the row and hasn't committed.
        new RoomAppend(DataFolder.Room, owner, 1, 2, DataFolder.Entries(3, 3), [DataFolder.TimeOf(3)]).Store(slow);

        var opening = Task.Run(after.Open);
        // Until it waits for the row, which the append holds.
        await Patience.UntilAsync(
            () =>
            {
                Assert.False(opening.IsCompleted);
                return Task.FromResult(Logs.Ask("SELECT count(*) FROM pg_locks WHERE NOT granted") is not 0L);
            },
            "the opening to wait");
        await transaction.CommitAsync();

        Assert.Equal(3, (await opening).Last);
    }

    [PostgresFact]
    public void Should_cut_back_what_came_of_a_failed_append_when_it_opens_again()
    {
        using var log = Store.Log(DataFolder.Room);
        var epoch = log.Open().Epoch;
        log.Append(DataFolder.Entries(1, 2));
        var owner = (Guid)Logs.Ask("SELECT owner FROM room")!;
        // As where the server stored it and nobody was told.
        Store.Database.Run("test", connection => Assert.True(
            new RoomAppend(DataFolder.Room, owner, 1, 2, [DataFolder.Entry(3, "lost")], [DataFolder.TimeOf(3)]).Store(connection)));
        Proxy.IsDown = true;
        Assert.Throws<StorageException>(() => log.Append(DataFolder.Entries(3, 4)));
        Proxy.IsDown = false;

        Assert.Equal(new LogState(epoch, 1, 2, DataFolder.TimeOf(2)), log.Open());
        log.Append(DataFolder.Entries(3, 4));
        ShouldHave(4);
        Assert.Equal((long)DataFolder.Bytes(DataFolder.Entries(1, 4)).Length, Logs.Ask("SELECT bytes FROM room"));
    }

    [PostgresFact]
    public void Should_open_though_the_answer_to_an_opening_is_lost()
    {
        using var log = Store.Log(DataFolder.Room);
        // It has a session, to lose.
        Store.Probe();
        Proxy.LoseNextAnswer();
        log.Open();
        log.Append(DataFolder.Entries(1, 1));
        for (var lost = 0; lost < 4; lost++)
        {
            Proxy.LoseNextAnswer();
            Assert.Equal(1, log.Open().Last);
        }
        log.Append(DataFolder.Entries(2, 2));
        ShouldHave(2);
    }

    [PostgresFact]
    public void Should_go_on_writing_when_another_process_trims_beside_it()
    {
        var options = new FileHistoryOptions { WindowAtLeast = 0, WindowTime = TimeSpan.FromSeconds(1), RetainBytes = 4_000 };
        using var store = PostgresHistoryStore.Open(Logs.Connection, options);
        using var other = PostgresHistoryStore.Open(Logs.Connection, options);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        for (var seq = 1; seq <= 100; seq++)
        {
            log.Append(DataFolder.Entries(seq, seq));
            if (seq % 10 == 0)
                other.Trim(DataFolder.Room);
        }

        var page = log.Read(DataFolder.Oldest(1, 100));
        Assert.InRange(DataFolder.Bytes([.. page.Entries]).Length, 3_000, 4_000);
        Assert.Equal(page.First, log.Trim());
        Assert.Equal(page.First, log.Open().First);
        Assert.Equal((long)DataFolder.Bytes([.. page.Entries]).Length, Logs.Ask("SELECT bytes FROM room"));
    }

    [PostgresTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Should_not_fork_when_two_writers_append_and_connections_are_cut_at_random(int seed)
    {
        const int Batches = 60;
        var random = new Random(seed);
        var acked = new Dictionary<long, byte[]>();
        var refused = new List<string>();
        using var other = PostgresHistoryStore.Open(ThroughProxy(Logs, Proxy));
        var writers = new[] { Store, other }.Select((store, i) => Task.Run(() => Write(store, $"writer {i}", new Random(seed * 10 + i)))).ToArray();
        var done = Task.WhenAll(writers);
        while (!done.IsCompleted)
        {
            await Task.Delay(random.Next(10));
            switch (random.Next(6))
            {
                case 0:
                    Proxy.CutAll();
                    break;
                case 1:
                    await Logs.CutAsync();
                    break;
                default:
                    Proxy.LoseNextAnswer();
                    break;
            }
        }
        await done;

        using var reader = Logs.Open();
        var last = (long)Logs.Ask("SELECT last FROM room")!;
        using var log = reader.Log(DataFolder.Room);
        var stored = new List<LogEntry>();
        while (stored.Count < last)
            stored.AddRange(log.Read(DataFolder.Oldest(stored.Count + 1, last)).Entries);
        Assert.Equal(DataFolder.Seqs(1, last), stored.Seqs());
        Assert.Equal(last, Logs.Ask("SELECT max(seq) FROM message"));
        foreach (var (seq, line) in acked)
            Assert.True(stored[(int)seq - 1].Line.Span.SequenceEqual(line), $"seq {seq} isn't what was acknowledged");
        var texts = stored.Select(entry => Chat.Protocol.Codec.LogLine.Decode(entry.Line)!.Text).ToArray();
        Assert.Equal(texts.Length, texts.Distinct().Count());
        Assert.Empty(texts.Intersect(refused));
        Assert.True(acked.Count > Batches);

        void Write(PostgresHistoryStore store, string name, Random own)
        {
            var (log, state) = (store.Log(DataFolder.Room), (LogState?)null);
            for (var batch = 0; batch < Batches;)
            {
                try
                {
                    var from = (state ??= log.Open()).Last + 1;
                    var entries = Enumerable.Range(0, own.Next(1, 4)).Select(i => DataFolder.Entry(from + i, $"{name} {batch}.{i} {Guid.NewGuid()}")).ToArray();
                    try
                    {
                        log.Append(entries);
                    }
                    catch (StorageException e) when (e.Failure == StorageFailure.Superseded)
                    {
                        lock (refused)
                            refused.AddRange(entries.Select(entry => Chat.Protocol.Codec.LogLine.Decode(entry.Line)!.Text));
                        throw;
                    }
                    state = state with { Last = entries[^1].Seq };
                    batch++;
                    lock (acked)
                    {
                        foreach (var (seq, line) in entries)
                            Assert.True(acked.TryAdd(seq, line.ToArray()), $"seq {seq} was acknowledged twice");
                    }
                }
                catch (StorageException e)
                {
                    state = null;
                    if (e.Failure != StorageFailure.Superseded)
                        continue;
                    log.Dispose();
                    log = store.Log(DataFolder.Room);
                    Thread.Sleep(own.Next(20));
                }
            }
            log.Dispose();
        }
    }

    private void ShouldHave(long last)
    {
        using var log = Store.Log(DataFolder.Room);
        var page = log.Read(DataFolder.Oldest(1, last + 1));
        Assert.Equal(DataFolder.Seqs(1, last), page.Entries.Seqs());
        page.ShouldBeAsWritten();
    }

    private static string ThroughProxy(PostgresLogs logs, CuttingProxy proxy) => new NpgsqlConnectionStringBuilder(logs.Connection) { Port = proxy.Port }.ConnectionString;
}
