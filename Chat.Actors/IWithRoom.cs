using Chat.Protocol;

namespace Chat.Actors;

/// <summary>A message to something of a room; the room's name routes it, to a local parent or to a shard region alike.</summary>
public interface IWithRoom
{
    /// <summary>The room.</summary>
    RoomName Room { get; }
}
