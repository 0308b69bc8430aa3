using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>Somebody with a connection, or on the way to one.</summary>
internal abstract class Client(World world, string name)
{
    private int _sockets;

    /// <summary>What the client calls itself.</summary>
    public string Name => name;

    /// <summary>The name that the client claims, folded.</summary>
    public abstract string User { get; }

    /// <summary>The connection in use.</summary>
    public SimulatedSocket? Socket { get; private set; }

    /// <summary>When <see cref="Tick"/> is next wanted.</summary>
    public abstract TimeSpan? Due { get; }

    /// <summary>All that was wanted is done.</summary>
    public abstract bool IsSettled { get; }

    /// <summary>The rooms that the client is in, as far as it knows.</summary>
    public abstract IEnumerable<string> Rooms { get; }

    /// <summary>In all rooms, or in as many as one may be in.</summary>
    protected bool IsInAllRooms => Rooms.Count() >= Math.Min(world.RoomNames.Length, world.Plan.Limits.Rooms);

    protected World World => world;

    protected Random Chance => world.Chance;

    /// <summary>Does something that people do.</summary>
    public abstract void Act();

    /// <summary>Time has passed.</summary>
    public abstract void Tick();

    /// <summary>Nothing new is wanted from here on; what was begun is to come to its end.</summary>
    public abstract void Settle();

    /// <summary>An event was read.</summary>
    public abstract void Received(ServerEvent e);

    /// <summary>The connection is closed by the server, or known to be lost.</summary>
    public abstract void Lost(int? code);

    /// <summary>Looks at what all came to.</summary>
    public abstract void Check();

    /// <summary>Logs out for good, at the end of the run.</summary>
    public abstract void GoAway();

    /// <summary>The connection breaks, here; the server learns of it later.</summary>
    public void Drop()
    {
        if (Socket is not { IsLeft: false })
            return;
        Socket.Leave(null);
        Lost(null);
    }

    /// <summary>Makes a connection; false where nobody listens.</summary>
    protected bool Connect(bool isOriginal = false)
    {
        if (world.Accept(this, ++_sockets, isOriginal) is not { } socket)
            return false;
        Socket = socket;
        return true;
    }
}
