using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>A mixed load for long: whether memory and handles grow.</summary>
/// <param name="time">How long.</param>
public sealed class LongScenario(TimeSpan time) : IScenario
{
    private const int Stayers = 200;
    private const int Comers = 100;
    private const int Rooms = 20;
    private const int Rate = 100;
    private const int AtOnce = 16;

    private static readonly Figure Memory = new("memory, KiB/min", "0.0");
    private static readonly Figure MemoryHalf = new("memory ± (95 %)", "0.0");
    private static readonly Figure Handles = new("handles/min", "0.00");
    private static readonly Figure HandlesHalf = new("handles ± (95 %)", "0.00");
    private static readonly Figure P99 = new("p99 ms", "0.0");
    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "long";

    /// <inheritdoc/>
    public string Title => $"{time.TotalMinutes:0.#} min of {Rate} messages a second by {Stayers} members in {Rooms} rooms, while {Comers} others come and go, one a second: "
        + "growth after the first third";

    /// <inheritdoc/>
    public int Connections => Stayers + Comers;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [Memory, MemoryHalf, Handles, HandlesHalf, P99, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        var seconds = (int)time.TotalSeconds;
        using var crowd = trial.Crowd(Connections, Rooms, cancellation);
        LoadClient[] stayers = [.. crowd.Clients.Take(Stayers)], comers = [.. crowd.Clients.Skip(Stayers)];
        crowd.Enter(stayers, AtOnce, EnterTime);
        var load = new PacedLoad(trial.Dialect, stayers, seconds * Rate, trial.Characters);
        var (memory, handles) = (new List<(double, double)>(), new List<(double, double)>());
        var watch = new CpuWatch(trial.Server);
        crowd.RunPaced(seconds * Rate, Rate, number =>
        {
            load.Send(number);
            if (number % Rate != 0)
                return;
            // Half of them are there at a time: each second one leaves, and one comes.
            var second = number / Rate;
            comers[(second + (Comers / 2)) % Comers].Leave();
            comers[second % Comers].Enter();
            if (second < seconds / 3)
                return;
            memory.Add((watch.Time.TotalMinutes, ProcessUsage.ResidentBytes(trial.Server.ProcessId) / 1024.0));
            handles.Add((watch.Time.TotalMinutes, ProcessUsage.Handles(trial.Server.ProcessId)));
        });
        var values = watch.Read();
        crowd.RunUntil(() => load.Returned == load.Sent, StragglersTime);
        List<string> faults = [.. crowd.Faults()];
        if (load.Returned < load.Sent)
            faults.Add($"{Report.Count(load.Sent - load.Returned)} messages didn't come back");
        var (memorySlope, handleSlope) = (Slope.Of(memory), Slope.Of(handles));
        (values[Memory], values[MemoryHalf]) = (memorySlope.PerUnit, memorySlope.HalfWidth);
        (values[Handles], values[HandlesHalf]) = (handleSlope.PerUnit, handleSlope.HalfWidth);
        values[P99] = new Percentiles(load.Latencies(from: 0)).At(99);
        return Task.FromResult(new Outcome(values, faults));
    }
}
