using System.Globalization;
using System.Text;
using Chat.Cli.Text;

namespace Chat.Cli.Screen;

/// <summary>A picture in cells, to be drawn into and then written row by row.</summary>
internal sealed class Canvas
{
    private readonly (string Cluster, Style Style)[,] _cells;

    public Canvas(int width, int height)
    {
        (Width, Height) = (width, height);
        _cells = new (string, Style)[height, width];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                _cells[y, x] = (" ", Style.Plain);
        }
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Writes safe text from a cell on, cut at <paramref name="end"/>, and gives the cell after it.</summary>
    public int Put(int x, int y, string text, Style style, int end)
    {
        end = Math.Min(end, Width);
        if (y < 0 || y >= Height)
            return x;
        foreach (var cluster in Cells.Clusters(text))
        {
            var width = Cells.OfCluster(cluster);
            if (x + width > end)
                break;
            _cells[y, x] = (cluster, style);
            for (var i = 1; i < width; i++)
                _cells[y, x + i] = ("", style);
            x += width;
        }
        return x;
    }

    /// <summary>Fills a part of a row.</summary>
    public void Fill(int x, int y, int end, Style style, char with = ' ')
    {
        for (; x < Math.Min(end, Width) && y < Height; x++)
            _cells[y, x] = (with.ToString(), style);
    }

    /// <summary>
    /// A row as a terminal takes it. Terminals differ in the width that they give emoji and marks; so after each such
    /// character the place of the next is told, and the row stays in order even where this one comes out otherwise.
    /// </summary>
    public string Row(int y, Palette palette)
    {
        var output = new StringBuilder(Width * 2);
        MoveTo(output, 0, y);
        Style? style = null;
        for (var x = 0; x < Width; x++)
        {
            var (cluster, wanted) = _cells[y, x];
            if (cluster.Length == 0)
                continue;
            if (style != wanted)
                (style = wanted).Value.AppendTo(output, palette);
            if (!IsDoubtful(cluster))
            {
                output.Append(cluster);
                continue;
            }
            var width = Cells.OfCluster(cluster);
            output.Append(' ', width);
            MoveTo(output, x, y);
            output.Append(cluster);
            MoveTo(output, x + width, y);
        }
        return output.Append("\e[0m").ToString();
    }

    /// <summary>The row's text alone.</summary>
    public string Text(int y) => string.Concat(Enumerable.Range(0, Width).Select(x => _cells[y, x].Cluster)).TrimEnd();

    public Style StyleAt(int x, int y) => _cells[y, x].Style;

    private static bool IsDoubtful(string cluster) => cluster.Length > 1 || (cluster[0] >= 0x1100 && cluster[0] is not (>= (char)0x2010 and <= (char)0x259F));

    private static void MoveTo(StringBuilder output, int x, int y) => output.Append(CultureInfo.InvariantCulture, $"\e[{y + 1};{x + 1}H");
}
