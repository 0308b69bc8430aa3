using Akka.Actor;
using Akka.Event;

namespace Chat.Actors.Nodes;

/// <summary>What the actors of a node ask of its <see cref="LinksActor"/>.</summary>
public static class LinkCommands
{
    /// <summary>Tells an actor of another node something, as from the sender.</summary>
    public sealed record Send(IActorRef To, object Message);
}

/// <summary>What the <see cref="LinksActor"/>s of two nodes tell each other.</summary>
public static class LinkMessages
{
    /// <summary>A message on its way to an actor of the other node, the <paramref name="Number"/>th of the link.</summary>
    public sealed record Parcel(long Link, long Number, IActorRef To, IActorRef From, object Message) : IDeadLetterSuppression;

    /// <summary>
    /// All before <paramref name="Next"/> was taken, which is wanted next; 0 where that isn't known of a link, as its beginning never came.
    /// <paramref name="HasGap"/>: one behind it came already.
    /// </summary>
    public sealed record Receipt(long Link, long Next, bool HasGap) : IDeadLetterSuppression;

    /// <summary>The first in a link that was begun as the one before it broke: what that carried may be lost.</summary>
    public sealed record Anew : IDeadLetterSuppression;
}

/// <summary>Something of what a link carried is lost: what was to be heard from the actors of that node has to be asked for again.</summary>
public sealed record LinkBroken(Address Node);
