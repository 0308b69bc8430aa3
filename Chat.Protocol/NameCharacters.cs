using System.Globalization;
using System.Text;

namespace Chat.Protocol;

/// <summary>What a character is to the rules of names.</summary>
internal enum NameCharacter
{
    /// <summary>Category L.</summary>
    Letter,

    /// <summary>Category M.</summary>
    Mark,

    /// <summary>Category Nd. Letter-like and other numbers (Ⅷ, ², ½) are no digits here.</summary>
    Digit,

    /// <summary><c>.</c> <c>_</c> <c>-</c></summary>
    Joint,

    /// <summary>Default_Ignorable_Code_Point: shown as nothing, so that two names could look the same.</summary>
    Ignorable,

    /// <summary>Not assigned in Unicode 14.0.</summary>
    Unknown,

    /// <summary>Any other: white space, punctuation, symbols, emoji, private use.</summary>
    Other,
}

/// <summary>The scripts whose letters look alike.</summary>
internal enum NameScript
{
    Other,
    Latin,
    Greek,
    Cyrillic,
}

/// <summary>
/// The characters of Unicode 14.0 as names need them. A name is a folder's name and has to fold alike on every machine and for
/// ever; Unicode promises that for what is assigned, but a runtime or an ICU older than a character leaves it as it is. So what
/// came later (this runtime knows 16.0) is refused. The tables hold pairs of first and last code point. They were made with
/// Perl 5.36 (Unicode 14.0) from <c>\p{Default_Ignorable_Code_Point}</c> and <c>\p{Script=…}</c> with <c>\p{L}</c>, and with
/// Python 3.11's <c>unicodedata</c> (14.0) against .NET 10's categories; a pair spans what isn't a letter, or isn't assigned.
/// </summary>
internal static class NameCharacters
{
    public static NameCharacter Classify(Rune rune)
    {
        if (rune.IsAscii)
            return char.IsAsciiLetter((char)rune.Value) ? NameCharacter.Letter
                : char.IsAsciiDigit((char)rune.Value) ? NameCharacter.Digit
                : rune.Value is '.' or '_' or '-' ? NameCharacter.Joint
                : NameCharacter.Other;
        if (IsIn(Ignorable, rune.Value))
            return NameCharacter.Ignorable;
        if (IsIn(LaterThanUnicode14, rune.Value))
            return NameCharacter.Unknown;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter => NameCharacter.Letter,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark => NameCharacter.Mark,
            UnicodeCategory.DecimalDigitNumber => NameCharacter.Digit,
            UnicodeCategory.OtherNotAssigned => NameCharacter.Unknown,
            _ => NameCharacter.Other,
        };
    }

    /// <summary>The script of a letter.</summary>
    public static NameScript ScriptOf(Rune letter) =>
        IsIn(Latin, letter.Value) ? NameScript.Latin
        : IsIn(Greek, letter.Value) ? NameScript.Greek
        : IsIn(Cyrillic, letter.Value) ? NameScript.Cyrillic
        : NameScript.Other;

    private static bool IsIn(ReadOnlySpan<int> pairs, int value)
    {
        var at = pairs.BinarySearch(value);
        // Found: a bound. Not found: inside where the next bound up is a last one.
        return at >= 0 || (~at & 1) == 1;
    }

    private static ReadOnlySpan<int> Ignorable =>
    [
        0xAD, 0xAD, 0x34F, 0x34F, 0x61C, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F, 0x200B, 0x200F, 0x202A, 0x202E,
        0x2060, 0x206F, 0x3164, 0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFEFF, 0xFFA0, 0xFFA0, 0xFFF0, 0xFFF8, 0x1BCA0, 0x1BCA3,
        0x1D173, 0x1D17A, 0xE0000, 0xE0FFF,
    ];

    // Letters, marks and digits of Unicode 16.0 that 14.0 lacks.
    private static ReadOnlySpan<int> LaterThanUnicode14 =>
    [
        0x897, 0x897, 0xCF3, 0xCF3, 0xECE, 0xECE, 0x1C89, 0x1C8A, 0xA7CB, 0xA7CD, 0xA7DA, 0xA7DC, 0x105C0, 0x105F3,
        0x10D40, 0x10D85, 0x10EC2, 0x10EFF, 0x1123F, 0x11241, 0x11380, 0x113E2, 0x116D0, 0x116E3, 0x11BC0, 0x11BF9,
        0x11F00, 0x11F5A, 0x1342F, 0x143FA, 0x16100, 0x16139, 0x16D40, 0x16D79, 0x18CFF, 0x18CFF, 0x1B132, 0x1B132,
        0x1B155, 0x1B155, 0x1CCF0, 0x1CCF9, 0x1DF25, 0x1DF2A, 0x1E030, 0x1E08F, 0x1E4D0, 0x1E5FA, 0x2B739, 0x2B739,
        0x2EBF0, 0x2EE5D, 0x31350, 0x323AF,
    ];

    private static ReadOnlySpan<int> Latin =>
    [
        0x41, 0xAA, 0xBA, 0x2B8, 0x2E0, 0x2E4, 0x1D00, 0x1D25, 0x1D2C, 0x1D5C, 0x1D62, 0x1D65, 0x1D6B, 0x1D77, 0x1D79, 0x1DBE,
        0x1E00, 0x1EFF, 0x2071, 0x209C, 0x212A, 0x212B, 0x2132, 0x2132, 0x214E, 0x2184, 0x2C60, 0x2C7F, 0xA722, 0xA787,
        0xA78B, 0xA7FF, 0xAB30, 0xAB64, 0xAB66, 0xAB69, 0xFB00, 0xFB06, 0xFF21, 0xFF5A, 0x10780, 0x107BA, 0x1DF00, 0x1DF1E,
    ];

    private static ReadOnlySpan<int> Greek =>
    [
        0x370, 0x373, 0x376, 0x3E1, 0x3F0, 0x3FF, 0x1D26, 0x1D2A, 0x1D5D, 0x1D61, 0x1D66, 0x1D6A, 0x1DBF, 0x1DBF,
        0x1F00, 0x1FFC, 0x2126, 0x2126, 0xAB65, 0xAB65,
    ];

    private static ReadOnlySpan<int> Cyrillic =>
    [
        0x400, 0x52F, 0x1C80, 0x1C88, 0x1D2B, 0x1D2B, 0x1D78, 0x1D78, 0xA640, 0xA69D,
    ];
}
