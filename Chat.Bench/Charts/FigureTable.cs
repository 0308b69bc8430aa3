using System.Globalization;
using Chat.Bench.Measures;
using Chat.Bench.Runs;
using Chat.Bench.Scenarios;

namespace Chat.Bench.Charts;

/// <summary>The figures of one scenario: a head, and a row for each peer, each cell a median and the least and the most.</summary>
/// <param name="Head">The columns' names.</param>
/// <param name="Rows">As many cells each.</param>
public sealed record FigureTable(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const string Nothing = "–";

    /// <summary>Of the cells of one scenario; ratios are to the medians of the peer that is named, where it has them.</summary>
    public static FigureTable Of(IReadOnlyList<ComparedCell> cells, string limit)
    {
        var figures = cells[0].Scenario.Figures;
        var atLimit = cells.FirstOrDefault(cell => cell.Peer == limit);
        double? Limit(Figure figure) => figure.HasRatio && atLimit?.Of(figure) is { Median: > 0 } values ? values.Median : null;
        return new FigureTable(
            ["peer", .. figures.SelectMany(figure => Limit(figure) is null ? [figure.Name] : new[] { figure.Name, $"× {limit}" })],
            [.. cells.Select(cell => (IReadOnlyList<string>)[cell.Peer, .. figures.SelectMany(figure => Cells(figure, cell, Limit(figure)))])]);
    }

    /// <summary>A median, and where there are several values, the least and the most.</summary>
    public static string Spread(Percentiles? values, string format)
    {
        if (values is null)
            return Nothing;
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return values.Count == 1 ? Text(values.Median) : $"{Text(values.Median)} ({Text(values.Min)} to {Text(values.Max)})";
    }

    /// <summary>In columns, for a terminal.</summary>
    public IEnumerable<string> ToText()
    {
        var widths = Head.Select((head, column) => Math.Max(head.Length, Rows.Max(row => row[column].Length))).ToArray();
        return Rows.Prepend(Head).Select(row =>
            "  " + row[0].PadRight(widths[0]) + string.Concat(row.Skip(1).Select((cell, column) => "   " + cell.PadLeft(widths[column + 1]))));
    }

    /// <summary>As Markdown.</summary>
    public IEnumerable<string> ToMarkdown() =>
    [
        Line(Head),
        Line(Head.Select((_, column) => column == 0 ? "---" : "--:")),
        .. Rows.Select(Line),
    ];

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static IEnumerable<string> Cells(Figure figure, ComparedCell cell, double? limit)
    {
        var values = cell.Of(figure);
        yield return Spread(values, figure.Format);
        if (limit is not null)
            yield return values is null ? Nothing : (values.Median / limit.Value).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
