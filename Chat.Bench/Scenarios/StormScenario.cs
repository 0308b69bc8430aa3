using System.Diagnostics;
using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>All come at once, are lost at once, and come back at once.</summary>
/// <param name="connections">How many.</param>
public sealed class StormScenario(int connections) : IScenario
{
    private static readonly Figure In = new("all in, s", "0.0", HasRatio: true);
    private static readonly Figure Back = new("all back, s", "0.0", HasRatio: true);
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string Name => "storm";

    /// <inheritdoc/>
    public string Title => $"{Report.Count(connections)} connect, log in and join rooms of 100 at once, then all are lost without a word and come back at once";

    /// <inheritdoc/>
    public int Connections => connections;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [Back, In, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        using var crowd = trial.Crowd(connections, rooms: Math.Max(1, connections / 100), cancellation);
        var watch = new CpuWatch(trial.Server);
        var come = Enter(crowd);
        foreach (var client in crowd.Clients)
            client.BreakOff();
        var comeBack = Enter(crowd);
        return Task.FromResult(new Outcome(watch.Read((In, come), (Back, comeBack)), crowd.Faults()));
    }

    private static double Enter(LoadCrowd crowd)
    {
        var startedAt = Stopwatch.GetTimestamp();
        crowd.Enter(crowd.Clients, crowd.Clients.Count, AtMost);
        return Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }
}
