using System.Buffers;
using System.Globalization;
using System.Text;

namespace Chat.Cli.Text;

/// <summary>
/// Makes text of others fit to be written to a terminal: whatever would drive it, reorder it or stay unseen is shown instead.
/// Control characters become their pictures (<c>␛</c>), all else its code point (<c>&lt;U+202E&gt;</c>).
/// </summary>
internal static class SafeText
{
    // More marks than any script needs on one letter; what comes after would be painted over the neighbouring lines.
    private const int MostMarks = 8;

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const int TextStyle = 0xFE0E;
    private const int EmojiStyle = 0xFE0F;
    private const int KeycapMark = 0x20E3;
    private const int BlackFlag = 0x1F3F4;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    // England, Scotland, Wales: the only flags spelt in tags.
    private static readonly string[] TagFlags = [Tags("gbeng"), Tags("gbsct"), Tags("gbwls")];

    /// <summary>The text as one line that can be written to a terminal as it is.</summary>
    public static string Line(string? text)
    {
        if (string.IsNullOrEmpty(text) || !text.AsSpan().ContainsAnyExcept(Plain))
            return text ?? "";
        var shown = new StringBuilder(text.Length + 16);
        var marks = 0;
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                AppendCode(shown, text[i++]);
                marks = 0;
                continue;
            }
            var before = i;
            i += rune.Utf16SequenceLength;
            if (rune.Value == BlackFlag && TagFlags.FirstOrDefault(flag => string.CompareOrdinal(text, i, flag, 0, flag.Length) == 0) is { } tags)
            {
                shown.Append(text, before, i + tags.Length - before);
                i += tags.Length;
                marks = 0;
                continue;
            }
            if (IsMark(rune))
            {
                if (++marks > MostMarks)
                    AppendCode(shown, rune.Value);
                else
                    AppendMark(shown, rune, text, before);
                continue;
            }
            if (CodePoints.IsDriving(rune) && !IsNeeded(text, before, i, rune.Value))
                AppendShown(shown, rune.Value);
            else
                shown.Append(text, before, rune.Utf16SequenceLength);
            marks = 0;
        }
        return shown.ToString();
    }

    /// <summary>The lines of a text: parted at its line feeds, tabs made spaces, each safe.</summary>
    public static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => Line(line.Replace("\t", "    ", StringComparison.Ordinal)));

    private static bool IsMark(Rune rune) =>
        !CodePoints.IsDriving(rune) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    // A mark with nothing of its own text before it would sit on what the terminal shows to its left.
    private static void AppendMark(StringBuilder shown, Rune mark, string text, int at)
    {
        if (at == 0 || text[at - 1] < ' ')
            shown.Append('\u25CC');
        shown.Append(mark);
    }

    private static void AppendShown(StringBuilder shown, int codePoint)
    {
        if (codePoint < 0x20)
            shown.Append((char)(0x2400 + codePoint));
        else if (codePoint == 0x7F)
            shown.Append('\u2421');
        else
            AppendCode(shown, codePoint);
    }

    private static void AppendCode(StringBuilder shown, int codePoint) =>
        shown.Append(CultureInfo.InvariantCulture, $"<U+{codePoint:X4}>");

    // Joiners and variation selectors are spelling in emoji and in some scripts, and tricks everywhere else.
    private static bool IsNeeded(string text, int before, int after, int codePoint)
    {
        switch (codePoint)
        {
            case EmojiStyle or TextStyle:
                return RuneBefore(text, before) is { } symbol
                    && (CodePoints.IsPictograph(symbol) || (CodePoints.IsKeycap(symbol) && RuneAt(text, after)?.Value == KeycapMark));
            case ZeroWidthJoiner when RuneAt(text, after) is { } next && CodePoints.IsPictograph(next):
                return RuneBefore(text, before) is { } last && (last.Value == EmojiStyle || CodePoints.IsPictograph(last) || CodePoints.IsSkinTone(last));
            case ZeroWidthJoiner or ZeroWidthNonJoiner:
                return RuneBefore(text, before) is { } left && CodePoints.TakesJoiners(left);
            default:
                return false;
        }
    }

    private static Rune? RuneBefore(string text, int index) =>
        index > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, index), out var rune, out _) == OperationStatus.Done ? rune : null;

    private static Rune? RuneAt(string text, int index) => index < text.Length && Rune.TryGetRuneAt(text, index, out var rune) ? rune : null;

    private static string Tags(string letters) =>
        string.Concat(letters.Select(letter => new Rune(0xE0000 + letter).ToString())) + new Rune(0xE007F);
}
