using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>
/// A parent's children, one for each room, made when first spoken to. What comes for a child that is stopping waits for its
/// successor, so that nothing is lost between the two.
/// </summary>
internal sealed class ChildrenByRoom(IActorContext context, Func<RoomName, Props> props)
{
    private sealed record Child(IActorRef Ref, Queue<(object Message, IActorRef Sender)>? Waiting);

    private readonly Dictionary<RoomName, Child> _children = [];

    /// <summary>Whether the room has a child, be it a stopping one.</summary>
    public bool Has(RoomName room) => _children.ContainsKey(room);

    /// <summary>Gives a message to the room's child as from <paramref name="sender"/>.</summary>
    public void Forward(RoomName room, object message, IActorRef sender)
    {
        // One that failed is gone before its end is told.
        if (!_children.TryGetValue(room, out var child) || (child.Waiting is null && context.Child(child.Ref.Path.Name).IsNobody()))
            child = _children[room] = Create(room);
        if (child.Waiting is { } waiting)
            waiting.Enqueue((message, sender));
        else
            child.Ref.Tell(message, sender);
    }

    /// <summary>Lets an idle child stop.</summary>
    public void LetStop(RoomName room, IActorRef who)
    {
        if (!_children.TryGetValue(room, out var child) || !child.Ref.Equals(who) || child.Waiting is not null)
            return;
        _children[room] = child with { Waiting = new() };
        child.Ref.Tell(ChildReports.Stop.Instance);
    }

    /// <summary>A child that was let stop has something to do again.</summary>
    public void Keep(RoomName room, IActorRef who)
    {
        if (!_children.TryGetValue(room, out var child) || !child.Ref.Equals(who) || child.Waiting is not { } waiting)
            return;
        _children[room] = child with { Waiting = null };
        foreach (var (message, sender) in waiting)
            child.Ref.Tell(message, sender);
    }

    /// <summary>A child is gone; its successor gets what waited.</summary>
    public void Stopped(ChildReports.Stopped stopped)
    {
        if (!_children.TryGetValue(stopped.Room, out var child) || !child.Ref.Equals(stopped.Child))
            return;
        _children.Remove(stopped.Room);
        foreach (var (message, sender) in child.Waiting ?? [])
            Forward(stopped.Room, message, sender);
    }

    private Child Create(RoomName room)
    {
        // The name's characters are all that a path may hold, once escaped; a stopped child's name is free when its end was told.
        var child = context.ActorOf(props(room), Uri.EscapeDataString(room.Value));
        context.WatchWith(child, new ChildReports.Stopped(room, child));
        return new Child(child, null);
    }
}
