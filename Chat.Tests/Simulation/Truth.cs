using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>
/// What everybody was shown, held against what is stored and what was shown before: one order for all, nothing twice, nothing that
/// nobody said, and nothing seen or acked before it is stored.
/// </summary>
internal sealed class Truth(World world, StoredLogs logs)
{
    private readonly Dictionary<(string Room, string Epoch), SortedDictionary<long, ServerEvent.Message>> _shown = [];
    private readonly Dictionary<(string Room, string User, string Id), long> _acked = [];
    private readonly HashSet<(string Room, string User, string Id)> _accepted = [];
    private readonly Dictionary<(string User, string Id), HashSet<string>> _said = [];
    private readonly Dictionary<(string User, string Id), string> _texts = [];
    private readonly HashSet<(string User, string Text)> _saidWithoutId = [];
    private readonly Dictionary<string, string> _epochs = [];
    private readonly Dictionary<string, long> _last = [];
    private readonly Dictionary<(string Room, string User, string Id), long> _stored = [];

    /// <summary>Somebody publishes this, if under no id under any.</summary>
    public void Says(string user, string? id, string text)
    {
        if (id is null)
            _saidWithoutId.Add((user, text));
        else if (!_said.TryGetValue((user, id), out var texts))
            _said[(user, id)] = [text];
        else
            texts.Add(text);
    }

    /// <summary>A page names its log.</summary>
    public void Names(string room, string epoch)
    {
        if (_epochs.TryGetValue(room, out var before) && before != epoch && Newest(room, before) > 0 && !world.HasLostPower)
            world.Fail($"{room} has another epoch, {epoch} after {before}, though nothing that was seen can be missing.");
        _epochs[room] = epoch;
    }

    /// <summary>The newest seq of a log that anybody was shown.</summary>
    public long Newest(string room, string epoch) =>
        _shown.TryGetValue((room, epoch), out var shown) && shown.Count > 0 ? shown.Keys.Last() : 0;

    /// <summary>A message goes out.</summary>
    public void Shows(string epoch, ServerEvent.Message message)
    {
        if (!_shown.TryGetValue((message.Room, epoch), out var shown))
            _shown[(message.Room, epoch)] = shown = [];
        if (shown.TryGetValue(message.Seq, out var before))
        {
            if (before != message)
                world.Fail($"Two messages at one place: {before} and {message}");
        }
        else
        {
            shown[message.Seq] = message;
            _texts[(NameOf(message), message.Id!)] = message.Text;
            if (!WasSaid(message))
                world.Fail($"Nobody said {message}");
            if (shown.TryGetValue(message.Seq - 1, out var previous) && previous.Timestamp > message.Timestamp)
                world.Fail($"Time goes back from {previous} to {message}");
        }
        if (logs.Find(message.Room, message.Seq, stored => stored == message) != message)
            world.Fail($"Seen before it was stored: {message}");
    }

    /// <summary>Whether an id was used for two texts.</summary>
    public bool IsSaidTwice(string user, string? id) => id is not null && _said.TryGetValue((user, id), out var texts) && texts.Count > 1;

    /// <summary>The text that an id stands for; null where nobody has seen it yet.</summary>
    public string? TextOf(string user, string? id) => id is null ? null : _texts.GetValueOrDefault((user, id));

    /// <summary>An ack goes out; gives the message that it is about.</summary>
    public ServerEvent.Message? Acks(string user, string id, ServerEvent.Ack ack)
    {
        var key = (ack.Room, user, id);
        if (_acked.TryGetValue(key, out var before))
        {
            if (before != ack.Seq)
                world.Fail($"{id} of {user} was acked at {before}, and at {ack.Seq}.");
        }
        _acked[key] = ack.Seq;
        // In whatever order they go out, over several connections: one of them was the first.
        if (!ack.Duplicate && !_accepted.Add(key))
            world.Fail($"{id} of {user} was acked twice, and neither is told as a duplicate.");
        var stored = logs.Find(ack.Room, ack.Seq, IsThis);
        if (stored is null || !IsThis(stored))
            world.Fail($"Acked before it was stored: {id} of {user} at {ack.Seq}, where {stored} is.");
        return stored;

        bool IsThis(ServerEvent.Message message) => message.Id == id && NameOf(message) == user;
    }

    /// <summary>A place in a log is told as missing: damaged, as after a power cut only.</summary>
    public void Misses(string room, long seq)
    {
        if (!world.HasLostPower || logs.Find(room, seq, _ => true) is not null)
            world.Fail($"{seq} of {room} is told as missing, and isn't.");
    }

    /// <summary>The machine lost power: what was not synced may be gone. It isn't held against a log of another epoch.</summary>
    public void LosesPower()
    {
        logs.Forget();
        if (world.Plan.Durability == Durability.Always)
            return;
        foreach (var ((room, user, id), seq) in _acked.ToArray())
        {
            if (logs.Find(room, seq, _ => true) is not { } stored || stored.Id != id || NameOf(stored) != user)
            {
                _acked.Remove((room, user, id));
                _accepted.Remove((room, user, id));
            }
        }
    }

    /// <summary>What is in the logs at the end.</summary>
    public void Check(IEnumerable<string> rooms)
    {
        logs.Forget();
        foreach (var room in rooms)
        {
            var all = logs.All(room);
            _last[room] = all.Count > 0 ? all[^1].Seq : 0;
            if (all.Zip(all.Skip(1)).FirstOrDefault(pair => pair.First.Seq >= pair.Second.Seq) is ({ } first, { } second))
                world.Fail($"The log of {room} has {second.Seq} behind {first.Seq}.");
            var bySeq = all.ToDictionary(message => message.Seq);
            foreach (var message in all)
                _stored[(room, NameOf(message), message.Id!)] = message.Seq;
            for (var i = 0; i < all.Count && !world.HasLostPower; i++)
            {
                if (all[i].Seq != i + 1)
                    world.Fail($"The log of {room} has {all[i].Seq} at place {i + 1}.");
            }
            foreach (var twice in all.GroupBy(message => (NameOf(message), message.Id)).Where(group => group.Count() > 1))
                world.Fail($"The log of {room} has {twice.Key} at {string.Join(" and ", twice.Select(message => message.Seq))}.");
            foreach (var ((_, epoch), shown) in _shown.Where(log => log.Key.Room == room))
            {
                if (world.Plan.Durability == Durability.Never && epoch != _epochs.GetValueOrDefault(room))
                    continue;
                foreach (var message in shown.Values)
                {
                    if (bySeq.GetValueOrDefault(message.Seq) != message)
                        world.Fail($"Seen, and not in the log: {message}");
                }
            }
            foreach (var ((_, user, id), seq) in _acked.Where(ack => ack.Key.Room == room))
            {
                if (bySeq.GetValueOrDefault(seq) is not { } message || (NameOf(message), message.Id) != (user, id))
                    world.Fail($"Acked, and not in the log of {room}: {id} of {user} at {seq}.");
            }
        }
    }

    /// <summary>The newest seq of a room, once all was checked.</summary>
    public long Last(string room) => _last.GetValueOrDefault(room);

    /// <summary>Whoever published was told that it is stored.</summary>
    public void IsStored(string room, string user, string id, long? seq)
    {
        // What was acked and lost with the power was acked under another epoch.
        if (world.Plan.Durability == Durability.Never && world.HasLostPower)
            return;
        if (!_stored.TryGetValue((room, user, id), out var at) || (seq is not null && seq != at))
            world.Fail($"{user} was told that {id} is stored in {room} at {seq}, and it is at {at}.");
    }

    private bool WasSaid(ServerEvent.Message message) =>
        (_said.TryGetValue((NameOf(message), message.Id!), out var texts) && texts.Contains(message.Text))
        || _saidWithoutId.Contains((NameOf(message), message.Text));

    // Names are kept as they were typed, and compared folded.
    private static string NameOf(ServerEvent.Message message) => message.User.ToLowerInvariant();
}
