using Chat.Bench.Load;

namespace Chat.Bench.Scenarios;

/// <summary>A room at a modest rate: how long a message takes to come back to who sent it.</summary>
public sealed class LightScenario : IScenario
{
    private const int Members = 50;
    private const int Rate = 100;
    private const int AtOnce = 16;

    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public string Name => "light";

    /// <inheritdoc/>
    public string Title => $"{Members} members of one room, {Rate} messages a second in all: from send to the sender's own echo";

    /// <inheritdoc/>
    public int Connections => Members;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [EchoTimes.P50, EchoTimes.P99, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        var (warmup, measured) = ((int)(trial.Warmup.TotalSeconds * Rate), (int)(trial.Time.TotalSeconds * Rate));
        using var crowd = trial.Crowd(Members, rooms: 1, cancellation);
        crowd.Enter(crowd.Clients, AtOnce, EnterTime);
        var load = new PacedLoad(trial.Dialect, crowd.Clients, warmup + measured, trial.Characters);
        crowd.RunPaced(warmup, Rate, load.Send);
        var watch = new CpuWatch(trial.Server);
        crowd.RunPaced(measured, Rate, number => load.Send(warmup + number));
        var values = watch.Read();
        var faults = EchoTimes.AwaitStragglers(crowd, () => ((long)load.Sent * Members) - crowd.Delivered, "deliveries are missing");
        return Task.FromResult(EchoTimes.Outcome(values, load, from: warmup, faults));
    }
}
