namespace Chat.Protocol.Client;

/// <summary>Where a room stands on the present connection.</summary>
internal enum Membership
{
    /// <summary>Not in it.</summary>
    Out,

    /// <summary>A join is to be sent.</summary>
    Due,

    /// <summary>A join is sent; whatever else comes of the room is of before, and comes again.</summary>
    Asked,

    /// <summary>Pages come, live events don't yet.</summary>
    Paging,

    /// <summary>Live events come.</summary>
    Live,

    /// <summary>A leave is sent.</summary>
    Leaving,
}

/// <summary>What a session knows of one room that the user is in or wants something of.</summary>
internal sealed class RoomSession(string name, Backoff refusals)
{
    /// <summary>The name by which the server calls it, once it has; until then as it was folded here.</summary>
    public string Name { get; set; } = name;

    public RoomCursor Cursor { get; } = new();

    public Membership Membership { get; set; }

    /// <summary>Was live on this connection: what is in the log of one's own has been found, the rest may be sent.</summary>
    public bool IsSettled { get; set; }

    /// <summary>What is still to be done or answered, in order.</summary>
    public LinkedList<RoomStep> Steps { get; } = new();

    /// <summary>Who waits for the room to be live.</summary>
    public List<Call<ServerEvent.History>> Joins { get; } = [];

    /// <summary>What the user asked for, until the first page shows where the room stands.</summary>
    public Request.Join? FirstJoin { get; set; }

    /// <summary>Nothing is sent to the room before; after a refusal.</summary>
    public TimeSpan HeldUntil { get; private set; }

    /// <summary>Publishes under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>One of the publishes under way was refused: no more until all are answered, so that they go again in order.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>The server let the user in, and hasn't said otherwise since.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Nothing of it needs to be remembered.</summary>
    public bool IsIdle => Membership == Membership.Out && Steps.Count == 0 && Joins.Count == 0 && InFlight == 0;

    /// <summary>A join of the user's begins.</summary>
    public void Begin(JoinStep step)
    {
        Joins.Add(step.Call);
        Membership = Membership.Due;
        if (Cursor.IsKnown && step.Request.Since is null)
            return;
        Cursor.Start(step.Request.Since, step.Request.Epoch);
        FirstJoin = step.Request;
    }

    /// <summary>The join to send now.</summary>
    public Request.Join NextJoin() => Cursor.IsKnown || FirstJoin is null
        ? new Request.Join(Name, Cursor.Last, Cursor.Epoch)
        : FirstJoin;

    /// <summary>The next message to send; null where there is none, or it isn't its time.</summary>
    public Outgoing? NextToSend(TimeSpan now)
    {
        if (IsDraining || now < HeldUntil || (Membership != Membership.Out && !IsSettled))
            return null;
        foreach (var step in Steps)
        {
            if (step is not Outgoing outgoing)
                return null;
            if (outgoing.Status == OutgoingStatus.Queued)
                return outgoing;
        }
        return null;
    }

    /// <summary>The message that has been sent under this id.</summary>
    public Outgoing? FindSent(string? id)
    {
        // What was sent stands before what never was.
        foreach (var step in Steps)
        {
            if (step is not Outgoing { WasSent: true } outgoing)
                return null;
            if (outgoing.Id == id)
                return outgoing;
        }
        return null;
    }

    /// <summary>A page came: the room is entered, and from a live page on all of it is heard.</summary>
    public void Entered(bool live)
    {
        IsJoined = true;
        if (Membership != Membership.Leaving)
            Membership = live ? Membership.Live : Membership.Paging;
        if (!live)
            return;
        IsSettled = true;
        refusals.Reset();
    }

    /// <summary>The user isn't in the room any more, or wasn't let in.</summary>
    public void Forsaken()
    {
        Membership = Membership.Out;
        IsJoined = IsSettled = false;
        Cursor.Start(null, null);
        FirstJoin = null;
    }

    /// <summary>Takes over what another one has, which turned out to be the same room.</summary>
    public void Adopt(RoomSession other)
    {
        while (other.Steps.First is { } step)
        {
            other.Steps.Remove(step);
            Steps.AddLast(step);
            if (step.Value is Outgoing outgoing)
                outgoing.Room = this;
        }
        Joins.AddRange(other.Joins);
        InFlight += other.InFlight;
    }

    public void Sent() => InFlight++;

    public void Answered()
    {
        if (--InFlight == 0)
            IsDraining = false;
    }

    /// <summary>The server can't just now: nothing more for as long as it says, or longer each time.</summary>
    public void HoldBack(TimeSpan now, TimeSpan? retryAfter)
    {
        // The refusals of one volley count as one.
        var isVolley = IsDraining || now < HeldUntil;
        IsDraining = InFlight > 0;
        if (retryAfter is null && isVolley)
            return;
        var until = now + (retryAfter ?? refusals.Next());
        if (until > HeldUntil)
            HeldUntil = until;
    }

    /// <summary>The server can again.</summary>
    public void Accepted() => refusals.Reset();

    /// <summary>The connection is gone, and with it what it held up.</summary>
    public void Disconnected()
    {
        IsSettled = IsDraining = false;
        InFlight = 0;
        HeldUntil = TimeSpan.Zero;
        if (Membership is Membership.Asked or Membership.Paging or Membership.Live)
            Membership = Membership.Due;
    }
}
