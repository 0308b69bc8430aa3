using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Chat.Actors.Nodes.Wire;

/// <summary>
/// In the place of Akka's serializer for all that no other is bound to: that makes of what comes whatever type it names, for whoever can connect to the
/// port. Nothing of ours needs it.
/// </summary>
public sealed class RefusingSerializer : Serializer
{
    /// <summary>Made by Akka, with that one's settings.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Akka.Configuration.Config settings)
        : base(system) => _ = settings;

    /// <summary>The name that Akka's goes by.</summary>
    internal static string Binding { get; } = $"akka.actor.serializers.json = \"{typeof(RefusingSerializer).FullName}, {typeof(RefusingSerializer).Assembly.GetName().Name}\"";

    /// <inheritdoc/>
    public override int Identifier => 1;

    /// <inheritdoc/>
    public override bool IncludeManifest => true;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"A {obj?.GetType()} doesn't cross between nodes: it has no serializer.");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("A message came that was written by Akka's serializer for any type: it isn't read.");
}
