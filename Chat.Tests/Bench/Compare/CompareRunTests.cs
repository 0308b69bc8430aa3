using Chat.Bench;
using Chat.Bench.Charts;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;
using Chat.Bench.Peers;
using Chat.Bench.Runs;
using Chat.Bench.Scenarios;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class CompareRunTests
{
    private static readonly Figure Speed = new("speed", "0.0", HasRatio: true);

    private readonly List<string> _runs = [];

    [Fact]
    public async Task Should_put_each_peer_under_each_load_with_all_others_in_between_and_another_first_each_time()
    {
        await RunAsync(repeats: 3, [new Load(this, "a"), new Load(this, "b")]);
        Assert.Equal(
            [
                "a limit", "a chat", "a ws", "b limit", "b chat", "b ws",
                "a chat", "a ws", "a limit", "b chat", "b ws", "b limit",
                "a ws", "a limit", "a chat", "b ws", "b limit", "b chat",
            ],
            _runs);
    }

    [Fact]
    public async Task Should_give_the_median_the_spread_and_the_ratio_to_the_limit()
    {
        var cells = await RunAsync(repeats: 3, [new Load(this, "a")]);
        var table = FigureTable.Of(cells, Comparison.Limit);
        Assert.Equal(["peer", "speed", "× limit"], table.Head);
        // A peer's value is the length of its name, times 1, 2 and 3.
        Assert.Equal([["limit", "10.0 (5.0 to 15.0)", "1.00"], ["chat", "8.0 (4.0 to 12.0)", "0.80"], ["ws", "4.0 (2.0 to 6.0)", "0.40"]], table.Rows);
        Assert.Equal("| limit | 10.0 (5.0 to 15.0) | 1.00 |", table.ToMarkdown().ElementAt(2));
        Assert.Single(table.ToText().Select(row => row.Length).Distinct());
    }

    [Fact]
    public async Task Should_give_no_ratio_when_the_limit_could_not_be_measured()
    {
        var table = FigureTable.Of(await RunAsync(repeats: 1, [new Load(this, "a") { FailsFor = "limit" }]), Comparison.Limit);
        Assert.Equal(["peer", "speed"], table.Head);
        Assert.Equal([["limit", "–"], ["chat", "4.0"], ["ws", "2.0"]], table.Rows);
    }

    [Fact]
    public void Should_give_latency_memory_and_times_as_ratios_too_but_no_share_of_a_core_and_no_slope()
    {
        var figures = AllScenarios.Create(TimeSpan.FromMinutes(10)).SelectMany(scenario => scenario.Figures).Distinct().ToLookup(figure => figure.HasRatio, figure => figure.Name);
        Assert.Equal(["all back, s", "all in, s", "deliveries/s", "KiB each, as it was", "KiB each, collected", "p50 ms", "p99 ms"], figures[true].Order(StringComparer.OrdinalIgnoreCase));
        Assert.All(figures[false], name => Assert.Matches("cores$|/min$|±", name));
    }

    [Fact]
    public async Task Should_keep_why_a_peer_could_not_be_measured_beside_the_figures_of_the_others()
    {
        var cells = await RunAsync(repeats: 2, [new Load(this, "a") { FailsFor = "ws" }]);
        Assert.Equal(["ws: ws: no"], Comparison.Remarks(cells));
        Assert.Equal([true, true, false], cells.Select(cell => cell.IsWhole));
        Assert.Equal(["ws", "–", "–"], FigureTable.Of(cells, Comparison.Limit).Rows[2]);
    }

    [Fact]
    public async Task Should_not_start_a_peer_for_more_connections_than_it_is_asked_to_hold()
    {
        var cells = await RunAsync(repeats: 1, [new Load(this, "a") { Connections = 11 }]);
        Assert.Equal(["a limit", "a chat"], _runs);
        Assert.All(cells, cell => Assert.True(cell.IsWhole));
        Assert.Equal(["ws: not run with more than 10 connections: it is small"], Comparison.Remarks(cells));
    }

    [Fact]
    public async Task Should_write_every_condition_figure_and_chart_into_the_document()
    {
        var cells = await RunAsync(repeats: 1, [new Load(this, "a"), new Load(this, "b") { FailsFor = "ws" }]);
        var files = BenchmarksDocument.Files(new Comparison(
            "dotnet run", [("machine", "2 cores")], [.. Peers()], [("nats", "nats-server is missing (Debian: nats-server)")], cells));
        Assert.Equal(["BENCHMARKS.md", "images/bench-a-1.svg", "images/bench-b-2.svg"], files.Keys.Order());
        foreach (var expected in new[]
            {
                "`dotnet run`", "- machine: 2 cores", "| `chat` | 1.0 | promises of chat |", "`nats` is left out: nats-server is missing (Debian: nats-server).",
                "![a: speed](images/bench-a-1.svg)", "| chat | 4.0 | 0.80 |", "- ws: ws: no",
            })
            Assert.Contains(expected, files["BENCHMARKS.md"]);
    }

    [Fact]
    public void Should_replace_the_charts_of_an_earlier_comparison_and_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory("chat-docs-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "images"));
            foreach (var name in new[] { "bench-old-9.svg", "chat.png" })
                File.WriteAllText(Path.Combine(folder, "images", name), "");
            BenchmarksDocument.Write(folder, new Dictionary<string, string> { ["BENCHMARKS.md"] = "text", ["images/bench-a-1.svg"] = "chart" });
            Assert.Equal(["bench-a-1.svg", "chat.png"], Directory.GetFiles(Path.Combine(folder, "images")).Select(Path.GetFileName).Order());
            Assert.Equal("text", File.ReadAllText(Path.Combine(folder, "BENCHMARKS.md")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<ComparedPeer> Peers() => [new(new Peer("limit", null), "1.0"), new(new Peer("chat", null), "1.0"), new(new Peer("ws", 10), "1.0")];

    private Task<IReadOnlyList<ComparedCell>> RunAsync(int repeats, IReadOnlyList<IScenario> scenarios) =>
        CompareRun.RunAsync([.. Peers()], scenarios, new CompareSettings(repeats, 1, 0, 120), TextWriter.Null, CancellationToken.None);

    private sealed class Peer(string name, int? most) : IPeer
    {
        public string Name => name;

        public string Guarantees => "promises of " + name;

        public IDialect Dialect { get; } = new BareDialect();

        public (int Most, string Why)? Bound => most is { } bound ? (bound, "it is small") : null;

        public Task<string?> MissingAsync(TextWriter output, CancellationToken cancellation) => Task.FromResult<string?>(null);

        public Task<string> VersionAsync(CancellationToken cancellation) => Task.FromResult("1.0");

        public Task<IRunningPeer> StartAsync(CancellationToken cancellation) => Task.FromResult<IRunningPeer>(new Running(name));
    }

    private sealed class Running(string name) : IRunningPeer
    {
        public string Name => name;

        public int Port => 1;

        public int ProcessId => 1;

        public Task<bool> CollectAsync(CancellationToken cancellation) => Task.FromResult(false);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Load(CompareRunTests test, string name) : IScenario
    {
        public string? FailsFor { get; init; }

        public string Name => name;

        public string Title => name;

        public int Connections { get; init; } = 10;

        public IReadOnlyList<Figure> Figures { get; } = [Speed];

        public Task<Outcome> RunAsync(Trial trial, CancellationToken cancellation)
        {
            var peer = ((Running)trial.Server).Name;
            var run = $"{name} {peer}";
            test._runs.Add(run);
            return peer == FailsFor
                ? throw new BenchException($"{peer}: no")
                : Task.FromResult(new Outcome(new Dictionary<Figure, double> { [Speed] = peer.Length * test._runs.Count(earlier => earlier == run) }, []));
        }
    }
}
