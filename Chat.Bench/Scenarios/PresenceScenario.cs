using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>People come into a room and go while messages flow in it: how long these take.</summary>
public sealed class PresenceScenario : IScenario
{
    private const int Stayers = 50;
    private const int Comers = 2_000;
    private const int Rate = 20;
    private const int Seconds = 10;
    private const int AtOnce = 16;

    private static readonly Figure P99 = new("p99 ms", "0.0");
    private static readonly Figure P50 = new("p50 ms", "0.0");
    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "presence";

    /// <inheritdoc/>
    public string Title => $"{Report.Count(Comers)} join one room within {Seconds} s and leave it within {Seconds} s, while {Stayers} others send {Rate} messages a second: "
        + "from send to the sender's own echo";

    /// <inheritdoc/>
    public int Connections => Stayers + Comers;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [P99, P50, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        var warmup = (int)(trial.Warmup.TotalSeconds * Rate);
        const int Messages = 2 * Seconds * Rate, EachTime = Comers / (Seconds * Rate);
        using var crowd = trial.Crowd(Connections, rooms: 1, cancellation);
        LoadClient[] stayers = [.. crowd.Clients.Take(Stayers)], comers = [.. crowd.Clients.Skip(Stayers)];
        crowd.Enter(stayers, AtOnce, EnterTime);
        var load = new PacedLoad(trial.Dialect, stayers, warmup + Messages, trial.Characters);
        crowd.RunPaced(warmup, Rate, load.Send);
        var watch = new CpuWatch(trial.Server);
        crowd.RunPaced(Messages / 2, Rate, number =>
        {
            load.Send(warmup + number);
            foreach (var comer in comers.AsSpan(number * EachTime, EachTime))
                comer.Enter();
        });
        crowd.RunUntil(() => comers.All(comer => comer.IsIn), StragglersTime);
        LoadCrowd.ThrowUnlessIn(comers, StragglersTime);
        crowd.RunPaced(Messages / 2, Rate, number =>
        {
            load.Send(warmup + (Messages / 2) + number);
            foreach (var comer in comers.AsSpan(number * EachTime, EachTime))
                comer.Leave();
        });
        var values = watch.Read();
        var isWhole = crowd.RunUntil(() => load.Returned == load.Sent, StragglersTime);
        List<string> faults = [.. crowd.Faults()];
        if (!isWhole)
            faults.Add($"{Report.Count(load.Sent - load.Returned)} messages didn't come back");
        double[] latencies = [.. load.Latencies(from: warmup)];
        if (latencies.Length == 0)
            throw new BenchException($"No message came back. {string.Join(", ", faults)}");
        var percentiles = new Percentiles(latencies);
        (values[P50], values[P99]) = (percentiles.At(50), percentiles.At(99));
        return Task.FromResult(new Outcome(values, faults));
    }
}
