using System.CommandLine;
using System.Runtime.InteropServices;
using Chat.Bench.Charts;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Peers;
using Chat.Bench.Runs;
using Chat.Bench.Scenarios;

namespace Chat.Bench.Verbs;

/// <summary><c>compare</c>: the gateway beside others.</summary>
internal static class CompareVerb
{
    private const string Document = "docs/BENCHMARKS.md";

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("compare",
            "This gateway and other servers in turn under the same loads, beside a limit that sends the same bytes and does nothing else: medians and spreads. "
            + "A peer that isn't installed is named and left out; the limit is in every run.");
        var peers = new Option<string[]>("--peers") { Description = $"Which: {string.Join(", ", AllPeers.Names)}. Default: all but {string.Join(", ", AllPeers.OnlyNamed)}.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        peers.AcceptOnlyFromAmong([.. AllPeers.Names]);
        var scenarios = new Option<string[]>("--scenarios")
        {
            Description = $"Which: {string.Join(", ", AllScenarios.Names)}. Default: all but {AllScenarios.Long}.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        scenarios.AcceptOnlyFromAmong([.. AllScenarios.Names]);
        var repeats = BoundedOption.Integer("--repeats", "How often each is measured, all others in between", 3, 1, 20);
        var seconds = BoundedOption.Integer("--seconds", "How long a load is measured", 5, 1, 120);
        var warmup = BoundedOption.Integer("--warmup", "Seconds of the same before that, not measured", 3, 0, 60);
        var characters = BoundedOption.Integer("--characters", "Characters of a message", 120, 16, 4_000);
        var longSeconds = BoundedOption.Integer("--long-seconds", $"How long {AllScenarios.Long} is", 600, 180, 86_400);
        var write = new Option<bool>("--write") { Description = $"Writes {Document} and its charts." };
        foreach (var option in new Option[] { peers, scenarios, repeats, seconds, warmup, characters, longSeconds, write })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false, takesDurability: false);
        command.SetMeasurement(error, (parsed, cancellation) =>
        {
            var (named, chosen) = (parsed.GetValue(peers) ?? [], parsed.GetValue(scenarios) ?? []);
            return RunAsync(
                target.Read(parsed),
                peer => (named.Length == 0 ? !AllPeers.OnlyNamed.Contains(peer) : named.Contains(peer)) || peer == Comparison.Limit,
                [.. AllScenarios.Create(TimeSpan.FromSeconds(parsed.GetValue(longSeconds)))
                    .Where(scenario => chosen.Length == 0 ? scenario.Name != AllScenarios.Long : chosen.Contains(scenario.Name))],
                new CompareSettings(parsed.GetValue(repeats), parsed.GetValue(seconds), parsed.GetValue(warmup), parsed.GetValue(characters)),
                parsed.GetValue(write) ? DocsFolder() : null,
                "dotnet run -c Release --project Chat.Bench -- " + string.Join(' ', parsed.Tokens.Select(token => token.Value)),
                output, cancellation);
        });
        return command;
    }

    private static async Task<bool> RunAsync(
        TargetChoice choice, Func<string, bool> isChosen, IReadOnlyList<IScenario> scenarios, CompareSettings settings, string? docs, string line,
        TextWriter output, CancellationToken cancellation)
    {
        var (peers, leftOut) = await FindAsync(AllPeers.Create(choice.Gateway, null, choice.DataIn).Where(peer => isChosen(peer.Name)), output, cancellation);
        ThrowUnlessEnoughDescriptors(scenarios);
        var machine = Conditions.Machine();
        Conditions.Print(output, $"compare: {string.Join(", ", scenarios.Select(scenario => scenario.Name).Distinct())}",
            [.. Describe(choice, settings), .. peers.Select(peer => (peer.Peer.Name, peer.Version)), .. leftOut.Select(left => (left.Peer, "left out: " + left.Why))]);
        var cells = await CompareRun.RunAsync(peers, scenarios, settings, output, cancellation);
        var comparison = new Comparison(line, [.. machine, ("load after", Conditions.Load() ?? "unknown"), .. Describe(choice, settings)], peers, leftOut, cells);
        foreach (var group in comparison.Scenarios)
        {
            output.WriteLine();
            output.WriteLine($"{group[0].Scenario.Heading}: {group[0].Scenario.Title}");
            foreach (var row in FigureTable.Of(group, Comparison.Limit).ToText())
                output.WriteLine(row);
            foreach (var remark in Comparison.Remarks(group))
                output.WriteLine("  " + remark);
        }
        if (docs is not null)
            BenchmarksDocument.Write(docs, BenchmarksDocument.Files(comparison));
        return cells.All(cell => cell.IsWhole);
    }

    private static async Task<(IReadOnlyList<ComparedPeer>, IReadOnlyList<(string Peer, string Why)>)> FindAsync(
        IEnumerable<IPeer> chosen, TextWriter output, CancellationToken cancellation)
    {
        var (found, leftOut) = (new List<ComparedPeer>(), new List<(string, string)>());
        foreach (var peer in chosen)
        {
            if (await peer.MissingAsync(output, cancellation) is { } why)
                leftOut.Add((peer.Name, why));
            else
                found.Add(new ComparedPeer(peer, await peer.VersionAsync(cancellation)));
        }
        return (found, leftOut);
    }

    // A server has about as many as the load, and .NET, Node and Go raise their own limit to the most that they may have.
    private static void ThrowUnlessEnoughDescriptors(IReadOnlyList<IScenario> scenarios)
    {
        const int Beside = 200;
        var (needed, most) = (scenarios.Max(scenario => scenario.Connections) + Beside, DescriptorLimit.Most());
        if (most < needed)
            throw new BenchException($"A process may have {Report.Count(most)} descriptors, and {Report.Count(needed)} are needed. Raise the limit (ulimit -Hn), or leave scenarios out.");
    }

    private static IReadOnlyList<(string Name, string Value)> Describe(TargetChoice choice, CompareSettings settings) =>
    [
        ("message", $"{settings.Characters} characters, and what each kind of server puts around them"),
        ("durability", $"chat: always, chat-never: never, data on {Conditions.FileSystem(Path.GetFullPath(choice.DataIn ?? Path.GetTempPath()))}; the others store nothing, but python, which doesn't sync"),
        ("runs", $"{settings.Repeats}, interleaved; {settings.Seconds} s each after {settings.Warmup} s of warm-up"),
        ("network", $"loopback, generator beside the server; backlog at most {Backlog()}"),
    ];

    private static string Backlog()
    {
        const string Setting = "/proc/sys/net/core/somaxconn";
        return File.Exists(Setting) ? File.ReadAllText(Setting).Trim() : "unknown";
    }

    private static string DocsFolder() => SolutionProgram.Root is { } root
        ? Path.Combine(root, "docs")
        : throw new BenchException($"--write: there is no {SolutionProgram.Solution} above {AppContext.BaseDirectory}, whose docs it would write.");
}
