using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;

namespace Chat.Actors.Nodes.Wire;

/// <summary>
/// Actors as their paths, with the address of their node; and the paths' bytes as actors. The same few thousand come again and again, so both
/// are remembered. For any thread.
/// </summary>
internal sealed class RefPaths(ExtendedActorSystem system)
{
    // When so many are known all are forgotten, and looked up again as they come.
    internal const int Most = 16 * 1024;

    private readonly ConditionalWeakTable<IActorRef, ByteString> _paths = [];
    private readonly ConcurrentDictionary<byte[], IActorRef> _actors = new(SameBytes.Instance);

    internal int Known => _actors.Count;

    /// <summary>An actor's path, as UTF-8.</summary>
    public ReadOnlyMemory<byte> PathOf(IActorRef actor)
    {
        if (_paths.TryGetValue(actor, out var known))
            return known.Memory;
        var path = ByteString.CopyFromUtf8(
            Serialization.WithTransport(system, actor, static actor => Serialization.SerializedActorPath(actor)));
        _paths.AddOrUpdate(actor, path);
        return path.Memory;
    }

    /// <summary>The actor that has that path, or had it.</summary>
    public IActorRef ActorAt(ReadOnlySpan<byte> path)
    {
        var known = _actors.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (known.TryGetValue(path, out var actor))
            return actor;
        var text = Encoding.UTF8.GetString(path);
        if (!ActorPath.TryParse(text, out var parsed))
            throw new SerializationException($"\"{text}\" is no actor's path.");
        // Not by the text: so it is remembered, whether or not it has the actor's number.
        actor = system.Provider.ResolveActorRef(parsed);
        // One without its number may be another's path tomorrow, and one that isn't there yet may come.
        if (parsed.Uid == ActorCell.UndefinedUid || actor is EmptyLocalActorRef)
            return actor;
        if (_actors.Count >= Most)
            _actors.Clear();
        known.TryAdd(path, actor);
        return actor;
    }

    private sealed class SameBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly SameBytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
