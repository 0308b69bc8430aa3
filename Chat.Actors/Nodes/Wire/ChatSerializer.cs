using Akka.Actor;
using Akka.Serialization;

namespace Chat.Actors.Nodes.Wire;

/// <summary>
/// Writes and reads all of ours that crosses between nodes: exactly the messages of <see cref="WireMessages"/>, as <c>docs/cluster.proto</c> has
/// them. Nodes of neighbouring versions understand each other, as what is on the wire is only ever added to: the rules are there.
/// </summary>
public sealed class ChatSerializer : SerializerWithStringManifest
{
    // On the wire, like a manifest. Those up to 100 are Akka's.
    private const int Number = 721;

    private readonly RefPaths _refs;

    /// <summary>Made by Akka, for a system that has <see cref="Binding"/>.</summary>
    public ChatSerializer(ExtendedActorSystem system)
        : base(system) => _refs = new RefPaths(system);

    /// <summary>Binds it to its messages, by each one's name.</summary>
    internal static string Binding { get; } = $$"""
        akka.actor {
          serializers.chat = "{{NameOf(typeof(ChatSerializer))}}"
          serialization-bindings {
            {{string.Join("\n    ", WireMessages.All.Select(message => $"\"{NameOf(message.Type)}\" = chat"))}}
          }
        }
        """;

    /// <inheritdoc/>
    public override int Identifier => Number;

    /// <inheritdoc/>
    public override string Manifest(object o) => WireMessages.Of(o).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => WireWriter.Write(_refs, obj, WireMessages.Of(obj).Write);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => WireMessages.Read(manifest, () => new WireFields(_refs, bytes));

    /// <summary>So many bytes <see cref="ToBinary"/> makes of it; throws where it makes none.</summary>
    internal int SizeOf(object message) => WireWriter.SizeOf(_refs, message, WireMessages.Of(message).Write);

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}

/// <summary>In the place of a message that couldn't be read, so that the parcel that it came in can be.</summary>
internal sealed record Unreadable(string Manifest, string Why);
