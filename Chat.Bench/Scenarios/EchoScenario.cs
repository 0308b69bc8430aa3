using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>Members of rooms, some of whom send again as soon as their own message has come back: deliveries a second.</summary>
/// <param name="name">As in <c>--scenarios</c>.</param>
/// <param name="members">In all.</param>
/// <param name="rooms">Over which they are spread.</param>
/// <param name="senders">In all, spread over the rooms.</param>
public sealed class EchoScenario(string name, int members, int rooms, int senders) : IScenario
{
    private static readonly Figure Deliveries = new("deliveries/s", "#,0", HasRatio: true);
    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(10);

    private const int AtOnce = 64;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Heading => $"{name}, {senders} senders";

    /// <inheritdoc/>
    public string Title => rooms == 1
        ? $"{Report.Count(members)} members of one room, {senders} of whom send again when their own message arrives"
        : $"{Report.Count(members)} members in {rooms} rooms, {senders} of whom send again when their own message arrives";

    /// <inheritdoc/>
    public int Connections => members;

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures { get; } = [Deliveries, Figure.ServerCpu, Figure.GeneratorCpu];

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
    {
        using var crowd = trial.Crowd(members, rooms, cancellation);
        crowd.Enter(crowd.Clients, AtOnce, EnterTime);
        var echoes = new EchoLoad(trial.Dialect, Senders(crowd.Clients), trial.Characters);
        echoes.Start();
        crowd.Run(trial.Warmup);
        var (watch, before) = (new CpuWatch(trial.Server), crowd.Delivered);
        crowd.Run(trial.Time);
        var values = watch.Read((Deliveries, (crowd.Delivered - before) / watch.Time.TotalSeconds));
        echoes.Stop();
        var sent = Enumerable.Range(0, rooms).Select(room => $"room{room}").ToDictionary(room => room, echoes.Sent);
        long Missing() => crowd.Clients.Sum(client => Math.Abs(sent[client.Room] - client.Delivered));
        var isWhole = crowd.RunUntil(() => echoes.IsQuiet && Missing() == 0, StragglersTime);
        List<string> faults = [.. crowd.Faults()];
        if (!isWhole)
            faults.Add($"{Report.Count(Missing())} deliveries are missing, or came more than once");
        return Task.FromResult(new Outcome(values, faults));
    }

    // In each room its first, and as far apart as they can be.
    private IEnumerable<LoadClient> Senders(IReadOnlyList<LoadClient> clients)
    {
        var perRoom = Math.Max(1, senders / rooms);
        var apart = members / rooms / perRoom;
        return clients.Where(client => client.Number / rooms % apart == 0).Take(senders);
    }
}
