using System.Text;

namespace Chat.Protocol;

/// <summary>
/// The folding of names: NFKC, full case folding (CaseFolding.txt, statuses C and F), NFC. The framework has no case folding:
/// lower case of upper case gives it, character for character, but for those below. They are all the exceptions among the
/// characters of Unicode 14.0, found by comparing each with Python 3.11's <c>str.casefold()</c>; a test holds the outcome for all.
/// </summary>
internal static class NameFolding
{
    /// <summary>
    /// False where the process runs without ICU (<c>InvariantGlobalization</c>, or <c>DOTNET_SYSTEM_GLOBALIZATION_INVARIANT</c>, which
    /// overrides it): there <see cref="string.Normalize()"/> gives any text back as it is, without a word.
    /// </summary>
    public static bool IsAvailable { get; } = "\uFB01".Normalize(NormalizationForm.FormKC) == "fi";

    /// <summary>The folded form; null where it isn't stable, that is, where folding goes on changing it.</summary>
    public static string? Fold(string text)
    {
        // No case of a second round is known.
        const int Rounds = 3;
        for (var round = 0; round < Rounds; round++)
        {
            var folded = FoldOnce(text);
            if (folded == text)
                return folded;
            text = folded;
        }
        return FoldOnce(text) == text ? text : null;
    }

    private static string FoldOnce(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            // İ, and Greek with an iota below: to fold these is to fold their parts.
            if (rune.Value is 0x130 or (>= 0x1F80 and <= 0x1FFC))
            {
                foreach (var part in rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes())
                    Append(folded, part);
            }
            else
            {
                Append(folded, rune);
            }
        }
        return folded.ToString().Normalize();
    }

    private static void Append(StringBuilder folded, Rune rune)
    {
        if (rune.Value is 0xDF or 0x1E9E)
            folded.Append("ss");
        else
            folded.Append(rune.Value switch
            {
                // Cherokee folds to its capitals, which are older than its small letters.
                >= 0x13A0 and <= 0x13F5 => rune,
                >= 0x13F8 and <= 0x13FD => new Rune(rune.Value - 0x13F8 + 0x13F0),
                >= 0xAB70 and <= 0xABBF => new Rune(rune.Value - 0xAB70 + 0x13A0),
                _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)),
            });
    }
}
