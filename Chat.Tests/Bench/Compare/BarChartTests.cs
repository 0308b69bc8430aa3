using System.Globalization;
using System.Xml.Linq;
using Chat.Bench.Charts;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class BarChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Should_draw_bars_as_long_as_their_values()
    {
        var chart = XDocument.Parse(BarChart.Draw("fanout", [new("chat", "200", 200, 150, 250, true), new("ws", "100", 100, 100, 100, false)]));
        var bars = chart.Descendants(Svg + "rect").ToArray();
        Assert.Equal(["ours", "other"], bars.Select(bar => bar.Attribute("class")!.Value));
        Assert.Equal(2, Number(bars[0], "width") / Number(bars[1], "width"), 2);
        var spread = Assert.Single(chart.Descendants(Svg + "line"));
        Assert.Equal(0.5 * Number(bars[0], "width"), Number(spread, "x2") - Number(spread, "x1"), 0);
        Assert.Equal(["fanout", "chat", "200", "ws", "100"], chart.Descendants(Svg + "text").Select(text => text.Value));
    }

    [Fact]
    public void Should_keep_all_of_it_within_the_picture_and_each_bar_in_a_row_of_its_own()
    {
        var chart = XDocument.Parse(BarChart.Draw("t", [.. Enumerable.Range(1, 8).Select(i => new Bar($"peer{i}", "x", i * 1e9, 0, i * 1e9, false))]));
        var (width, height) = (Number(chart.Root!, "width"), Number(chart.Root!, "height"));
        Assert.All(chart.Descendants(Svg + "rect"), bar => Assert.True(Number(bar, "x") + Number(bar, "width") < width && Number(bar, "y") + Number(bar, "height") < height));
        Assert.Equal(8, chart.Descendants(Svg + "rect").Select(bar => bar.Attribute("y")!.Value).Distinct().Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Should_draw_no_bar_where_there_is_no_number(double value)
    {
        var bar = XDocument.Parse(BarChart.Draw("t", [new("none", "–", value, value, value, false)])).Descendants(Svg + "rect").Single();
        Assert.Equal(0, Number(bar, "width"));
    }

    [Fact]
    public void Should_write_text_as_text_and_colours_for_light_and_dark()
    {
        var text = BarChart.Draw("a < b & \"c\"", []);
        Assert.Equal("a < b & \"c\"", XDocument.Parse(text).Descendants(Svg + "title").Single().Value);
        Assert.Contains("prefers-color-scheme: dark", text);
    }

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
