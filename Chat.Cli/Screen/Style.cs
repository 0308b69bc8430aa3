using System.Globalization;
using System.Text;

namespace Chat.Cli.Screen;

/// <summary>How a cell is drawn: colours of the 256, or -1 for the terminal's own.</summary>
internal readonly record struct Style(short Foreground = -1, short Background = -1, bool Bold = false, bool Dim = false)
{
    public static readonly Style Plain = new(-1);

    /// <summary>The escape sequence that sets exactly this.</summary>
    public void AppendTo(StringBuilder output, Palette palette)
    {
        output.Append("\e[0");
        if (Bold)
            output.Append(";1");
        if (Dim)
            output.Append(";2");
        if (Background >= 0 && palette.Depth == ColourDepth.None)
            output.Append(";7");
        palette.Append(output, Foreground, 38);
        palette.Append(output, Background, 48);
        output.Append('m');
    }
}

/// <summary>The colours that the terminal has.</summary>
internal enum ColourDepth
{
    None,
    Sixteen,
    Full,
}

/// <summary>Writes colours as far as the terminal has them.</summary>
internal sealed record Palette(ColourDepth Depth)
{
    /// <summary>What the environment promises; <c>NO_COLOR</c> (no-color.org) wins.</summary>
    public static Palette FromEnvironment(Func<string, string?> variable)
    {
        if (variable("NO_COLOR") is { Length: > 0 })
            return new Palette(ColourDepth.None);
        var term = variable("TERM") ?? "";
        var isFull = term.Contains("256color", StringComparison.Ordinal) || variable("COLORTERM") is { Length: > 0 } || OperatingSystem.IsWindows();
        return new Palette(isFull ? ColourDepth.Full : term is "vt100" or "vt220" or "" ? ColourDepth.None : ColourDepth.Sixteen);
    }

    public void Append(StringBuilder output, short colour, int kind)
    {
        if (colour < 0 || Depth == ColourDepth.None)
            return;
        if (Depth == ColourDepth.Full)
            output.Append(CultureInfo.InvariantCulture, $";{kind};5;{colour}");
        else if (Sixteenth(colour) is var basic && basic < 8)
            output.Append(CultureInfo.InvariantCulture, $";{kind - 8 + basic}");
        else
            output.Append(CultureInfo.InvariantCulture, $";{kind + 52}");
    }

    // The nearest of the first eight, or 8 for dark grey.
    private static int Sixteenth(int colour)
    {
        if (colour < 16)
            return colour % 8;
        if (colour >= 232)
            return colour < 248 ? 8 : 7;
        var (red, green, blue) = ((colour - 16) / 36, (colour - 16) / 6 % 6, (colour - 16) % 6);
        var bar = Math.Max(red, Math.Max(green, blue)) / 2 + 1;
        return (red >= bar ? 1 : 0) + (green >= bar ? 2 : 0) + (blue >= bar ? 4 : 0);
    }
}
