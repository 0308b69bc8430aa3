using System.Globalization;
using System.Text;

namespace Chat.Cli.Text;

/// <summary>What a terminal does with single code points, as far as that matters for showing text of others.</summary>
internal static class CodePoints
{
    // Default_Ignorable_Code_Point (Unicode 17) where the category isn't Cf, and U+FFF9 to U+FFFB with its neighbours.
    private static readonly (int First, int Last)[] Ignorable =
    [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065), (0x3164, 0x3164),
        (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xE0000, 0xE0FFF),
    ];

    // Category Cf, and yet signs that are seen: number and verse marks, and the joiners of hieroglyphs.
    private static readonly (int First, int Last)[] VisibleFormat =
    [
        (0x0600, 0x0605), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891), (0x08E2, 0x08E2), (0x110BD, 0x110BD),
        (0x110CD, 0x110CD), (0x13430, 0x1343F),
    ];

    // Arabic, Syriac and their kin, the scripts of India and South-East Asia, Mongolian: joiners are spelling there.
    private static readonly (int First, int Last)[] Joining =
    [
        (0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0x1A20, 0x1AAF), (0x1B00, 0x1C4F),
        (0xA800, 0xA8FF), (0xA900, 0xAADF), (0xABC0, 0xABFF), (0x10A00, 0x10A5F), (0x11000, 0x11FFF),
    ];

    // Extended_Pictographic, in the rough: whole blocks of symbols.
    private static readonly (int First, int Last)[] Pictographs =
    [
        (0x00A9, 0x00A9), (0x00AE, 0x00AE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139), (0x2190, 0x21FF),
        (0x2300, 0x23FF), (0x24C2, 0x24C2), (0x25A0, 0x27BF), (0x2900, 0x297F), (0x2B00, 0x2BFF), (0x3030, 0x303D),
        (0x3297, 0x3299), (0x1F000, 0x1F1E5), (0x1F200, 0x1F3FA), (0x1F400, 0x1FAFF),
    ];

    /// <summary>Whether it drives the terminal, reorders text or isn't seen.</summary>
    public static bool IsDriving(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => !IsIn(VisibleFormat, rune.Value),
        _ => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF || IsIn(Ignorable, rune.Value),
    };

    /// <summary>Whether it is a picture that joins others into one (👨‍👩‍👧).</summary>
    public static bool IsPictograph(Rune rune) => IsIn(Pictographs, rune.Value);

    /// <summary>Whether it colours the picture before it.</summary>
    public static bool IsSkinTone(Rune rune) => rune.Value is >= 0x1F3FB and <= 0x1F3FF;

    /// <summary>Whether it may stand on a key (1️⃣).</summary>
    public static bool IsKeycap(Rune rune) => rune.Value is '#' or '*' or (>= '0' and <= '9');

    /// <summary>Whether joiners after it are spelling.</summary>
    public static bool TakesJoiners(Rune rune) => IsIn(Joining, rune.Value);

    private static bool IsIn((int First, int Last)[] ranges, int codePoint)
    {
        foreach (var (first, last) in ranges)
        {
            if (codePoint >= first && codePoint <= last)
                return true;
        }
        return false;
    }
}
