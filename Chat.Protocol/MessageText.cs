namespace Chat.Protocol;

/// <summary>The rules of a message's text.</summary>
public static class MessageText
{
    /// <summary>The text as it is stored: trimmed of white space (Unicode's White_Space); null, with an error's code and sentence, where it breaks a rule.</summary>
    /// <param name="text">What was sent.</param>
    /// <param name="maxCharacters">The most Unicode scalars after trimming.</param>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="problem">What to do about it.</param>
    public static string? Check(string text, int maxCharacters, out string code, out string problem)
    {
        code = problem = "";
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
            return Refuse(ErrorCodes.EmptyMessage, "The message is empty. Write something.", out code, out problem);
        var characters = 0;
        for (var i = 0; i < trimmed.Length; i++, characters++)
        {
            var c = trimmed[i];
            if (char.IsControl(c) && c is not ('\n' or '\t'))
                return Refuse(
                    ErrorCodes.BadRequest,
                    $"The message holds the control character U+{(int)c:X4}. Only line feed and tab are allowed.",
                    out code, out problem);
            if (!char.IsSurrogate(c))
                continue;
            if (i + 1 == trimmed.Length || !char.IsSurrogatePair(c, trimmed[i + 1]))
                return Refuse(ErrorCodes.BadRequest, "The message holds half a surrogate pair. Send well-formed Unicode.", out code, out problem);
            i++;
        }
        return characters <= maxCharacters
            ? trimmed
            : Refuse(
                ErrorCodes.MessageTooLong,
                $"The message has {characters} characters; at most {maxCharacters} are allowed. Shorten it or split it.",
                out code, out problem);
    }

    private static string? Refuse(string refusedCode, string sentence, out string code, out string problem)
    {
        (code, problem) = (refusedCode, sentence);
        return null;
    }
}
