namespace Chat.Actors.History;

/// <summary>What <see cref="LogVerifier"/> found in one folder of a data folder.</summary>
public sealed record RoomVerdict
{
    /// <summary>The folder's name, which is the room's with all but <c>a-z 0-9 - _</c> percent-encoded; <c>.</c> for the data folder itself.</summary>
    public required string Folder { get; init; }

    /// <summary>Whole lines, those of types that are not known here included.</summary>
    public long Messages { get; init; }

    /// <summary>The log's files.</summary>
    public int Segments { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The oldest seq that the log keeps; above 1 where retention deleted older segments.</summary>
    public long First { get; init; } = 1;

    /// <summary>The newest seq; First - 1 where the log is empty.</summary>
    public long Last { get; init; }

    /// <summary>The first faults, at most <see cref="LogVerifier.NamedFaults"/>.</summary>
    public required IReadOnlyList<StorageWarning> Faults { get; init; }

    /// <summary>How many faults there are in all.</summary>
    public long FaultCount { get; init; }

    /// <summary>How the log ends, where that is as an unfinished write leaves it: no fault.</summary>
    public StorageWarning? Unfinished { get; init; }

    /// <summary>Whether nothing is off.</summary>
    public bool IsOk => FaultCount == 0;
}
