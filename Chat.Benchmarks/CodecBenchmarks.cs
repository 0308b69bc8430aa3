using BenchmarkDotNet.Attributes;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Benchmarks;

/// <summary>What each publish costs once, however many get it: its request read, its line and its ack made, a frame; and a page.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class CodecBenchmarks
{
    private const int PageLines = 50;

    private readonly byte[] _publish = RequestCodec.Encode(new Request.Publish(Sample.Room.Value, Sample.Text) { Id = Sample.Id });
    private readonly byte[] _line = Sample.Line(42);
    private readonly ServerEvent.Ack _ack = new(Sample.Room.Value, 42, Sample.Time, Duplicate: false) { Id = Sample.Id };
    private readonly ReadOnlyMemory<byte>[] _lines = [.. Sample.Entries(1, PageLines).Select(entry => entry.Line)];
    private readonly ServerEvent.History _page = new(
        Sample.Room.Value, "0123456789abcdef", [], Last: PageLines, More: false, Live: true, Gap: false, [], Through: PageLines);

    /// <summary>A request from its bytes.</summary>
    [Benchmark]
    public Request? DecodePublish() => RequestCodec.Decode(_publish).Request ?? throw new InvalidOperationException("The publish was refused.");

    /// <summary>A message's bytes, for file and wire.</summary>
    [Benchmark]
    public byte[] EncodeMessage() => Sample.Line(42);

    /// <summary>The answer to who published it.</summary>
    [Benchmark]
    public byte[] EncodeAck() => EventCodec.Encode(_ack);

    /// <summary>A frame by itself.</summary>
    [Benchmark]
    public byte[] FrameMessage() => WireFrame.Text(_line);

    /// <summary>A page of lines that were read.</summary>
    [Benchmark]
    public byte[] EncodeHistoryOf50() => EventCodec.EncodeHistory(_page, _lines, WireFrame.Headroom);
}
