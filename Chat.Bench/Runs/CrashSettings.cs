using Chat.Bench.Crash;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="CrashRun"/> attacks the gateway.</summary>
public sealed record CrashSettings
{
    /// <summary>How often it is killed.</summary>
    public required int Kills { get; init; }

    /// <summary>What the kills' times and all that is left to chance follow from.</summary>
    public required int Seed { get; init; }

    /// <summary>Users who publish in two rooms and read there: every other one on raw sockets.</summary>
    public required int Writers { get; init; }

    /// <summary>Users who come and go, and read in all rooms: every other one on raw sockets.</summary>
    public required int Readers { get; init; }

    /// <summary>Rooms.</summary>
    public required int Rooms { get; init; }

    /// <summary>Whether some lives end in order instead, some are stopped for a while, and some leave an unfinished write.</summary>
    public bool Mix { get; init; }

    /// <summary>Acks that it may give between two kills, at most.</summary>
    public int AcksAtMost { get; init; } = 2_800;
}

/// <summary>What came of it.</summary>
public sealed record CrashResult
{
    /// <summary>Kills with SIGKILL.</summary>
    public required int Kills { get; init; }

    /// <summary>Those of them that came while it was starting, or that soon after.</summary>
    public required int KillsDuringStart { get; init; }

    /// <summary>Ends in order, the last of all included.</summary>
    public required int Terminations { get; init; }

    /// <summary>Times that it was stopped for a while.</summary>
    public required int Freezes { get; init; }

    /// <summary>How long it all took, checks included.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Unfinished writes that were put behind a log's last line.</summary>
    public required int Torn { get; init; }

    /// <summary>Unfinished writes, these and others, that a start cut off.</summary>
    public required int Cuts { get; init; }

    /// <summary>Lines in the logs.</summary>
    public required long Logged { get; init; }

    /// <summary>What its users recorded.</summary>
    public required CrashRecord Record { get; init; }

    /// <summary>What was broken.</summary>
    public required Offences Offences { get; init; }
}
