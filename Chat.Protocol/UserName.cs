namespace Chat.Protocol;

/// <summary>A username as it was typed, compared by its folded form.</summary>
public readonly record struct UserName
{
    private readonly string? _value;
    private readonly string? _folded;

    private UserName(string value, string folded) => (_value, _folded) = (value, folded);

    /// <summary>As typed (in NFC), 1 to 32 characters, each of which the rules allow: fit to be shown.</summary>
    public string Value => _value ?? "";

    /// <summary>What the name is compared by, 1 to 32 characters as well.</summary>
    public string Folded => _folded ?? "";

    /// <summary>Checks a name from outside; null and a sentence where it breaks a rule.</summary>
    public static UserName? Parse(string? text, out string problem)
    {
        problem = NameRules.Fault(text, NameRules.Kind.User, out var typed, out var folded) ?? "";
        return problem.Length == 0 ? new UserName(typed, folded) : null;
    }

    /// <summary>A name that was checked and folded already, where it came in.</summary>
    public static UserName Trusted(string value, string folded) => new(value, folded);

    /// <inheritdoc/>
    public bool Equals(UserName other) => Folded == other.Folded;

    /// <inheritdoc/>
    public override int GetHashCode() => Folded.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
