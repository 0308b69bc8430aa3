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
