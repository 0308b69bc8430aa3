using System.Globalization;
using System.Net;
using System.Text;

namespace Chat.Bench.Charts;

/// <summary>One bar: how long it is, and from where to where its value went.</summary>
/// <param name="Label">At its left.</param>
/// <param name="Text">At its right.</param>
/// <param name="Value">Not negative.</param>
/// <param name="Min">The least that it was.</param>
/// <param name="Max">The most that it was.</param>
/// <param name="IsOurs">Whether it stands out.</param>
public sealed record Bar(string Label, string Text, double Value, double Min, double Max, bool IsOurs);

/// <summary>A chart of bars from left to right as SVG: on any background, as its colours follow the reader's light or dark.</summary>
public static class BarChart
{
    private const int Width = 820, LabelWidth = 110, TextWidth = 300, Top = 44, RowHeight = 28, BarHeight = 16, Bottom = 12;
    private const int MostBar = Width - LabelWidth - TextWidth;

    /// <summary>The whole file. A value that is no finite number is drawn as none.</summary>
    public static string Draw(string title, IReadOnlyList<Bar> bars)
    {
        var height = Top + (bars.Count * RowHeight) + Bottom;
        var most = bars.Select(bar => Math.Max(Finite(bar.Value), Finite(bar.Max))).DefaultIfEmpty().Max();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" role="img">
            <title>{Escape(title)}</title>
            <style>
            text {"{"} font: 13px system-ui, sans-serif; fill: #24292f; {"}"}
            .title {"{"} font-weight: 600; {"}"}
            .ours {"{"} fill: #1a7f64; {"}"}
            .other {"{"} fill: #8c959f; {"}"}
            .spread {"{"} stroke: #24292f; stroke-width: 1.5; {"}"}
            @media (prefers-color-scheme: dark) {"{"}
            text {"{"} fill: #e6edf3; {"}"}
            .ours {"{"} fill: #3fb992; {"}"}
            .other {"{"} fill: #6e7681; {"}"}
            .spread {"{"} stroke: #e6edf3; {"}"}
            {"}"}
            </style>
            <text class="title" x="8" y="24">{Escape(title)}</text>

            """);
        for (var i = 0; i < bars.Count; i++)
            Draw(svg, bars[i], Top + (i * RowHeight), most);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Draw(StringBuilder svg, Bar bar, int y, double most)
    {
        double Length(double value) => most > 0 ? Math.Clamp(Finite(value) / most, 0, 1) * MostBar : 0;
        var (middle, from, to) = (y + (BarHeight / 2), LabelWidth + Length(bar.Min), LabelWidth + Length(bar.Max));
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{LabelWidth - 8}" y="{middle + 5}" text-anchor="end">{Escape(bar.Label)}</text>
            <rect class="{(bar.IsOurs ? "ours" : "other")}" x="{LabelWidth}" y="{y}" width="{Length(bar.Value):0.0}" height="{BarHeight}"/>

            """);
        if (to - from >= 1)
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line class="spread" x1="{from:0.0}" y1="{middle}" x2="{to:0.0}" y2="{middle}"/>

                """);
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{LabelWidth + Math.Max(Length(bar.Value), Length(bar.Max)) + 8:0.0}" y="{middle + 5}">{Escape(bar.Text)}</text>

            """);
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
