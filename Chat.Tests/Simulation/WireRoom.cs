using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>
/// One room over one connection: from the first page of a join on, every seq comes once and in order, whether in pages or live; nothing
/// comes before it or after a leave; and what can't be had is told exactly where it can't.
/// </summary>
internal sealed class WireRoom(World world, string room, Action<string> fail)
{
    private readonly Dictionary<Request.Join, (long Newest, string? Epoch)> _joins = [];
    private readonly List<Request.Publish> _publishes = [];
    private readonly List<(int Place, long Seq)> _accepted = [];
    private Request.Join? _answering;
    private Request.Join? _current;
    private string _epoch = "";
    private bool _isIn;
    private bool _isLive;

    // The next seq; null where the first page tells.
    private long? _next;
    private long _first;

    /// <summary>A join reaches the server.</summary>
    public void Asks(Request.Join join) => _joins[join] = (join.Epoch is null ? 0 : world.Truth.Newest(room, join.Epoch), join.Epoch);

    /// <summary>A publish reaches the server.</summary>
    public void Asks(Request.Publish publish) => _publishes.Add(publish);

    /// <summary>A page that answers a join, or, with none, feeds a slow reader.</summary>
    public void Pages(Request.Join? join, ServerEvent.History page)
    {
        world.Truth.Names(room, page.Epoch);
        if (join is not null && !ReferenceEquals(join, _current))
            Begin(join, page);
        else if (!_isIn)
            fail($"a page of a room that it isn't in: {Texts.Of(page)}");
        else if (join is null && _answering is not null)
            fail($"a page without the id of the join that isn't answered yet: {Texts.Of(page)}");
        else if (page.Gap && page.Missing.Count == 0 && !IsOfAnEmptyLog(page))
            fail($"a gap where nothing is missing: {Texts.Of(page)}");
        else if (page.Epoch != _epoch && !IsOfAnEmptyLog(page))
            fail($"another epoch within a subscription: {Texts.Of(page)}");
        _epoch = page.Epoch;
        Misses(page);
        if (page.Messages.Count + page.Missing.Count > 0)
            _next ??= page.Messages.Select(message => message.Seq).Concat(page.Missing.Select(range => range.From)).Min();
        foreach (var message in page.Messages)
            Takes(message, page.Missing);
        Skip(page.Missing);
        _isLive = page.Live;
        if (!page.Live)
            return;
        _next ??= page.Last + 1;
        if (_next != page.Last + 1)
            fail($"live at {page.Last}, where {_next} is next: {Texts.Of(page)}");
        if (_answering is { Since: null, HistoryCount: var asked } && _first > Math.Max(1, page.Last + 1 - (asked ?? Limits.JoinHistory)))
            fail($"fewer than were asked for: {Texts.Of(page)}");
        if (_answering is not null)
            _joins.Remove(_answering);
        _answering = null;
    }

    /// <summary>A page that was asked for.</summary>
    public void Answers(Request.History history, ServerEvent.History page)
    {
        if (page.Epoch.Length > 0)
            world.Truth.Names(room, page.Epoch);
        if (page.Gap != page.Missing.Count > 0 || page.Live)
            fail($"a gap where nothing is missing, or live: {Texts.Of(page)}");
        Misses(page);
        if (page.Missing.Count > 0)
        {
            foreach (var message in page.Messages)
                world.Truth.Shows(page.Epoch, message);
            return;
        }
        if (page.Messages.Count > 0 && page.More != page.Messages[0].Seq > 1)
            fail($"wrong about whether there are more: {Texts.Of(page)}");
        var limit = history.Limit ?? Limits.HistoryLimit;
        for (var i = 0; i < page.Messages.Count; i++)
        {
            world.Truth.Shows(page.Epoch, page.Messages[i]);
            if (i > 0 && page.Messages[i].Seq != page.Messages[i - 1].Seq + 1)
                fail($"a hole in a page: {Texts.Of(page)}");
        }
        var (from, to) = history.After is { } after
            ? (Math.Max(after, 0) + 1, page.Last)
            : (1, Math.Min(page.Last, (history.Before ?? long.MaxValue) - 1));
        var first = page.Messages.Count > 0 ? page.Messages[0].Seq : 0;
        var last = page.Messages.Count > 0 ? page.Messages[^1].Seq : 0;
        if (page.Messages.Count > limit || (page.Messages.Count > 0 && (first < from || last > to)))
            fail($"a page beyond what was asked for ({Texts.Of(history)}): {Texts.Of(page)}");
        if (page.Messages.Count == 0 ? from <= to : (history.After is null ? last != to : first != from))
            fail($"a page that lacks what was asked for ({Texts.Of(history)}): {Texts.Of(page)}");
    }

    /// <summary>A live message.</summary>
    public void Says(ServerEvent.Message message)
    {
        if (!_isLive)
            fail($"a message while it isn't live: {Texts.Of(message)}");
        Takes(message, []);
    }

    /// <summary>An event that isn't stored.</summary>
    public void Notices(ServerEvent notice)
    {
        if (!_isLive)
            fail($"a notice while it isn't live: {Texts.Of(notice)}");
    }

    /// <summary>An ack: of those sent, the accepted ones stand in the order sent.</summary>
    public void Acks(Request.Publish publish, ServerEvent.Ack ack)
    {
        // Sent twice here, it isn't told which of them was accepted: the other may have been refused.
        if (ack.Duplicate || _publishes.Count(sent => sent.Id == publish.Id) > 1)
            return;
        var place = _publishes.FindIndex(sent => ReferenceEquals(sent, publish));
        if (_accepted.Any(other => other.Place < place != other.Seq < ack.Seq))
            fail($"accepted in another order than sent: {Texts.Of(publish)} at {ack.Seq}");
        _accepted.Add((place, ack.Seq));
    }

    /// <summary>A join is refused: unless a later one is under way, nothing more comes.</summary>
    public void Refuses(Request.Join join)
    {
        _joins.Remove(join);
        if (_joins.Count > 0)
            return;
        (_answering, _isIn, _isLive) = (null, false, false);
    }

    /// <summary>It was left.</summary>
    public void Left() => (_answering, _current, _isIn, _isLive) = (null, null, false, false);

    private void Begin(Request.Join join, ServerEvent.History page)
    {
        var (newest, epoch) = _joins[join];
        // Those that were overtaken are answered by a refusal.
        (_current, _answering, _isIn, _next, _first) = (join, join, true, null, page.Last + 1);
        var isOtherLog = join.Since is not null and not 0 && epoch is not null && epoch != page.Epoch;
        if (isOtherLog && !page.Gap)
            fail($"another log, and no gap is told: {Texts.Of(page)}");
        var isKnownPlace = join.Since is >= 0 && !isOtherLog && join.Since <= Math.Max(newest, 0);
        if (page.Gap && page.Missing.Count == 0 && (join.Since is null || isKnownPlace) && !(world.HasFailures && join.Since is null or 0))
            fail($"a gap where nothing is missing ({Texts.Of(join)}): {Texts.Of(page)}");
        if (join.Since is { } since && !page.Gap)
            _next = since + 1;
    }

    private void Takes(ServerEvent.Message message, IReadOnlyList<SeqRange> missing)
    {
        world.Truth.Shows(_epoch, message);
        Skip(missing);
        _next ??= message.Seq;
        _first = Math.Min(_first, message.Seq);
        if (message.Seq != _next)
            fail($"{Texts.Of(message)} where {_next} is next");
        _next = message.Seq + 1;
    }

    // What is told as missing is passed over, wherever it is next.
    private void Skip(IReadOnlyList<SeqRange> missing)
    {
        foreach (var (from, to) in missing)
        {
            _first = Math.Min(_first, from);
            if (from == _next)
                _next = to + 1;
        }
    }

    // A room that failed before it had a message comes back with another log, and says so.
    private bool IsOfAnEmptyLog(ServerEvent.History page) =>
        page.Epoch != _epoch && world.Truth.Newest(room, _epoch) == 0;

    private void Misses(ServerEvent.History page)
    {
        if (page.Missing.Count > 0 && !page.Gap)
            fail($"missing, and no gap is told: {Texts.Of(page)}");
        foreach (var (from, to) in page.Missing)
        {
            for (var seq = from; seq <= to; seq++)
                world.Truth.Misses(room, seq);
        }
    }
}
