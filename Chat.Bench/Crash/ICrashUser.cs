namespace Chat.Bench.Crash;

/// <summary>A user of the crash test, who goes on for as long as <see cref="CrashStage"/> says, whatever becomes of the gateway.</summary>
internal interface ICrashUser
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Where it reads.</summary>
    IReadOnlyList<Place> Places { get; }

    /// <summary>Messages that it has published and has no answer for.</summary>
    int Unanswered { get; }

    /// <summary>Whether it has heard that nothing new is to be published, and has every answer.</summary>
    bool HasFinished { get; }

    /// <summary>Runs until it stands at the end of all its rooms, once those ends are known.</summary>
    Task RunAsync(CrashStage stage, CancellationToken cancellation);
}

/// <summary>How far the test is: first all write and come and go, then the writers finish, then all read to the end.</summary>
internal sealed class CrashStage(Uri server)
{
    private volatile IReadOnlyDictionary<string, long>? _ends;
    private volatile bool _isQuiet;

    /// <summary>Where the gateway is, while it is.</summary>
    public Uri Server => server;

    /// <summary>Whether nothing new is published any more.</summary>
    public bool IsQuiet => _isQuiet;

    /// <summary>Whether nothing more will come, so that all stay until they have everything.</summary>
    public bool IsEnding => _ends is not null;

    /// <summary>Ends the publishing.</summary>
    public void Quieten() => _isQuiet = true;

    /// <summary>Nothing more comes: these are the newest seqs of the rooms.</summary>
    public void End(IReadOnlyDictionary<string, long> ends) => _ends = ends;

    /// <summary>Whether these places are at the end of their rooms, once that is known.</summary>
    public bool IsAtEnd(IReadOnlyList<Place> places) => _ends is { } ends && places.All(place => place.Last >= ends[place.Room]);
}
