using System.Globalization;
using System.Text;
using Wcwidth;

namespace Chat.Cli.Text;

/// <summary>How much room text takes on a screen of cells. For safe text: see <see cref="SafeText"/>.</summary>
internal static class Cells
{
    private const int EmojiStyle = 0xFE0F;

    // Part of the character before them, and yet with a cell of their own.
    private const int HalfWidthVoiced = 0xFF9E, HalfWidthSemiVoiced = 0xFF9F;

    /// <summary>The cells of one user-perceived character.</summary>
    public static int OfCluster(ReadOnlySpan<char> cluster)
    {
        if (cluster.Length == 1 && cluster[0] < 0x7F)
            return 1;
        var (width, marks) = (0, 0);
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (rune.Value == EmojiStyle)
                return 2;
            if (rune.Value is HalfWidthVoiced or HalfWidthSemiVoiced)
                marks++;
            else
                width = Math.Max(width, UnicodeCalculator.GetWidth(rune.Value));
        }
        return Math.Max(width + marks, 1);
    }

    /// <summary>The cells of a text.</summary>
    public static int Of(string text)
    {
        var width = 0;
        foreach (var cluster in Clusters(text))
            width += OfCluster(cluster);
        return width;
    }

    /// <summary>The user-perceived characters of a text.</summary>
    public static IEnumerable<string> Clusters(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, i);
            yield return text.Substring(i, length);
            i += length;
        }
    }

    /// <summary>The text cut to so many cells, with an ellipsis where something was cut.</summary>
    public static string Clip(string text, int cells)
    {
        if (text.Length <= cells && Of(text) <= cells)
            return text;
        if (cells <= 0)
            return "";
        var clipped = new StringBuilder();
        var width = 0;
        var whole = true;
        foreach (var cluster in Clusters(text))
        {
            var next = OfCluster(cluster);
            if (width + next > cells - 1)
            {
                whole = clipped.Length + cluster.Length == text.Length && width + next <= cells;
                if (whole)
                    clipped.Append(cluster);
                break;
            }
            clipped.Append(cluster);
            width += next;
        }
        return whole ? clipped.ToString() : clipped.Append('…').ToString();
    }

    /// <summary>As much of the end of a text as fits into so many cells.</summary>
    public static string Tail(string text, int cells)
    {
        var (start, width) = (0, 0);
        var widths = new Queue<(int Length, int Width)>();
        for (var end = 0; end < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, end);
            var next = OfCluster(text.AsSpan(end, length));
            widths.Enqueue((length, next));
            end += length;
            width += next;
            while (width > cells && widths.TryDequeue(out var first))
            {
                start += first.Length;
                width -= first.Width;
            }
        }
        return text[start..];
    }

    /// <summary>The text parted into lines of so many cells, at spaces where there are some.</summary>
    public static List<string> Wrap(string text, int cells)
    {
        cells = Math.Max(cells, 2);
        var lines = new List<string>();
        var line = new StringBuilder();
        var (width, lastSpace) = (0, -1);
        foreach (var cluster in Clusters(text))
        {
            var next = OfCluster(cluster);
            if (width + next > cells)
            {
                if (cluster == " ")
                {
                    Break(line.Length);
                    continue;
                }
                Break(lastSpace >= 0 ? lastSpace + 1 : line.Length);
            }
            line.Append(cluster);
            width += next;
            if (cluster == " ")
                lastSpace = line.Length - 1;
        }
        lines.Add(line.ToString());
        return lines;

        void Break(int at)
        {
            lines.Add(line.ToString(0, at).TrimEnd(' '));
            line.Remove(0, at);
            (width, lastSpace) = (Of(line.ToString()), -1);
        }
    }
}
