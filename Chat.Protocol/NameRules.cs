using System.Text;

namespace Chat.Protocol;

/// <summary>The rules of names: what they may hold, and how two are compared.</summary>
internal static class NameRules
{
    internal enum Kind
    {
        User,
        Room,
    }

    /// <summary>The folded form (NFKC, case folding, NFC); null and a sentence where the name breaks a rule.</summary>
    internal static string? Fold(string? text, Kind kind, out string problem)
    {
        problem = "";
        var what = kind == Kind.User ? "A username" : "A room's name";
        if (string.IsNullOrEmpty(text))
        {
            problem = $"{what} can't be empty.";
            return null;
        }
        return text.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Normalize();
    }
}
