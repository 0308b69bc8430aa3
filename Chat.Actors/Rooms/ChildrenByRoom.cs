using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>
/// A parent's children, one for each room, made when first spoken to. What comes for a child that is stopping waits for its
/// successor, so that nothing is lost between the two. Of one that failed, those who sent it are told instead: what they sent before is lost
/// too, and they begin anew.
/// </summary>
/// <param name="context">The parent's.</param>
/// <param name="props">Of a room's child.</param>
/// <param name="lost">Tells the sender of a message that the child failed.</param>
internal sealed class ChildrenByRoom(IActorContext context, Func<RoomName, Props> props, Action<object, IActorRef, IActorRef> lost)
{
    private sealed record Child(IActorRef Ref, Queue<(object Message, IActorRef Sender)>? Waiting, bool HasFailed = false);

    private readonly Dictionary<RoomName, Child> _children = [];

    /// <summary>Whether the room has a child, be it a stopping one.</summary>
    public bool Has(RoomName room) => _children.ContainsKey(room);

    /// <summary>Whether that is the room's child, be it a stopping one.</summary>
    public bool IsCurrent(RoomName room, IActorRef who) =>
        _children.TryGetValue(room, out var child) && child.Ref.Equals(who) && !IsGone(child);

    /// <summary>Gives a message to the room's child as from <paramref name="sender"/>.</summary>
    public void Forward(RoomName room, object message, IActorRef sender)
    {
        if (!_children.TryGetValue(room, out var child) || IsGone(child))
            child = _children[room] = Create(room);
        if (child.Waiting is { } waiting)
            waiting.Enqueue((message, sender));
        else
            child.Ref.Tell(message, sender);
    }

    /// <summary>A child says how it is: an idle one and one that failed are let stop, one that has something to do again is kept.</summary>
    public void Take(ChildReports.IOfItself report, IActorRef who)
    {
        if (!_children.TryGetValue(report.Room, out var child) || !child.Ref.Equals(who))
            return;
        switch (report)
        {
            case ChildReports.Idle:
                LetStop(report.Room, child);
                break;
            case ChildReports.Failed when !IsGone(child):
                LetStop(report.Room, child with { HasFailed = true });
                break;
            case ChildReports.Busy when child.Waiting is { } waiting:
                _children[report.Room] = child with { Waiting = null };
                foreach (var (message, sender) in waiting)
                    child.Ref.Tell(message, sender);
                break;
        }
    }

    /// <summary>A child is gone; its successor gets what waited, unless it failed.</summary>
    public void Stopped(ChildReports.Stopped stopped)
    {
        if (!_children.TryGetValue(stopped.Room, out var child) || !child.Ref.Equals(stopped.Child))
            return;
        _children.Remove(stopped.Room);
        foreach (var (message, sender) in child.Waiting ?? [])
        {
            if (child.HasFailed)
                lost(message, sender, child.Ref);
            else
                Forward(stopped.Room, message, sender);
        }
    }

    private void LetStop(RoomName room, Child child)
    {
        _children[room] = child with { Waiting = child.Waiting ?? new() };
        if (child.Waiting is null)
            child.Ref.Tell(ChildReports.Stop.Instance);
    }

    // One that ended in another way than these is gone before its end is told.
    private bool IsGone(Child child) => child.Waiting is null && context.Child(child.Ref.Path.Name).IsNobody();

    private Child Create(RoomName room)
    {
        // The name's characters are all that a path may hold, once escaped; a stopped child's name is free when its end was told.
        var child = context.ActorOf(props(room), Uri.EscapeDataString(room.Value));
        context.WatchWith(child, new ChildReports.Stopped(room, child));
        return new Child(child, null);
    }
}
