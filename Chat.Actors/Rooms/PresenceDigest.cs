using Chat.Protocol;

namespace Chat.Actors.Rooms;

/// <summary>How many entered and left since it was last told.</summary>
public sealed class PresenceDigest
{
    /// <summary>Entered.</summary>
    public int Joined { get; private set; }

    /// <summary>Left.</summary>
    public int Left { get; private set; }

    /// <summary>Nobody did either.</summary>
    public bool IsEmpty => Joined == 0 && Left == 0;

    /// <summary>Counts what happened.</summary>
    public void Add(int joined, int left) => (Joined, Left) = (Joined + joined, Left + left);

    /// <summary>The event that tells it; counts anew from here.</summary>
    public ServerEvent.Presence Take(RoomName room, int online, DateTime now)
    {
        var e = new ServerEvent.Presence(room.Value, Joined, Left, online, $"{Joined} joined, {Left} left, {online} are in the room", now);
        (Joined, Left) = (0, 0);
        return e;
    }
}
