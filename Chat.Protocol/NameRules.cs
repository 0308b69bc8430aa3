using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Chat.Protocol;

/// <summary>
/// The rules of names. They hold for a name as it was typed (in NFC), which is what people see of a user, and for its folded
/// form, which is what is compared and what a room is called. Sentences name a character by its number and never repeat it.
/// </summary>
internal static class NameRules
{
    internal enum Kind
    {
        User,
        Room,
    }

    // No name that keeps its limit is longer, however it was decomposed: composing makes at most four characters one. So a
    // longer text is refused before it costs anything.
    private const int LongestInput = 256;

    private const int MarksInARow = 2;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Checks a name from outside: the sentence that says which rule it breaks and what to do, or null.</summary>
    /// <param name="text">What came.</param>
    /// <param name="kind">Sets the limit: a user's 32 characters, both as typed and folded, or a room's 64 bytes, folded.</param>
    /// <param name="typed">The name as typed, in NFC.</param>
    /// <param name="folded">The folded form: folding it again gives it.</param>
    internal static string? Fault(string? text, Kind kind, out string typed, out string folded)
    {
        typed = folded = "";
        if (IsPlain(text, kind == Kind.User ? Limits.UserCharacters : Limits.RoomBytes))
        {
            typed = text;
            folded = text.ToLowerInvariant();
            return null;
        }

        var what = kind == Kind.User ? "A username" : "A room's name";
        var limit = kind == Kind.User ? $"{Limits.UserCharacters} characters" : $"{Limits.RoomBytes} bytes of UTF-8";
        if (string.IsNullOrEmpty(text))
            return $"{what} can't be empty. Give it 1 to {limit}.";
        if (text.Length > LongestInput)
            return $"{what} has at most {limit}. Shorten it.";

        // Normalising throws on half a surrogate pair, so the characters come first.
        if (CharacterFault(text, what) is { } fault)
            return fault;
        if (!NameFolding.IsAvailable && !Ascii.IsValid(text))
            return $"{what} can hold only ASCII on this machine, as .NET runs without ICU here (invariant globalization).";
        typed = text.Normalize();
        if (NameFolding.Fold(typed) is not { } stable)
            return $"{what} has to have one folded form, and this one has none. Choose another.";
        folded = stable;
        return OrderFault(typed, what) ?? FoldedCharacterFault(typed, folded, what) ?? OrderFault(folded, what)
            ?? LengthFault(typed, folded, kind, what) ?? ScriptFault(folded, what);
    }

    // The common case, and most publishes': a name of ASCII that keeps every rule.
    private static bool IsPlain([NotNullWhen(true)] string? text, int most) =>
        !string.IsNullOrEmpty(text) && text.Length <= most && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(Plain);

    private static string? CharacterFault(string text, string what)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
                return $"{what} can't hold {Number(text[i])}, which is half of a surrogate pair. Send well-formed Unicode.";
            if (Refusal(NameCharacters.Classify(rune)) is { } reason)
                return $"{what} can't hold {Number(rune.Value)}{reason}";
            i += rune.Utf16SequenceLength;
        }
        return null;
    }

    // A character may be good and stand for one that isn't, as U+FDFA for several words with spaces.
    private static string? FoldedCharacterFault(string typed, string folded, string what)
    {
        if (CharacterFault(folded, what) is not { } fault)
            return null;
        foreach (var rune in typed.EnumerateRunes())
        {
            foreach (var part in (NameFolding.Fold(rune.ToString()) ?? "").EnumerateRunes())
            {
                if (Refusal(NameCharacters.Classify(part)) is { } reason)
                    return $"{what} can't hold {Number(rune.Value)}, as it stands for {Number(part.Value)}{reason}";
            }
        }
        return fault;
    }

    private static string? Refusal(NameCharacter character) => character switch
    {
        NameCharacter.Ignorable => ", which can't be seen. Leave it out.",
        NameCharacter.Unknown => ", which Unicode 14.0 doesn't have. Leave it out.",
        NameCharacter.Other => ". Use letters, marks, digits, dot, underscore and hyphen.",
        _ => null,
    };

    private static string? OrderFault(string text, string what)
    {
        var marks = 0;
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            var character = NameCharacters.Classify(rune);
            if (isFirst && character is not (NameCharacter.Letter or NameCharacter.Digit))
                return $"{what} can't begin with {Number(rune.Value)}. Begin with a letter or a digit.";
            isFirst = false;
            marks = character == NameCharacter.Mark ? marks + 1 : 0;
            if (marks > MarksInARow)
                return $"{what} can't hold more than {MarksInARow} marks in a row, and {Number(rune.Value)} is one more. Leave it out.";
        }
        return null;
    }

    private static string? LengthFault(string typed, string folded, Kind kind, string what)
    {
        if (kind == Kind.Room)
        {
            var bytes = Encoding.UTF8.GetByteCount(folded);
            return bytes > Limits.RoomBytes ? $"{what} has at most {Limits.RoomBytes} bytes of UTF-8; this one has {bytes}. Shorten it." : null;
        }
        var characters = Math.Max(typed.EnumerateRunes().Count(), folded.EnumerateRunes().Count());
        return characters > Limits.UserCharacters
            ? $"{what} has at most {Limits.UserCharacters} characters, as typed and folded; this one has {characters}. Shorten it."
            : null;
    }

    private static string? ScriptFault(string folded, string what)
    {
        var seen = NameScript.Other;
        foreach (var rune in folded.EnumerateRunes())
        {
            if (NameCharacters.Classify(rune) != NameCharacter.Letter || NameCharacters.ScriptOf(rune) is not (var script and not NameScript.Other))
                continue;
            if (seen != NameScript.Other && script != seen)
                return $"{what} can't mix {seen} and {script} letters, and {Number(rune.Value)} is {script}. Use one of the two.";
            seen = script;
        }
        return null;
    }

    private static string Number(int value) => $"U+{value:X4}";
}
