namespace Chat.Bench.Scenarios;

/// <summary>What peers are compared by.</summary>
public static class AllScenarios
{
    private const int Members = 1_000;
    private const int Many = 10_000;

    /// <summary>Their names, in the order of the tables.</summary>
    public static readonly IReadOnlyList<string> Names = [.. Create(TimeSpan.FromMinutes(10)).Select(scenario => scenario.Name).Distinct()];

    /// <summary>The one that isn't run unless it is named, as it takes long.</summary>
    public const string Long = "long";

    /// <summary>All of them.</summary>
    /// <param name="longTime">How long the long one is.</param>
    public static IReadOnlyList<IScenario> Create(TimeSpan longTime) =>
    [
        new EchoScenario("fanout", Members, rooms: 1, senders: 10),
        new EchoScenario("fanout", Members, rooms: 1, senders: 100),
        new EchoScenario("rooms", Members, rooms: 100, senders: 100),
        new LightScenario(),
        new IdleScenario(Many),
        new StormScenario(Many),
        new PresenceScenario(comers: 2_000, seconds: 10),
        new LongScenario(longTime, step: TimeSpan.FromSeconds(1), stayers: 200, comers: 100),
    ];
}
