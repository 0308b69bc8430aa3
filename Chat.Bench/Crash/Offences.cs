namespace Chat.Bench.Crash;

/// <summary>What kind of promise was broken.</summary>
public enum Offence
{
    /// <summary>Something that was acked, published or seen by others is not there.</summary>
    Lost,

    /// <summary>Something is there, or came, a second time.</summary>
    Twice,

    /// <summary>Something came, or stands, after what should be behind it.</summary>
    OutOfOrder,

    /// <summary>Something else than was said: another text, another seq, another epoch, a refusal.</summary>
    Wrong,
}

/// <summary>Counts what was broken, each kind apart, and keeps the first sentences. Safe for use from several threads.</summary>
public sealed class Offences
{
    /// <summary>Sentences that are kept.</summary>
    public const int Named = 20;

    private readonly Lock _gate = new();
    private readonly List<string> _first = [];
    private readonly long[] _counts = new long[Enum.GetValues<Offence>().Length];

    /// <summary>How many there are of a kind.</summary>
    public long this[Offence kind]
    {
        get
        {
            lock (_gate)
                return _counts[(int)kind];
        }
    }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _counts.All(count => count == 0);
        }
    }

    /// <summary>The first of them, as sentences.</summary>
    public IReadOnlyList<string> First
    {
        get
        {
            lock (_gate)
                return [.. _first];
        }
    }

    /// <summary>Adds one, or several that one sentence tells.</summary>
    public void Add(Offence kind, string sentence, long count = 1)
    {
        lock (_gate)
        {
            _counts[(int)kind] += count;
            if (_first.Count < Named)
                _first.Add(sentence);
        }
    }
}
