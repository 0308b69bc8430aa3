using BenchmarkDotNet.Attributes;
using Chat.Actors.History;
using Chat.Actors.Relays;

namespace Chat.Benchmarks;

/// <summary>What each batch costs once, however many get it: its frames, in one piece of memory.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class FramingBenchmarks
{
    private readonly LiveTail _quiet = new();
    private readonly LiveTail _busy = new();
    private LogEntry[][] _batches = [];
    private int _batch;

    /// <summary>Messages of a batch.</summary>
    [Params(1, 20)]
    public int Messages { get; set; }

    /// <summary>Two batches that are told apart by their seqs, and the busy room's first.</summary>
    [GlobalSetup]
    public void MakeBatches()
    {
        _batches = [Sample.Entries(1, Messages), Sample.Entries(1 + Messages, Messages)];
        _busy.Append(_batches[0], outAt: 0);
    }

    /// <summary>A batch that is out before the next comes: in, taken, forgotten.</summary>
    [Benchmark]
    public ReadOnlyMemory<byte> TailOfQuietRoom()
    {
        _quiet.Append(_batches[0], outAt: 1);
        var piece = _quiet.From(1);
        _quiet.Forget(1);
        return piece;
    }

    /// <summary>A batch that comes while the one before is on its way: in, both taken, the older forgotten.</summary>
    [Benchmark]
    public ReadOnlyMemory<byte> TailOfBusyRoom()
    {
        var before = _batch++;
        _busy.Append(_batches[_batch & 1], outAt: _batch);
        var piece = _busy.From(_busy.First);
        _busy.Forget(before);
        return piece;
    }
}
