using Chat.Bench.Peers;
using Chat.Bench.Runs;

namespace Chat.Bench.Charts;

/// <summary>What a comparison came to, with all that its figures mean nothing without.</summary>
/// <param name="Command">How to have it again.</param>
/// <param name="Conditions">The machine's, the load's.</param>
/// <param name="Peers">Those that were compared.</param>
/// <param name="LeftOut">Others, and why.</param>
/// <param name="Cells">The figures.</param>
public sealed record Comparison(
    string Command, IReadOnlyList<(string Name, string Value)> Conditions, IReadOnlyList<ComparedPeer> Peers,
    IReadOnlyList<(string Peer, string Why)> LeftOut, IReadOnlyList<ComparedCell> Cells)
{
    /// <summary>The peer to which ratios are.</summary>
    public const string Limit = "limit";

    /// <summary>The cells of each scenario.</summary>
    public IEnumerable<IReadOnlyList<ComparedCell>> Scenarios => Cells.GroupBy(cell => cell.Scenario).Select(group => group.ToArray());

    /// <summary>What the reader has to know beside the figures of some cells, each with its peer.</summary>
    public static IEnumerable<string> Remarks(IEnumerable<ComparedCell> cells) =>
        cells.SelectMany(cell => cell.Remarks.Select(remark => $"{cell.Peer}: {remark}"));
}

/// <summary><c>docs/BENCHMARKS.md</c> and its charts.</summary>
public static class BenchmarksDocument
{
    private const string Name = "BENCHMARKS.md";
    private const string Images = "images";

    /// <summary>Every file, by its path from the folder of the docs.</summary>
    public static IReadOnlyDictionary<string, string> Files(Comparison comparison)
    {
        var files = new Dictionary<string, string>();
        List<string> lines =
        [
            "# Benchmarks", "",
            "This gateway beside others, each the honest minimum of a room's broadcast that its own documentation shows, on the same machine in the same run.",
            $"Written by `{comparison.Command}`; nothing here is edited by hand.", "",
            "## Conditions", "",
            .. comparison.Conditions.Select(condition => $"- {condition.Name}: {condition.Value}"), "",
            "A figure is the median over the runs (of an even number the lower of the two in the middle), and in brackets the least and the most. Every run has a server of its own, and between two of the same kind all others have",
            "theirs. The load is one thread on raw sockets (epoll) that reads frames where they were received; where its CPU is near one core, or where both together",
            "fill the machine, it has a part in the figure. `limit` is one thread too, which sends messages of the same length as ours with one write for each member and batch;",
            "`× limit` is a median over its median: where less is better, how many times as long or as large.", "",
            "| peer | version | what it guarantees |", "| --- | --- | --- |",
            .. comparison.Peers.Select(peer => $"| `{peer.Peer.Name}` | {peer.Version} | {peer.Peer.Guarantees} |"), "",
            .. comparison.LeftOut.Select(left => $"`{left.Peer}` is left out: {left.Why}.").SelectMany(line => new[] { line, "" }),
        ];
        foreach (var (cells, number) in comparison.Scenarios.Select((cells, number) => (cells, number)))
            AddScenario(lines, files, cells, $"{Images}/bench-{cells[0].Scenario.Name}-{number + 1}.svg");
        files[Name] = string.Join('\n', lines).TrimEnd() + "\n";
        return files;
    }

    /// <summary>Writes the files into a folder, in place of those of an earlier comparison.</summary>
    public static void Write(string folder, IReadOnlyDictionary<string, string> files)
    {
        var images = Directory.CreateDirectory(Path.Combine(folder, Images));
        foreach (var old in images.EnumerateFiles("bench-*.svg"))
            old.Delete();
        foreach (var (path, text) in files)
            File.WriteAllText(Path.Combine(folder, path), text);
    }

    private static void AddScenario(List<string> lines, Dictionary<string, string> files, IReadOnlyList<ComparedCell> cells, string image)
    {
        var scenario = cells[0].Scenario;
        var figure = scenario.Figures[0];
        files[image] = BarChart.Draw($"{scenario.Heading}: {figure.Name}", [.. cells.Select(cell =>
        {
            var values = cell.Of(figure);
            return new Bar(cell.Peer, FigureTable.Spread(values, figure.Format), values?.Median ?? 0, values?.Min ?? 0, values?.Max ?? 0, IsOurs(cell.Peer));
        })]);
        lines.AddRange([$"## {scenario.Heading}", "", scenario.Title + ".", "", $"![{scenario.Heading}: {figure.Name}]({image})", ""]);
        lines.AddRange([.. FigureTable.Of(cells, Comparison.Limit).ToMarkdown(), ""]);
        if (Comparison.Remarks(cells).Select(remark => "- " + remark).ToArray() is { Length: > 0 } remarks)
            lines.AddRange([.. remarks, ""]);
    }

    private static bool IsOurs(string peer) => peer.StartsWith("chat", StringComparison.Ordinal);
}
