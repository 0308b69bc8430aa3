namespace Chat.Protocol;

/// <summary>A room's only name: folded, and known to keep the rules of names.</summary>
public readonly record struct RoomName : IComparable<RoomName>
{
    private readonly string? _value;

    private RoomName(string value) => _value = value;

    /// <summary>The folded name, 1 to 64 bytes of UTF-8.</summary>
    public string Value => _value ?? "";

    /// <summary>Folds and checks a name from outside; null and a sentence where it breaks a rule.</summary>
    public static RoomName? Parse(string? text, out string problem)
    {
        problem = NameRules.Fault(text, NameRules.Kind.Room, out _, out var folded) ?? "";
        return problem.Length == 0 ? new RoomName(folded) : null;
    }

    /// <summary>A name that is known to be folded already: of this program's own making, or from a server.</summary>
    public static RoomName Trusted(string folded) => new(folded);

    /// <inheritdoc/>
    public int CompareTo(RoomName other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
