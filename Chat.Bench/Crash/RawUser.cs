using Chat.Protocol;

namespace Chat.Bench.Crash;

/// <summary>
/// A user on raw sockets over many connections: keeps its session and its places, comes back with <c>since</c> and <c>epoch</c>, and
/// takes everything as it comes. Nothing is put right on the way: what a server sends twice is recorded twice.
/// </summary>
internal sealed class RawUser(string name, IReadOnlyList<Place> places, CrashRecord record)
{
    private sealed record Joined(string Id, bool IsHeard, bool IsLive);

    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Joined> _joined = [];
    private readonly HashSet<string> _overtaken = [];
    private RawVisit? _visit;
    private string? _session;
    private int _ids;

    /// <summary>Is told of the user's own messages as they are seen, in pages or live.</summary>
    public Action<string>? OwnSeen { get; init; }

    /// <summary>Is told of acks.</summary>
    public Action<ServerEvent.Ack>? Acked { get; init; }

    /// <summary>Its places.</summary>
    public IReadOnlyList<Place> Places => places;

    /// <summary>Whether all rooms are live on the present connection.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
                return _joined.Count == places.Count && _joined.Values.All(joined => joined.IsLive);
        }
    }

    /// <summary>Connects, logs in and asks to join all rooms; null where that can't be had now.</summary>
    public async Task<RawVisit?> VisitAsync(Uri server, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(EnterTime);
        RawVisit? visit = null;
        try
        {
            visit = await RawVisit.ConnectAsync(server, Take, time.Token);
            if (visit is null)
                return null;
            lock (_gate)
            {
                _visit = visit;
                _joined.Clear();
                _overtaken.Clear();
                visit.Send(new Request.Login(name, _session) { Id = NextId() });
            }
            if (!await visit.WelcomedAsync(time.Token))
            {
                await visit.EndAsync(isLogout: false);
                return null;
            }
            foreach (var place in places)
                Join(visit, place);
            return visit;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            if (visit is not null)
                await visit.EndAsync(isLogout: false);
            return null;
        }
        catch
        {
            visit?.Dispose();
            throw;
        }
    }

    /// <summary>Joins a room, for the first time on this connection or again: until its first page, nothing of the room is taken.</summary>
    public void Join(RawVisit visit, Place place)
    {
        lock (_gate)
        {
            var id = NextId();
            if (_joined.TryGetValue(place.Room, out var before) && !before.IsLive)
                _overtaken.Add(before.Id);
            _joined[place.Room] = new Joined(id, false, false);
            visit.Send(place.ToJoin(id));
        }
    }

    private void Take(ServerEvent? e)
    {
        lock (_gate)
        {
            switch (e)
            {
                case ServerEvent.Welcome welcome:
                    _session = welcome.Session;
                    _visit?.Welcomed(true);
                    break;
                case ServerEvent.History page when Find(page.Room) is { } place && _joined.TryGetValue(page.Room, out var joined):
                    // Those of a join that was overtaken by another are passed over, and so is what waited from before.
                    if (page.Id is null ? !joined.IsHeard : page.Id != joined.Id)
                        break;
                    _joined[page.Room] = joined with { IsHeard = true, IsLive = joined.IsLive || page.Live };
                    place.Take(page);
                    foreach (var message in page.Messages)
                        Own(message);
                    break;
                case ServerEvent.Message message when Find(message.Room) is { } place && _joined.TryGetValue(message.Room, out var joined):
                    if (!joined.IsHeard)
                        break;
                    place.Take(message);
                    Own(message);
                    break;
                case ServerEvent.Ack ack:
                    Acked?.Invoke(ack);
                    break;
                case ServerEvent.Error error:
                    Refused(error);
                    break;
                case null:
                    record.Offences.Add(Offence.Wrong, $"{name} was sent something that can't be read");
                    break;
            }
        }
    }

    private Place? Find(string room) => places.FirstOrDefault(place => place.Room == room);

    private void Own(ServerEvent.Message message)
    {
        if (message.User == name && message.Id is { } id)
            OwnSeen?.Invoke(id);
    }

    private void Refused(ServerEvent.Error error)
    {
        switch (error.Code)
        {
            // An attempt before may have been let in without hearing of it: then its session has to end first.
            case ErrorCodes.NameTaken:
                _visit?.Welcomed(false);
                break;
            // It comes back, and sends all in order again.
            case ErrorCodes.Busy or ErrorCodes.StorageUnavailable when record.ToleratesBusy:
                _visit?.Welcomed(false);
                _visit?.Dispose();
                break;
            case ErrorCodes.NotInRoom when _overtaken.Remove(error.Id ?? ""):
                break;
            default:
                record.Offences.Add(Offence.Wrong, $"{name} was refused with {error.Code}{(error.Room is null ? "" : $" in {error.Room}")}: {error.Sentence}");
                // What was refused is sent again, in order, by whoever comes back.
                _visit?.Dispose();
                break;
        }
    }

    private string NextId() => $"r-{++_ids}";
}
