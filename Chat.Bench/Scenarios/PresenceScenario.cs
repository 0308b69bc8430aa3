using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>People come into a room and go while messages flow in it: how long these take.</summary>
/// <param name="comers">How many come and go.</param>
/// <param name="seconds">Within what time they come, and go.</param>
public sealed class PresenceScenario(int comers, int seconds) : IScenario
{
    private const int Stayers = 50;
    private const int Rate = 20;
    private const int AtOnce = 16;

    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LateTime = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "presence";

    /// <inheritdoc/>
    public string Title => $"{Report.Count(comers)} join one room within {seconds} s and leave it within {seconds} s, while {Stayers} others send {Rate} messages a second: "
        + "from send to the sender's own echo";

    /// <inheritdoc/>
    public int Connections => Stayers + comers;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [EchoTimes.P99, EchoTimes.P50, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        var (warmup, messages) = ((int)(trial.Warmup.TotalSeconds * Rate), seconds * Rate);
        using var crowd = trial.Crowd(Connections, rooms: 1, cancellation);
        LoadClient[] stayers = [.. crowd.Clients.Take(Stayers)], others = [.. crowd.Clients.Skip(Stayers)];
        crowd.Enter(stayers, AtOnce, EnterTime);
        var load = new PacedLoad(trial.Dialect, stayers, warmup + (2 * messages), trial.Characters);
        crowd.RunPaced(warmup, Rate, load.Send);
        var watch = new CpuWatch(trial.Server);
        // Those whose turn it is with a message: as many as with each other one, or one more.
        ReadOnlySpan<LoadClient> With(int number) => others.AsSpan((comers * number / messages)..(comers * (number + 1) / messages));
        crowd.RunPaced(messages, Rate, number =>
        {
            load.Send(warmup + number);
            foreach (var other in With(number))
                other.Enter();
        });
        crowd.RunUntil(() => others.All(other => other.IsIn), LateTime);
        LoadCrowd.ThrowUnlessIn(others, LateTime);
        crowd.RunPaced(messages, Rate, number =>
        {
            load.Send(warmup + messages + number);
            foreach (var other in With(number))
                other.Leave();
        });
        var values = watch.Read();
        var faults = EchoTimes.AwaitStragglers(crowd, () => load.Sent - load.Returned, "messages didn't come back");
        return Task.FromResult(EchoTimes.Outcome(values, load, from: warmup, faults));
    }
}
