using Akka.Actor;

namespace Chat.Actors.Nodes;

/// <summary>How an actor tells one that may be of another node: there by the node's <see cref="LinksActor"/>, here at once.</summary>
/// <param name="links">It; nobody where there is no other node.</param>
public sealed class NodeLinks(IActorRef links)
{
    /// <summary>Of a single gateway.</summary>
    public static NodeLinks None { get; } = new(ActorRefs.Nobody);

    /// <summary>Whether an actor is of another node.</summary>
    public static bool IsFar(IActorRef actor) => !actor.Path.Address.HasLocalScope;

    /// <summary>Tells an actor something, as from <paramref name="from"/>: in the order told, once, or not at all, as it or its node is gone.</summary>
    public void Tell(IActorRef to, object message, IActorRef from)
    {
        if (IsFar(to))
            links.Tell(new LinkCommands.Send(to, message), from);
        else
            to.Tell(message, from);
    }
}
