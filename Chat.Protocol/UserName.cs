namespace Chat.Protocol;

/// <summary>A username as it was typed, compared by its folded form.</summary>
public readonly record struct UserName
{
    private UserName(string value, string folded) => (Value, Folded) = (value, folded);

    /// <summary>As typed (in NFC), 1 to 32 characters.</summary>
    public string Value { get; }

    /// <summary>What the name is compared by.</summary>
    public string Folded { get; }

    /// <summary>Checks a name from outside; null and a sentence where it breaks a rule.</summary>
    public static UserName? Parse(string? text, out string problem) =>
        NameRules.Fold(text, NameRules.Kind.User, out problem) is { } folded
            ? new UserName(text!.Normalize(), folded)
            : null;

    /// <inheritdoc/>
    public bool Equals(UserName other) => Folded == other.Folded;

    /// <inheritdoc/>
    public override int GetHashCode() => Folded?.GetHashCode(StringComparison.Ordinal) ?? 0;

    /// <inheritdoc/>
    public override string ToString() => Value;
}
