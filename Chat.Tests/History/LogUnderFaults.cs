using System.Text;
using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

/// <summary>
/// A log used as a room uses it, on a disk that fails, by processes that end: opens it again when it failed, and holds it to all
/// that it has said. Each attempt to append has texts of its own, so that none passes for another.
/// </summary>
internal sealed class LogUnderFaults(SimulatedDisk disk, Durability durability, bool sharesSyncs = false)
{
    // One fault a run, and one more for each end of a process; what fails more often than that doesn't recover.
    private const int MostAttempts = 5;

    private static readonly string Data = Path.GetFullPath("/data");

    // What was acked or served, by seq; null where the log said that the line is damaged.
    private readonly List<byte[]?> _told = [];
    private readonly HashSet<string> _appended = [];

    private FileHistoryStore? _store;
    private IRoomLog? _log;
    private string? _epoch;
    private LogEntry[] _tried = [];
    private int _attempts;
    private int _boot = 1;
    private bool _isOpen;
    private bool _endedCleanly;
    private bool _powerWasCut;
    private bool _mayRenew;

    /// <summary>What the next process keeps to.</summary>
    public Durability Durability { get; set; } = durability;

    /// <summary>Opens, appends over several segments, ends and opens again; whether its process was still there at the end.</summary>
    public bool Work() => Open() && Append(1) && Append(2) && Append(1) && Append(3) && Read() && End() && Continue();

    /// <summary>Opens, and appends a little.</summary>
    public bool Continue() => Open() && Append(1) && Append(2) && Append(1) && Read();

    /// <summary>Opens the log, again and again where that fails, and holds what it says against what it said before.</summary>
    public bool Open()
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            try
            {
                if (_store is null)
                    _store = FileHistoryStore.Open(disk.Start(), Data, OptionsOf());
                _log ??= _store.Log(DataFolder.Room);
                Check(_log.Open());
                return true;
            }
            catch (StorageException)
            {
                if (!disk.IsRunning)
                    return Forget();
            }
        }
        throw new InvalidOperationException($"The log didn't open in {MostAttempts} attempts.");
    }

    public bool End()
    {
        var faults = disk.Faults;
        _log?.Dispose();
        _store?.Dispose();
        Forget();
        _endedCleanly = disk.IsRunning && disk.Faults == faults;
        return disk.IsRunning;
    }

    public void Kill()
    {
        disk.Kill();
        Forget();
    }

    public void PowerCut(int seed)
    {
        disk.PowerCut(new Random(seed));
        Forget();
        _boot++;
        _powerWasCut = true;
        _mayRenew |= !EndsInAStartOfWhatWasTried();
    }

    private FileHistoryOptions OptionsOf() => new()
    {
        Durability = Durability,
        SegmentBytes = 400,
        BootId = $"boot-{_boot}",
        ShareSyncsFrom = sharesSyncs ? 1 : int.MaxValue,
    };

    public bool Append(int count)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            _attempts++;
            _endedCleanly = false;
            _tried = [.. Enumerable.Range(_told.Count + 1, count).Select(seq => DataFolder.Entry(seq, $"{seq} at attempt {_attempts}"))];
            _appended.UnionWith(_tried.Select(entry => Encoding.UTF8.GetString(entry.Line.Span)));
            try
            {
                if (!_log!.Append(_tried).IsStored)
                {
                    _store!.Sync();
                    _log.Commit();
                }
                _told.AddRange(_tried.Select(entry => entry.Line.ToArray()));
                _tried = [];
                return true;
            }
            catch (StorageException)
            {
                if (!disk.IsRunning)
                    return Forget();
                if (!Open())
                    return false;
            }
        }
        throw new InvalidOperationException($"Nothing was appended in {MostAttempts} attempts.");
    }

    private bool Read()
    {
        try
        {
            ShouldHold(_log!.Read(All(_told.Count)));
            _log.ReadWindow(new WindowQuery(DateTime.MinValue, 3, 3, 3, 1_000));
            return true;
        }
        catch (StorageException)
        {
            return disk.IsRunning || Forget();
        }
    }

    private void Check(LogState state)
    {
        var page = _log!.Read(All(state.Last));
        page.ShouldSpeakOfAll();
        Assert.Equal((1, state.Last), (page.From, page.Through));
        if (_isOpen)
        {
            // The process is the same: what it refused is gone.
            Assert.Equal((_epoch, _told.Count), (state.Epoch, state.Last));
            ShouldHold(page);
        }
        else if (Durability == Durability.Never && _powerWasCut && !_endedCleanly)
        {
            Assert.All(page.Entries, entry => Assert.Contains(Encoding.UTF8.GetString(entry.Line.Span), _appended));
            if (state.Epoch == _epoch)
                ShouldHold(page);
        }
        else
        {
            Assert.InRange(state.Last, _told.Count, _told.Count + _tried.Length);
            ShouldHold(page);
            foreach (var entry in page.Entries.Where(entry => entry.Seq > _told.Count))
                Assert.Equal(Text(_tried[entry.Seq - _told.Count - 1].Line), Text(entry.Line));
            if (!_powerWasCut)
                Assert.DoesNotContain(page.Missing, range => range.To > _told.Count);
            if (_told.Count > 0 && !_mayRenew)
                Assert.Equal(_epoch, state.Epoch);
        }
        Learn(state, page);
    }

    // All of it may have been seen from now on.
    private void Learn(LogState state, LogPage page)
    {
        _told.Clear();
        _told.AddRange(new byte[]?[state.Last]);
        foreach (var entry in page.Entries)
            _told[(int)entry.Seq - 1] = entry.Line.ToArray();
        _epoch = state.Epoch;
        _tried = [];
        _isOpen = true;
        (_powerWasCut, _mayRenew) = (false, false);
    }

    private void ShouldHold(LogPage page)
    {
        var entries = page.Entries.ToDictionary(entry => entry.Seq, entry => Text(entry.Line));
        for (var seq = 1; seq <= _told.Count; seq++)
            Assert.Equal(_told[seq - 1] is { } line ? Text(line) : null, entries.GetValueOrDefault(seq));
    }

    // What a write leaves that the end of its process stopped; anything else is for the log to be careful about.
    private bool EndsInAStartOfWhatWasTried()
    {
        var segments = disk.FilesIn(Path.Combine(Data, "general")).Where(path => path.EndsWith(".jsonl", StringComparison.Ordinal));
        var stored = string.Concat(segments.Select(path => Encoding.UTF8.GetString(disk.Peek(path)!)));
        var told = string.Concat(_told.Select(line => (line is null ? "" : Text(line)) + "\n"));
        var tried = Encoding.UTF8.GetString(DataFolder.Bytes(_tried));
        return stored.StartsWith(told, StringComparison.Ordinal) && tried.StartsWith(stored[told.Length..], StringComparison.Ordinal);
    }

    private bool Forget()
    {
        (_store, _log, _isOpen) = (null, null, false);
        return false;
    }

    private static LogQuery All(long last) => new(1, last, PageEnd.Oldest, int.MaxValue, int.MaxValue);

    private static string Text(ReadOnlyMemory<byte> line) => Encoding.UTF8.GetString(line.Span);
}
