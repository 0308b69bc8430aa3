using Akka.Actor;
using BenchmarkDotNet.Attributes;
using Chat.Actors.Nodes;
using Chat.Actors.Nodes.Wire;
using Chat.Actors.Rooms;

namespace Chat.Benchmarks;

/// <summary>What each batch costs for each other node that has a relay of its room: its parcel's bytes, made there and read here.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class WireBenchmarks
{
    private const int LineBytes = 200;

    private ActorSystem _system = null!;
    private ChatSerializer _serializer = null!;
    private LinkMessages.Parcel _parcel = null!;
    private byte[] _bytes = [];

    /// <summary>Messages of a batch, each of 200 bytes.</summary>
    [Params(1, 10, 100)]
    public int Messages { get; set; }

    /// <summary>One of them was published by a user of the other node.</summary>
    [GlobalSetup]
    public void Make()
    {
        _system = ActorSystem.Create("chat", "akka { loglevel = ERROR, actor.provider = remote, remote.dot-netty.tcp { hostname = \"127.0.0.1\", port = 0 } }");
        _serializer = new ChatSerializer((ExtendedActorSystem)_system);
        var provider = ((ExtendedActorSystem)_system).Provider;
        var line = new byte[LineBytes];
        _parcel = new LinkMessages.Parcel(
            DateTime.UnixEpoch.Ticks,
            100_000,
            provider.ResolveActorRef("akka.tcp://chat@10.0.0.2:4053/user/relays/general#1234567"),
            provider.ResolveActorRef("akka.tcp://chat@10.0.0.1:4053/user/rooms/general#7654321"),
            new RoomReplies.Delivered(
                Sample.Room,
                [.. Sample.Entries(100_000, Messages).Select(entry => entry with { Line = line })],
                [new RoomReplies.Ack(42, Sample.Id, 100_000, Sample.Time, Duplicate: false)]));
        _bytes = Write();
        Console.WriteLine($"// A parcel of {Messages} messages has {_bytes.Length} bytes, {_serializer.SizeOf(_parcel.Message)} of them the batch's.");
    }

    /// <summary>Ends what <see cref="Make"/> began.</summary>
    [GlobalCleanup]
    public void End() => _system.Terminate().GetAwaiter().GetResult();

    /// <summary>As Akka asks for it.</summary>
    [Benchmark]
    public byte[] Write() => _serializer.ToBinary(_parcel);

    /// <summary>As Akka asks for it.</summary>
    [Benchmark]
    public object Read() => _serializer.FromBinary(_bytes, "p");

    /// <summary>As a link asks for it, to know what it keeps.</summary>
    [Benchmark]
    public int Measure() => _serializer.SizeOf(_parcel);
}
