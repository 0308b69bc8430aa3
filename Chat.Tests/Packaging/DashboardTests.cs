using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Web;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>Whether the dashboard and the alerts ask for metrics that the gateway has.</summary>
public sealed partial class DashboardTests : IDisposable
{
    // Told only once they have happened, and here nothing goes wrong.
    private static readonly string[] OfFaults = ["chat_outbox_overflows_total", "chat_storage_errors_total", "chat_cluster_sent_again_total"];

    // A single gateway has none of them.
    private static readonly string[] OfNodes = ["chat_cluster_members", "chat_cluster_unreachable", "chat_cluster_sent_total"];

    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_ask_for_metrics_and_labels_that_there_are()
    {
        await using var gateway = await GatewayProcess.StartAsync(_data.Path);
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await ana.PublishAsync("general", "hello");
        await ana.SendAsync("join", ("room", ""), ("id", "refused"));
        await ana.AnswerAsync("refused");
        using var web = new WebClient(gateway);
        var text = "";
        // What is measured beside the delivery comes in a moment.
        await Patience.UntilAsync(async () => (text = (await web.GetAsync("/metrics")).Text).Contains("chat_publish_delivered_duration_seconds_bucket", StringComparison.Ordinal), "the metrics");
        var series = Series().Matches(text).Select(match => match.Groups["name"].Value).Concat(OfFaults).Concat(OfNodes).ToHashSet();
        var labels = Label().Matches(text).Select(match => match.Groups["name"].Value).Concat(["job", "instance"]).ToHashSet();

        var dashboard = JsonNode.Parse(Packaged.Document("docs", "grafana.json"))!;
        var panels = dashboard["panels"]!.AsArray();
        var expressions = panels.SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => target!["expr"]!.ToString())
            .Concat(Alert().Matches(Packaged.Document("docs", "OPERATIONS.md")).Select(match => match.Groups["expr"].Value)).ToArray();
        Assert.True(expressions.Length > 15);
        foreach (var expression in expressions)
        {
            var metrics = Metric().Matches(expression).Select(match => match.Value).ToArray();
            Assert.NotEmpty(metrics);
            Assert.All(metrics, metric => Assert.Contains(metric, series));
            var asked = Asked().Matches(expression).Select(match => match.Groups["name"].Value)
                .Concat(By().Matches(expression).SelectMany(match => match.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries)));
            Assert.All(asked, label => Assert.Contains(label, labels));
            Assert.Equal(expression.Count(c => c == '('), expression.Count(c => c == ')'));
        }
        // Each has a place of its own.
        Assert.Distinct(panels.Select(panel => (int)panel!["id"]!));
        Assert.Distinct(panels.Select(panel => ((int)panel!["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)));
        // Of the chat's own, none is forgotten.
        var shown = string.Join(' ', expressions);
        Assert.All(series.Select(name => Suffix().Replace(name, "")).Where(name => name.StartsWith("chat_", StringComparison.Ordinal)), name => Assert.Contains(name, shown));
    }

    public void Dispose() => _data.Dispose();

    [GeneratedRegex(@"^(?<name>[a-z_]+)(?:\{| )", RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex(@"[{,](?<name>[a-z_]+)=""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\b(?:chat|dotnet|kestrel)_[a-z_]+\b")]
    private static partial Regex Metric();

    [GeneratedRegex(@"[{,]\s*(?<name>[a-z_]+)\s*(?:=~|!=|!~|=)")]
    private static partial Regex Asked();

    [GeneratedRegex(@"\bby\s*\((?<names>[^)]*)\)")]
    private static partial Regex By();

    [GeneratedRegex(@"^\s+expr: (?<expr>.+)$", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"_(bucket|sum|count)\z")]
    private static partial Regex Suffix();
}
