namespace Chat.Bench.Crash;

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
