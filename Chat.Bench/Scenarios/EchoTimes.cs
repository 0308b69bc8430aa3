using Chat.Bench.Load;
using Chat.Bench.Measures;

namespace Chat.Bench.Scenarios;

/// <summary>From send to the sender's own echo: the figures of whatever sends at a steady rate.</summary>
internal static class EchoTimes
{
    public static readonly Figure P50 = new("p50 ms", "0.00", HasRatio: true);
    public static readonly Figure P99 = new("p99 ms", "0.00", HasRatio: true);

    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(5);

    /// <summary>The outcome with both figures in it. Throws a <see cref="BenchException"/> where none came back.</summary>
    /// <param name="values">The other figures; these are put in.</param>
    /// <param name="load">What was sent.</param>
    /// <param name="from">The first number that is measured.</param>
    /// <param name="faults">What went wrong.</param>
    public static Outcome Outcome(Dictionary<Figure, double> values, PacedLoad load, int from, IReadOnlyList<string> faults)
    {
        double[] times = [.. load.Latencies(from)];
        if (times.Length == 0)
            throw new BenchException($"No message came back. {string.Join(", ", faults)}");
        var percentiles = new Percentiles(times);
        (values[P50], values[P99]) = (percentiles.At(50), percentiles.At(99));
        return new Outcome(values, faults);
    }

    /// <summary>Waits a while for what is still under way, and says how much of it didn't come, beside what the crowd has to say.</summary>
    /// <param name="crowd">Whose load it is.</param>
    /// <param name="missing">How much there is that didn't come yet.</param>
    /// <param name="what">What that is, as it is said behind its number.</param>
    public static IReadOnlyList<string> AwaitStragglers(LoadCrowd crowd, Func<long> missing, string what) =>
        crowd.RunUntil(() => missing() == 0, StragglersTime) ? crowd.Faults() : [.. crowd.Faults(), $"{Report.Count(missing())} {what}"];
}
