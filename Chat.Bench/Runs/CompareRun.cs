using System.Net.Sockets;
using Chat.Bench.Measures;
using Chat.Bench.Peers;
using Chat.Bench.Scenarios;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="CompareRun"/> measures.</summary>
/// <param name="Repeats">How often each peer is put under each load, all others in between.</param>
/// <param name="Seconds">How long a load is measured.</param>
/// <param name="Warmup">Seconds of the same before that.</param>
/// <param name="Characters">Of a message.</param>
public sealed record CompareSettings(int Repeats, int Seconds, int Warmup, int Characters);

/// <summary>A peer that is there, and its version.</summary>
public sealed record ComparedPeer(IPeer Peer, string Version);

/// <summary>One peer under one load: what its runs came to.</summary>
/// <param name="Scenario">The load.</param>
/// <param name="Peer">The peer's name.</param>
/// <param name="NotAsked">Why the peer isn't put under this load at all; null where it is.</param>
/// <param name="Outcomes">Of the runs that could be measured.</param>
/// <param name="Failures">Why others couldn't.</param>
public sealed record ComparedCell(IScenario Scenario, string Peer, string? NotAsked, List<Outcome> Outcomes, List<string> Failures)
{
    /// <summary>A figure over the runs; null where none has it.</summary>
    public Percentiles? Of(Figure figure)
    {
        double[] values = [.. Outcomes.Where(outcome => outcome.Values.ContainsKey(figure)).Select(outcome => outcome.Values[figure])];
        return values.Length == 0 ? null : new Percentiles(values);
    }

    /// <summary>Whether nothing went wrong.</summary>
    public bool IsWhole => Failures.Count == 0 && Outcomes.All(outcome => outcome.Faults.Count == 0);

    /// <summary>What the reader has to know beside the figures: why there are none, and all that went wrong.</summary>
    public IEnumerable<string> Remarks => Failures.Concat(Outcomes.SelectMany(outcome => outcome.Faults)).Prepend(NotAsked).OfType<string>().Distinct();
}

/// <summary>Puts each peer under each load in turn, each time a fresh one, and all of that again as often as is wanted.</summary>
public static class CompareRun
{
    /// <summary>Runs it; what one run fails with is kept beside the figures of the others.</summary>
    public static async Task<IReadOnlyList<ComparedCell>> RunAsync(
        IReadOnlyList<ComparedPeer> peers, IReadOnlyList<IScenario> scenarios, CompareSettings settings, TextWriter progress, CancellationToken cancellation)
    {
        List<ComparedCell> cells = [.. scenarios.SelectMany(scenario => peers.Select(peer => new ComparedCell(scenario, peer.Peer.Name, NotAsked(peer.Peer, scenario), [], [])))];
        for (var repeat = 0; repeat < settings.Repeats; repeat++)
        {
            for (var i = 0; i < cells.Count; i++)
            {
                // Another peer begins each time, so that none is always behind the same one.
                var (scenario, place) = Math.DivRem(i, peers.Count);
                var at = (place + repeat) % peers.Count;
                var cell = cells[(scenario * peers.Count) + at];
                if (cell.NotAsked is null)
                    await RunAsync(peers[at].Peer, cell, settings, progress, cancellation);
            }
        }
        return cells;
    }

    private static string? NotAsked(IPeer peer, IScenario scenario) => peer.Bound is { } bound && scenario.Connections > bound.Most
        ? $"not run with more than {Report.Count(bound.Most)} connections: {bound.Why}"
        : null;

    private static async Task RunAsync(IPeer peer, ComparedCell cell, CompareSettings settings, TextWriter progress, CancellationToken cancellation)
    {
        progress.WriteLine($"  {cell.Scenario.Name}: {peer.Name} …");
        try
        {
            await using var server = await peer.StartAsync(cancellation);
            var trial = new Trial(
                peer.Dialect, server, settings.Characters, TimeSpan.FromSeconds(settings.Warmup), TimeSpan.FromSeconds(settings.Seconds));
            cell.Outcomes.Add(await cell.Scenario.RunAsync(trial, cancellation));
        }
        catch (Exception e) when (e is BenchException or SocketException or InvalidOperationException)
        {
            cell.Failures.Add(e.Message);
        }
    }
}
