using System.Globalization;
using System.Text;

namespace Chat.Cli.Text;

/// <summary>Events as one line of JSON each.</summary>
internal static class SafeJson
{
    /// <summary>
    /// The bytes as they came. A line feed or carriage return in well-formed JSON is only white space between tokens, and
    /// becomes a space, so that an event is one line whoever sent it.
    /// </summary>
    public static ReadOnlyMemory<byte> Line(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOfAny((byte)'\n', (byte)'\r') < 0)
            return json;
        var line = json.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    /// <summary>
    /// The same JSON for a terminal: what would drive it (JSON lets U+007F to U+009F, U+202E and the like stand as they are)
    /// is written <c>\u202e</c>. Such characters can only stand inside strings.
    /// </summary>
    public static ReadOnlyMemory<byte> ForTerminal(ReadOnlyMemory<byte> json)
    {
        var line = Line(json);
        if (line.Span.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0)
            return line;
        var text = Encoding.UTF8.GetString(line.Span);
        var shown = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!CodePoints.IsDriving(rune) || rune.Value == '\t')
            {
                shown.Append(rune);
                continue;
            }
            foreach (var unit in rune.ToString())
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }
        return Encoding.UTF8.GetBytes(shown.ToString());
    }
}
