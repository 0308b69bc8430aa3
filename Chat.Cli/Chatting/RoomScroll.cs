using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Cli.Chatting;

/// <summary>
/// What a room shows, from top to bottom: messages in the order of their seq, each once, whichever page it came in; notices
/// where they happened; and what was sent and isn't stored yet at the end.
/// </summary>
internal sealed class RoomScroll
{
    /// <summary>The most lines that are kept; older ones can be loaded again.</summary>
    public const int MostLines = 5_000;

    private readonly List<(Place Place, ChatLine Line)> _lines = [];
    private readonly List<ChatLine.Outgoing> _outgoing = [];
    private int _log;
    private int _notices;

    // Which log (a room's log can be replaced), the seq that the line stands at, and its rank there: a message is 0.
    private readonly record struct Place(int Log, long Seq, int Rank) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            Log != other.Log ? Log.CompareTo(other.Log) : Seq != other.Seq ? Seq.CompareTo(other.Seq) : Rank.CompareTo(other.Rank);
    }

    /// <summary>How many lines there are.</summary>
    public int Count => _lines.Count + _outgoing.Count;

    /// <summary>A line, counted from the oldest.</summary>
    public ChatLine this[int index] => index < _lines.Count ? _lines[index].Line : _outgoing[index - _lines.Count];

    /// <summary>Everything, oldest first.</summary>
    public IEnumerable<ChatLine> Lines => _lines.Select(entry => entry.Line).Concat(_outgoing);

    /// <summary>What is on its way.</summary>
    public IReadOnlyList<ChatLine.Outgoing> Outgoing => _outgoing;

    /// <summary>The lowest seq of the current log that is known of; null for none.</summary>
    public long? Oldest { get; private set; }

    /// <summary>The highest one; 0 for none.</summary>
    public long Newest { get; private set; }

    /// <summary>Names the current log; null before the first page.</summary>
    public string? Epoch { get; private set; }

    /// <summary>Whether there are messages before <see cref="Oldest"/> to ask for.</summary>
    public bool HasOlder { get; private set; }

    /// <summary>Takes in one message. False where it was known.</summary>
    public bool Add(ServerEvent.Message message)
    {
        _outgoing.RemoveAll(outgoing => outgoing.Id == message.Id);
        var isNew = TryAdd(
            new Place(_log, message.Seq, 0), new ChatLine.Said(message.Seq, message.Id ?? "", message.User, message.Text, message.Timestamp));
        Extend(message.Seq);
        return isNew;
    }

    /// <summary>Takes in a page, and gives those of its messages that were new.</summary>
    /// <param name="page">The page.</param>
    /// <param name="now">The time for lines that have none of their own.</param>
    public IReadOnlyList<ServerEvent.Message> Add(ServerEvent.History page, DateTime now)
    {
        if (Epoch is not null && Epoch != page.Epoch)
            StartLog(now);
        Epoch = page.Epoch;
        var reachesBack = Oldest is null || Lowest(page) < Oldest;
        ServerEvent.Message[] added = [.. page.Messages.Where(Add)];
        foreach (var range in page.Missing)
        {
            TryAdd(new Place(_log, range.From, 0), new ChatLine.Gap(GapSentence.Missing(range), now));
            Extend(range.From);
        }
        if (page is { Gap: true, Missing.Count: 0 })
            TryAdd(new Place(_log, page.Messages.Count > 0 ? page.Messages[0].Seq : Newest + 1, -1), new ChatLine.Gap(GapSentence.NotKept, now));
        Extend(page.Through);
        if (reachesBack)
            HasOlder = page.More;
        return added;
    }

    /// <summary>There is nothing before <see cref="Oldest"/> after all.</summary>
    public void EndOlder() => HasOlder = false;

    /// <summary>A notice, at the end of what is known now.</summary>
    public void AddNotice(string sentence, NoticeKind kind, DateTime now) =>
        TryAdd(new Place(_log, Newest, ++_notices), new ChatLine.Notice(sentence, kind, now));

    /// <summary>A message of one's own, or how far it has come. One that was refused stays where it was tried.</summary>
    public void Set(ChatLine.Outgoing outgoing)
    {
        var at = _outgoing.FindIndex(known => known.Id == outgoing.Id);
        if (at >= 0)
            outgoing = outgoing with { Time = _outgoing[at].Time };
        if (outgoing.Status == OutgoingStatus.Refused)
        {
            // Not known: it was told before.
            if (at < 0)
                return;
            _outgoing.RemoveAt(at);
            TryAdd(new Place(_log, Newest, ++_notices), outgoing);
        }
        else if (at >= 0)
        {
            _outgoing[at] = outgoing;
        }
        else if (outgoing.Status != OutgoingStatus.Stored)
        {
            // Stored and not known: its message has come already.
            _outgoing.Add(outgoing);
        }
    }

    private void StartLog(DateTime now)
    {
        // A room in which nothing was said has no log to lose; its epoch changes with each start of the server.
        var hadMessages = Newest > 0;
        _log++;
        (Oldest, Newest) = (null, 0);
        if (hadMessages)
            AddNotice("The room's log was replaced. What stands above is from the old one.", NoticeKind.Server, now);
    }

    private static long Lowest(ServerEvent.History page) => Math.Min(
        page.Messages.Count > 0 ? page.Messages[0].Seq : long.MaxValue, page.Missing.Count > 0 ? page.Missing[0].From : long.MaxValue);

    private void Extend(long seq)
    {
        if (seq <= 0)
            return;
        Oldest = Math.Min(Oldest ?? seq, seq);
        Newest = Math.Max(Newest, seq);
    }

    private bool TryAdd(Place place, ChatLine line)
    {
        var at = _lines.Count;
        while (at > 0 && _lines[at - 1].Place.CompareTo(place) > 0)
            at--;
        if (at > 0 && _lines[at - 1].Place == place)
            return false;
        _lines.Insert(at, (place, line));
        if (at == _lines.Count - 1 && _lines.Count > MostLines)
            DropOldest();
        return true;
    }

    private void DropOldest()
    {
        _lines.RemoveRange(0, MostLines / 10);
        if (_lines[0].Place is { Seq: > 0 } first && first.Log == _log)
            (Oldest, HasOlder) = (first.Rank == 0 ? first.Seq : first.Seq + 1, true);
    }
}
