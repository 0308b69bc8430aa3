using Chat.Protocol;

namespace Chat.Bench.Crash;

/// <summary>Where a user stands in a room, over all its connections, and what it was given there. One thread at a time takes.</summary>
public sealed class Place
{
    private readonly CrashRecord _record;
    private readonly string _user;
    private readonly List<Sighting> _sightings = [];
    private long _last;

    internal Place(CrashRecord record, string user, string room) => (_record, _user, Room) = (record, user, room);

    /// <summary>The room.</summary>
    public string Room { get; }

    /// <summary>The last seq that came; 0 at first.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>The epoch that it is of; null before the first page.</summary>
    public string? Epoch { get; private set; }

    /// <summary>Takes a live message.</summary>
    public void Take(ServerEvent.Message message)
    {
        _sightings.Add(new Sighting(message.Seq, ContentDigest.Of(message.Wire.Span)));
        // One that comes late doesn't take the place back: it is recorded as it came, and what follows is asked for after the newest.
        Volatile.Write(ref _last, Math.Max(_last, message.Seq));
        _record.Delivering(Room, message.Seq);
    }

    /// <summary>Takes a page of the room.</summary>
    public void Take(ServerEvent.History page)
    {
        if (page.Gap || page.Missing.Count > 0)
            _record.Offences.Add(Offence.Lost, $"{Room}: {_user} was told of a gap after seq {Last}");
        Epoch = page.Epoch;
        // A room in which nothing is stored yet has no file, and its epoch goes with the process.
        if (page.Last > 0)
            _record.Told(Room, page.Epoch);
        foreach (var message in page.Messages)
            Take(message);
    }

    /// <summary>The request that comes back here.</summary>
    public Request.Join ToJoin(string id) => new(Room, Last, Epoch) { Id = id };

    internal Reading ToReading() => new(_user, _sightings);
}
