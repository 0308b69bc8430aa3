using Chat.Bench.Load;
using Chat.Bench.Peers;

namespace Chat.Bench.Scenarios;

/// <summary>Something that is measured of each peer.</summary>
/// <param name="Name">As the head of a column.</param>
/// <param name="Format">Of the number, as .NET's format strings.</param>
/// <param name="HasRatio">Whether it is also given as a ratio to the limit's.</param>
public sealed record Figure(string Name, string Format, bool HasRatio = false)
{
    /// <summary>The server's CPU time, in cores.</summary>
    public static readonly Figure ServerCpu = new("server's CPU, cores", "0.000");

    /// <summary>The load's own, in cores: where it is near 1, the load is what was measured.</summary>
    public static readonly Figure GeneratorCpu = new("load's CPU, cores", "0.000");
}

/// <summary>What one run of a scenario came to.</summary>
/// <param name="Values">Of its figures; one that couldn't be had is left out.</param>
/// <param name="Faults">What went wrong; the figures stand beside it.</param>
public sealed record Outcome(IReadOnlyDictionary<Figure, double> Values, IReadOnlyList<string> Faults);

/// <summary>The server under load, and how it is loaded.</summary>
/// <param name="Dialect">How its clients speak.</param>
/// <param name="Server">Where it is; a fresh one.</param>
/// <param name="Characters">Of a message.</param>
/// <param name="Warmup">How long a load runs before it is measured.</param>
/// <param name="Time">How long it is measured.</param>
public sealed record Trial(IDialect Dialect, IRunningPeer Server, int Characters, TimeSpan Warmup, TimeSpan Time)
{
    /// <summary>A crowd for it.</summary>
    public LoadCrowd Crowd(int count, int rooms, CancellationToken cancellation) => new(Dialect, Server.Port, count, rooms, cancellation);
}

/// <summary>A kind of load that every peer is put under.</summary>
public interface IScenario
{
    /// <summary>As in <c>--scenarios</c>.</summary>
    string Name { get; }

    /// <summary>Over its table: its name, and what tells it from others of that name.</summary>
    string Heading => Name;

    /// <summary>What is done, in a line.</summary>
    string Title { get; }

    /// <summary>Connections at a time, at most.</summary>
    int Connections { get; }

    /// <summary>What is measured; the first is what the chart shows.</summary>
    IReadOnlyList<Figure> Figures { get; }

    /// <summary>Runs it once. Throws a <see cref="BenchException"/> where there is nothing to measure.</summary>
    Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation);
}
