using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History.Postgres;

/// <summary>From a folder into a database and back: the same bytes, epochs and ends, whatever was there or broke off.</summary>
[Collection(PostgresTests.Name)]
public sealed class LogTransferTests(PostgresServer server) : IDisposable
{
    private static readonly FileHistoryOptions Small = new() { SegmentBytes = 1_000, WindowAtLeast = 0, WindowTime = TimeSpan.FromSeconds(1) };

    private readonly DataFolder _folder = new();
    private readonly DataFolder _back = new();
    private PostgresLogs? _logs;

    private PostgresLogs Logs => _logs ??= new PostgresLogs(server);

    public void Dispose()
    {
        _logs?.Dispose();
        _folder.Dispose();
        _back.Dispose();
    }

    [PostgresFact]
    public void Should_bring_all_there_and_back()
    {
        _folder.Write(2_500, Small with { SegmentBytes = 64 * 1024 }, batch: 100);
        WriteOther(_folder, "z\u00e9.x", 3);
        var before = State(_folder);

        Assert.All(Import(_folder), room => Assert.Equal((null, false), (room.Problem, room.WasThere)));
        Assert.All(Import(_folder), room => Assert.Equal((null, true), (room.Problem, room.WasThere)));
        Assert.Equal(before, State(Logs));
        Assert.All(Export(_back), room => Assert.Null(room.Problem));

        Assert.Equal(before, State(_back));
        Assert.Equal(
            Directory.GetFiles(_folder.RoomPath, "*.jsonl").Order().SelectMany(File.ReadAllBytes),
            Directory.GetFiles(_back.RoomPath, "*.jsonl").Order().SelectMany(File.ReadAllBytes));
        Assert.Empty(_back.Warnings);
        Assert.Empty(Logs.Warnings);
        // After a gateway wrote in neither.
        Assert.All(Export(_back), room => Assert.True(room.WasThere && room.Problem is null));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Should_keep_where_a_log_begins(bool isEmpty)
    {
        _folder.Write(200, Small);
        var age = Small with { RetainAge = TimeSpan.FromMinutes(10), Time = At(isEmpty ? 9_000 : 700) };
        using (var store = _folder.Open(age))
            store.Trim(DataFolder.Room);
        var before = State(_folder);
        Assert.True(before[0].First > 1);
        Assert.Equal(isEmpty, before[0].First == 201);

        Assert.Null(Assert.Single(Import(_folder)).Problem);
        Assert.Equal(before, State(Logs));
        Assert.Null(Assert.Single(Export(_back)).Problem);

        Assert.Equal(before, State(_back));
        foreach (var logs in new IStoredLogs[] { Logs, _back })
            Assert.Equal(before[0].Epoch, logs.Write(205));
    }

    [PostgresFact]
    public void Should_replace_nothing_that_differs()
    {
        _folder.Write(5);
        Logs.Write(5);
        Assert.Contains("its epoch is another", Assert.Single(Import(_folder)).Problem);
        Assert.Contains("its epoch is another", Assert.Single(Export(_folder)).Problem);
        Assert.True(Directory.Exists(_folder.RoomPath));

        Assert.Null(Assert.Single(Export(_back)).Problem);
        Logs.Write(6);
        Assert.Contains("seqs 1 to 6 and not 1 to 5", Assert.Single(Import(_back)).Problem);
        Logs.Ask("DELETE FROM message WHERE seq = 6; UPDATE room SET last = 5, last_at = last_at - interval '1 second'");
        Assert.Null(Assert.Single(Import(_back)).Problem);
        Logs.Ask("UPDATE message SET line = (SELECT line FROM message WHERE seq = 2) WHERE seq = 3");
        Assert.Contains("at seq 3", Assert.Single(Import(_back)).Problem);
        Logs.Ask("DELETE FROM message WHERE seq = 5");
        Assert.NotNull(Assert.Single(Export(_back)).Problem);
        Assert.Equal(5, State(_back)[0].Last);
    }

    [PostgresFact]
    public void Should_say_that_a_gateway_came_meanwhile_and_leave_no_half()
    {
        Logs.Write(2_500, batch: 100);
        using (var files = _back.Open())
        using (var gateway = Logs.Open())
        using (var database = Logs.Open())
        {
            using var log = gateway.Log(DataFolder.Room);
            var transfer = new LogTransfer(files, database);
            var meanwhile = Task.Run(() =>
            {
                while (!Directory.Exists(_back.RoomPath + ".unfinished"))
                    Thread.Yield();
                log.Open();
            });
            var result = transfer.Export(DataFolder.Room);
            meanwhile.Wait();
            Assert.Contains("opened the log of general", result.Problem);
        }
        Assert.Empty(Directory.GetDirectories(_back.Path));
        Assert.Null(Assert.Single(Export(_back)).Problem);
    }

    [PostgresFact]
    public void Should_begin_again_where_it_was_killed_and_leave_out_what_is_damaged()
    {
        _folder.Write(30, Small);
        _folder.Damage(7);
        Directory.CreateDirectory(_back.RoomPath + ".unfinished");
        File.WriteAllText(Path.Combine(_back.RoomPath + ".unfinished", "00000000000000000001.jsonl"), "half");

        Assert.Equal((null, 29), (Import(_folder)[0].Problem, Import(_folder)[0].Messages));
        Assert.Null(Assert.Single(Export(_back)).Problem);

        using var store = _back.Open();
        using var log = store.Log(DataFolder.Room);
        Assert.Equal([new SeqRange(7, 7)], log.Read(DataFolder.Oldest(1, 30)).Missing);
        Assert.Single(Directory.GetDirectories(_back.Path));
    }

    [PostgresTheory]
    [InlineData(29, 30)]
    [InlineData(1, 30)]
    public void Should_bring_back_a_log_whose_newest_lines_are_damaged_with_another_epoch(int from, int to)
    {
        // Their numbers were seen, and are given anew.
        _folder.Write(30, Small);
        for (var seq = from; seq <= to; seq++)
            _folder.Damage(seq);
        var damaged = to - from + 1;

        var import = Import(_folder)[0];
        Assert.Equal((null, 30 - damaged, damaged), (import.Problem, import.Messages, import.Damaged));
        var export = Assert.Single(Export(_back));
        Assert.Equal((null, 30 - damaged, damaged, 30), (export.Problem, export.Messages, export.Damaged, export.Last));

        using var files = _back.Open();
        using var log = files.Log(DataFolder.Room);
        using var store = Logs.Open();
        var state = log.Open();
        Assert.Equal(30 - damaged, state.Last);
        Assert.NotEqual(store.Log(DataFolder.Room).Open().Epoch, state.Epoch);
    }

    [PostgresFact]
    public void Should_take_over_from_a_writer_that_is_still_there()
    {
        using var gateway = Logs.Open();
        using var log = gateway.Log(DataFolder.Room);
        log.Open();
        _folder.Write(3);

        Assert.Null(Assert.Single(Import(_folder)).Problem);

        Assert.Equal(StorageFailure.Superseded, Assert.Throws<StorageException>(() => log.Append(DataFolder.Entries(1, 1))).Failure);
        Assert.Null(Assert.Single(Import(_folder)).Problem);
    }

    private List<RoomTransfer> Import(DataFolder folder)
    {
        using var files = folder.Open();
        using var database = Logs.Open();
        var transfer = new LogTransfer(files, database);
        return [.. transfer.Rooms(isImport: true).Select(transfer.Import)];
    }

    private List<RoomTransfer> Export(DataFolder folder)
    {
        using var files = folder.Open(new FileHistoryOptions { SegmentBytes = 64 * 1024 });
        using var database = Logs.Open();
        var transfer = new LogTransfer(files, database);
        return [.. transfer.Rooms(isImport: false).Select(transfer.Export)];
    }

    private static LogState[] State(IStoredLogs logs)
    {
        using var store = logs.Open();
        return [.. store.Rooms().Select(room =>
        {
            using var log = store.Log(room);
            return log.Open();
        })];
    }

    private static void WriteOther(IStoredLogs logs, string name, int messages)
    {
        using var store = logs.Open();
        using var log = store.Log(RoomName.Trusted(name));
        log.Open();
        log.Append(DataFolder.Entries(1, messages));
    }

    private static ManualTime At(int seconds)
    {
        var time = new ManualTime();
        time.SetWall(DataFolder.TimeOf(seconds) - time.Now);
        return time;
    }
}
