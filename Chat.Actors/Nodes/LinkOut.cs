using Akka.Actor;

namespace Chat.Actors.Nodes;

/// <summary>
/// The sending end of a link to another node: numbers what it carries, and keeps it until its receipt came. All goes out at once, until something
/// didn't get through: then it is begun again behind what did, some at a time, and what is new waits for its turn. Without I/O and without a clock.
/// </summary>
/// <param name="id">The link's: no other link between the two nodes has it, nor had.</param>
/// <param name="isAnew">It takes the place of one that broke, of which much may be under way: it begins with some at a time.</param>
internal sealed class LinkOut(long id, bool isAnew = false)
{
    // What a slow or silent node may have the others keep for it.
    internal const long MostBytes = 64 * 1024 * 1024;
    internal const int MostParcels = 500_000;

    // What is under way at a time while it is begun again.
    internal const int Window = 256;
    private const int WindowBytes = 1024 * 1024;
    private const int NoWindow = int.MaxValue;

    private readonly record struct Kept(LinkMessages.Parcel Parcel, int Bytes);

    // Those from the head on, which is the one behind all that arrived.
    private readonly List<Kept> _kept = [];
    private int _head;
    private long _last;
    private long _arrived;
    private long _sent;
    private long _everSent;
    private long _bytes;
    private int _window = isAnew ? Window : NoWindow;
    private long _gapAt;

    public long Id => id;

    /// <summary>No receipt is awaited.</summary>
    public bool IsQuiet => _arrived == _last;

    /// <summary>More is kept than may be.</summary>
    public bool IsFull => _bytes > MostBytes || _last - _arrived > MostParcels;

    /// <summary>How often it was begun again since anything got through.</summary>
    public int Attempts { get; private set; }

    /// <summary>What has to get through next; null where nothing has.</summary>
    public LinkMessages.Parcel? Oldest => IsQuiet ? null : _kept[_head].Parcel;

    /// <summary>Takes one more, behind all the others.</summary>
    public void Pack(IActorRef to, IActorRef from, object message, int bytes)
    {
        _kept.Add(new Kept(new LinkMessages.Parcel(id, ++_last, to, from, message), bytes));
        _bytes += bytes;
    }

    /// <summary>
    /// The other end has all before <paramref name="next"/>, and where there is a gap something behind it; 0 where it knows nothing of the link. Gives
    /// whether something new got through; null where the other end isn't that which had what came before.
    /// </summary>
    public bool? Arrived(long next, bool hasGap)
    {
        if (next == 0)
            (next, hasGap) = (1, true);
        // Only who forgot asks for what it had.
        if ((next == 1 && _arrived > 0) || next > _last + 1)
            return null;
        if (next <= _arrived)
            return false;
        var isNew = next - 1 > _arrived;
        if (isNew)
            Forget(next - 1);
        // Each receipt until it is filled tells of it.
        if (hasGap && _gapAt != next)
        {
            _gapAt = next;
            BeginAgain(Window);
        }
        return isNew;
    }

    /// <summary>Nothing got through for too long: it is begun again, with one alone, as the other end may not be there.</summary>
    public void NothingArrived()
    {
        Attempts++;
        _gapAt = 0;
        BeginAgain(1);
    }

    /// <summary>What goes out now, and whether it did before.</summary>
    public IReadOnlyList<(LinkMessages.Parcel Parcel, bool IsAgain)> Send()
    {
        if (_sent == _last)
            return [];
        var due = new List<(LinkMessages.Parcel, bool)>();
        long bytes = 0;
        for (var i = _head; _window != NoWindow && i < _head + (_sent - _arrived); i++)
            bytes += _kept[i].Bytes;
        while (_sent < _last && (_window == NoWindow || _sent == _arrived || (_sent - _arrived < _window && bytes < WindowBytes)))
        {
            var next = _kept[_head + (int)(_sent - _arrived)];
            bytes += next.Bytes;
            due.Add((next.Parcel, ++_sent <= _everSent));
            _everSent = Math.Max(_everSent, _sent);
        }
        return due;
    }

    private void BeginAgain(int window) => (_sent, _window) = (_arrived, window);

    private void Forget(long through)
    {
        for (; _arrived < through; _arrived++)
        {
            _bytes -= _kept[_head].Bytes;
            _kept[_head++] = default;
        }
        if (_head > 1024 && _head > _kept.Count / 2)
        {
            _kept.RemoveRange(0, _head);
            _head = 0;
        }
        Attempts = 0;
        _sent = Math.Max(_sent, _arrived);
        if (_window != NoWindow)
            _window = _window < Window ? _window * 2 : _sent == _last ? NoWindow : _window;
    }
}

/// <summary>The receiving end of a link: takes each number once, in order.</summary>
internal sealed class LinkIn(long id)
{
    public long Id => id;

    /// <summary>The number that it takes next.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>One behind the next came already.</summary>
    public bool HasGap { get; private set; }

    /// <summary>Whether that is the next one, which is taken with it.</summary>
    public bool Take(long number)
    {
        if (number == Next)
        {
            (Next, HasGap) = (Next + 1, false);
            return true;
        }
        HasGap |= number > Next;
        return false;
    }
}
