using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>A mixed load for long: whether memory and handles grow.</summary>
/// <param name="time">How long; at least 45 times <paramref name="step"/>, as a slope takes.</param>
/// <param name="step">How often one comes and another goes, and memory and handles are read.</param>
/// <param name="stayers">Who talk.</param>
/// <param name="comers">Who come and go; half of them are there at a time.</param>
public sealed class LongScenario(TimeSpan time, TimeSpan step, int stayers, int comers) : IScenario
{
    private const int Rooms = 20;
    private const int Rate = 100;
    private const int AtOnce = 16;

    private static readonly Figure Memory = new("memory, KiB/min", "0.0");
    private static readonly Figure MemoryHalf = new("memory ± (95 %)", "0.0");
    private static readonly Figure Handles = new("handles/min", "0.00");
    private static readonly Figure HandlesHalf = new("handles ± (95 %)", "0.00");
    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string Name => "long";

    /// <inheritdoc/>
    public string Title => $"{time.TotalMinutes:0.#} min of {Rate} messages a second by {stayers} members in {Rooms} rooms, while {comers} others come and go, one every {step.TotalSeconds:0.##} s: "
        + "growth after the first third";

    /// <inheritdoc/>
    public int Connections => stayers + comers;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [Memory, MemoryHalf, Handles, HandlesHalf, EchoTimes.P99, EchoTimes.P50, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        var (messages, eachStep) = ((int)(time.TotalSeconds * Rate), (int)(step.TotalSeconds * Rate));
        using var crowd = trial.Crowd(Connections, Rooms, cancellation);
        LoadClient[] talking = [.. crowd.Clients.Take(stayers)], others = [.. crowd.Clients.Skip(stayers)];
        crowd.Enter(talking, AtOnce, EnterTime);
        var load = new PacedLoad(trial.Dialect, talking, messages, trial.Characters);
        var (memory, handles) = (new List<(double, double)>(), new List<(double, double)>());
        var watch = new CpuWatch(trial.Server);
        crowd.RunPaced(messages, Rate, number =>
        {
            load.Send(number);
            if (number % eachStep != 0)
                return;
            // Half of them are there at a time: at each step one leaves, and one comes.
            var at = number / eachStep;
            others[(at + (comers / 2)) % comers].Leave();
            others[at % comers].Enter();
            if (number < messages / 3)
                return;
            memory.Add((watch.Time.TotalMinutes, ProcessUsage.ResidentBytes(trial.Server.ProcessId) / 1024.0));
            handles.Add((watch.Time.TotalMinutes, ProcessUsage.Handles(trial.Server.ProcessId)));
        });
        var values = watch.Read();
        var (memorySlope, handleSlope) = (Slope.Of(memory), Slope.Of(handles));
        (values[Memory], values[MemoryHalf]) = (memorySlope.PerUnit, memorySlope.HalfWidth);
        (values[Handles], values[HandlesHalf]) = (handleSlope.PerUnit, handleSlope.HalfWidth);
        var faults = EchoTimes.AwaitStragglers(crowd, () => load.Sent - load.Returned, "messages didn't come back");
        return Task.FromResult(EchoTimes.Outcome(values, load, from: 0, faults));
    }
}
