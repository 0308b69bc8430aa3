namespace Chat.Bench.Crash;

/// <summary>
/// Holds what was recorded of a room against its log: every message that was published and every ack is there, once, at its seq and with
/// its text; each writer's stand in the order in which it sent them; and every reader was given the log, from 1 to its end, each line
/// once, in order, byte for byte. Knows nothing of sockets and files.
/// </summary>
public sealed class HistoryChecker
{
    private readonly RoomHistory _history;
    private readonly Offences _offences;
    private readonly Dictionary<(string User, string Id), LoggedMessage> _logged = [];
    private readonly Dictionary<long, ulong> _lines = [];

    private HistoryChecker(RoomHistory history, Offences offences) => (_history, _offences) = (history, offences);

    /// <summary>Adds what is broken to <paramref name="offences"/>.</summary>
    public static void Check(RoomHistory history, Offences offences)
    {
        var checker = new HistoryChecker(history, offences);
        checker.CheckLog();
        checker.CheckPublished();
        checker.CheckAcks();
        foreach (var reading in history.Readings)
            checker.CheckReading(reading);
        if (history.Epochs.Distinct().Count() > 1)
            checker.Add(Offence.Wrong, $"the epoch changed: {string.Join(", ", history.Epochs)}");
    }

    private void CheckLog()
    {
        var last = 0L;
        foreach (var message in _history.Log)
        {
            if (message.Seq > last + 1)
                Add(Offence.Lost, $"the log goes from seq {last} to {message.Seq}", message.Seq - last - 1);
            else if (message.Seq <= last)
                Add(Offence.OutOfOrder, $"the log has seq {message.Seq} after {last}");
            last = Math.Max(last, message.Seq);
            _lines[message.Seq] = message.Line;
            if (!_logged.TryAdd((message.User, message.Id), message))
                Add(Offence.Twice, $"{message.User}'s {message.Id} is in the log as seq {_logged[(message.User, message.Id)].Seq} and {message.Seq}");
        }
    }

    private void CheckPublished()
    {
        var texts = new Dictionary<(string User, string Id), ulong>();
        var lastOf = new Dictionary<string, LoggedMessage>();
        foreach (var message in _history.Published)
        {
            texts[(message.User, message.Id)] = message.Text;
            if (!_logged.TryGetValue((message.User, message.Id), out var logged))
            {
                Add(Offence.Lost, $"{message.User}'s {message.Id} was published, and is not in the log");
                continue;
            }
            if (lastOf.TryGetValue(message.User, out var last) && last.Seq > logged.Seq)
                Add(Offence.OutOfOrder, $"{message.User}'s {message.Id} was sent after {last.Id}, and stands before it, as seq {logged.Seq} before {last.Seq}");
            lastOf[message.User] = logged;
        }
        foreach (var message in _history.Log)
        {
            if (!texts.TryGetValue((message.User, message.Id), out var text))
                Add(Offence.Wrong, $"seq {message.Seq} is {message.User}'s {message.Id}, which nobody published");
            else if (text != message.Text)
                Add(Offence.Wrong, $"seq {message.Seq}, {message.User}'s {message.Id}, has another text than was published");
        }
    }

    private void CheckAcks()
    {
        var first = new Dictionary<(string User, string Id), long>();
        foreach (var ack in _history.Acks)
        {
            var key = (ack.User, ack.Id);
            if (first.TryAdd(key, ack.Seq))
            {
                if (!_logged.TryGetValue(key, out var logged))
                    Add(Offence.Lost, $"{ack.User}'s {ack.Id} was acked as seq {ack.Seq}, and is not in the log");
                else if (logged.Seq != ack.Seq)
                    Add(Offence.Wrong, $"{ack.User}'s {ack.Id} was acked as seq {ack.Seq}, and is in the log as {logged.Seq}");
            }
            else if (first[key] != ack.Seq)
            {
                Add(Offence.Wrong, $"{ack.User}'s {ack.Id} was acked as seq {first[key]} and as {ack.Seq}");
            }
        }
    }

    private void CheckReading(Reading reading)
    {
        var seen = new HashSet<long>();
        var last = 0L;
        foreach (var (seq, line) in reading.Sightings)
        {
            if (!_lines.TryGetValue(seq, out var logged))
                Add(Offence.Wrong, $"{reading.Reader} was given seq {seq}, which is not in the log");
            else if (line != logged)
                Add(Offence.Wrong, $"{reading.Reader} was given seq {seq} with other bytes than the log's");
            if (!seen.Add(seq))
                Add(Offence.Twice, $"{reading.Reader} was given seq {seq} twice");
            else if (seq < last)
                Add(Offence.OutOfOrder, $"{reading.Reader} was given seq {seq} after {last}");
            last = Math.Max(last, seq);
        }
        for (var i = 0; i < _history.Log.Count; i++)
        {
            var first = i;
            while (i < _history.Log.Count && !seen.Contains(_history.Log[i].Seq))
                i++;
            if (i > first)
                Add(Offence.Lost, $"{reading.Reader} was never given {i - first} messages from seq {_history.Log[first].Seq} on", i - first);
        }
    }

    private void Add(Offence kind, string sentence, long count = 1) => _offences.Add(kind, $"{_history.Room}: {sentence}", count);
}
