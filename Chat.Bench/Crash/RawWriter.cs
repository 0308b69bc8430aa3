using Chat.Protocol;

namespace Chat.Bench.Crash;

/// <summary>
/// A writer on raw sockets, as the protocol wants it: after a lost connection it logs in, joins with <c>since</c>, strikes off what it finds
/// of its own, and sends the rest again under the same ids, in order. Half of the times it sends again what it has found as well.
/// </summary>
internal sealed class RawWriter : ICrashUser
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly Outbox _outbox = new();
    private readonly Writing _writing;
    private readonly CrashRecord _record;
    private readonly Random _random;
    private readonly RawUser _user;
    private volatile bool _isQuiet;

    public RawWriter(string name, IReadOnlyList<Place> places, CrashRecord record, Random random)
    {
        (Name, _record, _random) = (name, record, random);
        _writing = new Writing(name, [.. places.Select(place => place.Room)], random);
        _user = new RawUser(name, places, record)
        {
            OwnSeen = _outbox.Seen,
            Acked = ack =>
            {
                record.Acknowledged(name, ack);
                _outbox.Acked(ack.Id);
            },
        };
    }

    public string Name { get; }

    public IReadOnlyList<Place> Places => _user.Places;

    public int Unanswered => _outbox.Count;

    public bool HasFinished => _isQuiet && Unanswered == 0;

    public async Task RunAsync(CrashStage stage, CancellationToken cancellation)
    {
        while (true)
        {
            if (await _user.VisitAsync(stage.Server, cancellation) is not { } visit)
            {
                await Task.Delay(_random.Next(20, 200), cancellation);
                continue;
            }
            using (visit)
            {
                while (!visit.IsOver && !_user.IsLive)
                    await Task.Delay(Look, cancellation);
                if (await WriteAsync(visit, stage, cancellation))
                {
                    await visit.EndAsync(isLogout: true);
                    return;
                }
                await visit.EndAsync(isLogout: false);
            }
        }
    }

    // Until the connection is lost, or thrown away with all that is under way on it (false); or there is nothing more to do (true).
    private async Task<bool> WriteAsync(RawVisit visit, CrashStage stage, CancellationToken cancellation)
    {
        if (visit.IsOver)
            return false;
        var again = _outbox.Return(strikesOff: _random.Next(2) == 0, out var struck);
        _record.CameBack(again.Count, struck);
        foreach (var draft in again)
            Send(visit, draft);
        while (!visit.IsOver)
        {
            if (stage.IsAtEnd(Places))
                return true;
            _isQuiet = stage.IsQuiet;
            if (!_isQuiet)
            {
                for (var most = _random.Next(1, Outbox.Most + 1); _outbox.Count < most;)
                    SendNew(visit);
                if (_random.Next(200) == 0)
                    return false;
            }
            var enough = _random.Next(Outbox.Most);
            for (var pause = _random.Next(8); pause >= 0 || _outbox.Count > enough; pause--)
            {
                if (visit.IsOver)
                    return false;
                await Task.Delay(Look, cancellation);
            }
        }
        return false;
    }

    private void SendNew(RawVisit visit)
    {
        var draft = _writing.Next();
        _record.Published(draft.Room, Name, draft.Id, draft.Text);
        _outbox.Add(draft);
        Send(visit, draft);
    }

    private static void Send(RawVisit visit, Draft draft) => visit.Send(new Request.Publish(draft.Room, draft.Text) { Id = draft.Id });
}
