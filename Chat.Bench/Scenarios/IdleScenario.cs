using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>Connections that are in a room and say nothing: what each costs.</summary>
/// <param name="connections">How many.</param>
public sealed class IdleScenario(int connections) : IScenario
{
    // Code and pools that the first connections bring about would count as theirs otherwise.
    private const int Scouts = 100;
    private const int AtOnce = 256;

    private static readonly Figure Collected = new("KiB each, collected", "0.0", HasRatio: true);
    private static readonly Figure Uncollected = new("KiB each, as it was", "0.0", HasRatio: true);
    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public string Name => "idle";

    /// <inheritdoc/>
    public string Title => $"{Report.Count(connections)} connections in rooms of 100, silent: resident memory for each, after a collection where one can be asked for";

    /// <inheritdoc/>
    public int Connections => connections;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [Collected, Uncollected, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        bool isCollected;
        using (var scouts = trial.Crowd(Scouts, rooms: 1, cancellation))
        {
            scouts.Enter(scouts.Clients, AtOnce, EnterTime);
            scouts.Leave(SettleTime);
            isCollected = await trial.Server.CollectAsync(cancellation);
            scouts.Run(SettleTime);
        }
        var before = ProcessUsage.ResidentBytes(trial.Server.ProcessId);
        using var crowd = trial.Crowd(connections, rooms: Math.Max(1, connections / 100), cancellation);
        crowd.Enter(crowd.Clients, AtOnce, EnterTime);
        crowd.Run(SettleTime);
        var watch = new CpuWatch(trial.Server);
        crowd.Run(trial.Time);
        var values = watch.Read((Uncollected, KibibytesEach(trial, before)));
        if (isCollected)
        {
            var collecting = trial.Server.CollectAsync(cancellation);
            crowd.RunUntil(() => collecting.IsCompleted, EnterTime);
            await collecting;
            crowd.Run(SettleTime);
            values[Collected] = KibibytesEach(trial, before);
        }
        return new Outcome(values, crowd.Faults());
    }

    private double KibibytesEach(Trial trial, long before) =>
        (ProcessUsage.ResidentBytes(trial.Server.ProcessId) - before) / 1024.0 / connections;
}
