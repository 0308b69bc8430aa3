using Akka.Actor;
using BenchmarkDotNet.Attributes;
using Chat.Actors;
using Chat.Actors.Delivery;

namespace Chat.Benchmarks;

/// <summary>What each delivery costs beside its write: one batch to one subscriber, and one answer.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class OutboxBenchmarks
{
    private const int BehindOneWrite = 16;

    private readonly HoldableWriter _writer = new();
    private readonly ReadOnlyMemory<byte> _frames = WireFrame.Text(Sample.Line(1));
    private readonly Passage _passage = new("0123456789abcdef", 1);
    private readonly Outbox _outbox;
    private readonly Feed _feed;

    /// <summary>A connection with one subscription.</summary>
    public OutboxBenchmarks()
    {
        _outbox = new Outbox(_writer, _ => { }, TimeProvider.System);
        _feed = new Feed(Sample.Room, new SessionId(1), _outbox, ActorRefs.Nobody);
    }

    /// <summary>Nothing waits, and the write is done at once.</summary>
    [Benchmark]
    public void OfferToIdle() => Offer();

    /// <summary>A write is under way: each waits its turn, and all that wait go together in the next. For each of them, with its part in both writes.</summary>
    [Benchmark(OperationsPerInvoke = BehindOneWrite + 1)]
    public void OfferWhileWriting()
    {
        _writer.Hold();
        for (var i = 0; i <= BehindOneWrite; i++)
            Offer();
        _writer.Release();
    }

    /// <summary>Nothing waits, and the write is done at once.</summary>
    [Benchmark]
    public void AnswerWhenIdle() => _outbox.Answer(_frames);

    // A refused one would be cheap, and nobody would see it.
    private void Offer()
    {
        if (_outbox.Offer(_feed, _frames, _passage) != Actors.Delivery.Offer.Accepted)
            throw new InvalidOperationException("The outbox took nothing.");
    }
}
