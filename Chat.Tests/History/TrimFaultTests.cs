using System.Globalization;
using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

/// <summary>Retention on a disk that fails in every call of it, and in power cuts there.</summary>
public sealed class TrimFaultTests
{
    private const string Data = "/data";
    private const int Stored = 90;

    private readonly ManualTime _time = new();
    private readonly FileHistoryOptions _options;

    // The messages are a second apart; segments have 30 of them.
    public TrimFaultTests() => _options = new FileHistoryOptions
    {
        Time = _time,
        BootId = "boot-1",
        RetainAge = TimeSpan.FromMinutes(5),
        WindowAtLeast = 0,
        WindowTime = TimeSpan.FromSeconds(1),
    };

    public static TheoryData<int, Durability> Cases
    {
        get
        {
            var cases = new TheoryData<int, Durability>();
            foreach (var durability in Enum.GetValues<Durability>())
            {
                // Nothing, some and all of it is too old.
                foreach (var tooOld in (int[])[0, 60, Stored])
                    cases.Add(tooOld, durability);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_keep_all_that_is_kept_and_go_on_at_the_right_seq_whichever_call_fails(int tooOld, Durability durability) =>
        ForEveryCall(tooOld, durability, [DiskFault.Error, DiskFault.LateError, DiskFault.NoSpace], appends: true, seeds: 1);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_keep_all_that_is_kept_and_go_on_at_the_right_seq_wherever_the_process_is_killed(int tooOld, Durability durability) =>
        ForEveryCall(tooOld, durability, [DiskFault.Stop], appends: true, seeds: 1);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_keep_all_that_is_kept_and_go_on_at_the_right_seq_wherever_the_power_is_cut(int tooOld, Durability durability) =>
        ForEveryCall(tooOld, durability, [DiskFault.Stop], appends: false, seeds: 5, (disk, seed) => disk.PowerCut(new Random(seed)));

    // In a run that trims a log, and appends to it perhaps, the n-th call fails, for every n; then comes what may follow, and a run
    // without faults, as of the next boot.
    private void ForEveryCall(
        int tooOld, Durability durability, DiskFault[] faults, bool appends, int seeds, Action<SimulatedDisk, int>? then = null)
    {
        foreach (var fault in faults)
        {
            var isOver = false;
            for (var n = 1; !isOver; n++)
            {
                for (var seed = 0; seed < seeds; seed++)
                {
                    var options = _options with { Durability = durability };
                    var disk = new SimulatedDisk(n * seeds + seed);
                    var epoch = Write(disk, options);
                    // The clock is a new store's, so that it is believed.
                    _time.SetWall(DataFolder.TimeOf(tooOld) + options.RetainAge!.Value + TimeSpan.FromMilliseconds(1) - _time.Now);
                    var failing = disk.Calls + n;
                    disk.Fault = request => request.Number == failing ? fault : null;
                    var acked = Run(disk, options, appends);
                    isOver = disk.Faults == 0;
                    disk.Fault = null;
                    then?.Invoke(disk, n * seeds + seed);

                    Check(
                        disk, appends ? options : options with { BootId = "boot-2" }, tooOld, epoch, acked,
                        $"{fault} in call {n}, seed {seed}");
                }
            }
        }
    }

    private static string Write(SimulatedDisk disk, FileHistoryOptions options)
    {
        using var store = FileHistoryStore.Open(disk.Start(), Data, options);
        var log = store.Log(DataFolder.Room);
        var epoch = log.Open().Epoch;
        for (var seq = 1; seq <= Stored; seq += 10)
            log.Append(DataFolder.Entries(seq, seq + 9));
        // What isn't synced is lost in a power cut, with the epoch; what is survives a kill too.
        if (options.Durability == Durability.Never)
            log.Dispose();
        else
            disk.Kill();
        return epoch;
    }

    // A run with a failing call: a sweep of a log that nobody has open, then a room's. Gives the newest seq that was acked.
    private static long Run(SimulatedDisk disk, FileHistoryOptions options, bool appends)
    {
        var acked = (long)Stored;
        try
        {
            using var store = FileHistoryStore.Open(disk.Start(), Data, options);
            Try(() => store.Trim(DataFolder.Room));
            using var log = store.Log(DataFolder.Room);
            for (var attempt = 0; attempt < 3; attempt++)
            {
                Try(() =>
                {
                    // A room opens its log again after a failure, and has given the seq of what failed to nobody.
                    Assert.Equal(acked, log.Open().Last);
                    log.Trim();
                    if (!appends)
                        return;
                    log.Append(DataFolder.Entries(acked + 1, acked + 2));
                    acked += 2;
                });
            }
        }
        catch (StorageException)
        {
            // The data folder couldn't be had.
        }
        return acked;
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (StorageException)
        {
            // As it was told to.
        }
    }

    private static void Check(SimulatedDisk disk, FileHistoryOptions options, int tooOld, string epoch, long acked, string when)
    {
        var warnings = new List<StorageWarning>();
        using var store = FileHistoryStore.Open(disk.Start(), Data, options, warnings.Add);
        using var log = store.Log(DataFolder.Room);
        var state = log.Open();
        // What was written and not acked may be there.
        Assert.True(state.Last >= acked && state.Last <= acked + 2, $"{when}: the log ends with {state.Last}, {acked} was acked");
        Assert.True(state.Epoch == epoch, $"{when}: another epoch: {string.Join(' ', warnings)}");
        Assert.True(state.LastTimestamp >= DataFolder.TimeOf(Stored), $"{when}: times begin anew");
        // Nothing but what is too old is gone, and in the end all that is.
        Assert.True(state.First <= Math.Min(tooOld, Stored) + 1, $"{when}: the log begins with {state.First}");
        ShouldHold(log, state.First, state.Last, when);
        log.Trim();
        Assert.Equal(tooOld + 1, log.Open().First);
        log.Append(DataFolder.Entries(state.Last + 1, state.Last + 1));
        ShouldHold(log, tooOld + 1, state.Last + 1, when);
        // What the names say is so.
        var names = disk.FilesIn(Path.Combine(Data, "general")).Where(name => name.EndsWith(".jsonl", StringComparison.Ordinal));
        Assert.Equal(tooOld + 1, names.Min(name => long.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture)));
    }
    private static void ShouldHold(IRoomLog log, long first, long last, string when)
    {
        var page = log.Read(new LogQuery(1, last, PageEnd.Oldest, 1_000, 1_000_000));
        Assert.True(page.Missing.Count == 0, $"{when}: {string.Join(' ', page.Missing)} are missing");
        Assert.Equal((first, last, first), (page.From, page.Through, page.First));
        Assert.Equal(DataFolder.Seqs(first, last), page.Entries.Seqs());
        page.ShouldBeAsWritten();
    }
}
