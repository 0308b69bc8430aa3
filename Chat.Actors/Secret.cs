using System.Security.Cryptography;
using System.Text;

namespace Chat.Actors;

/// <summary>A secret that others have to know: compared in constant time, and never shown.</summary>
public sealed class Secret(string text)
{
    private readonly byte[] _hash = Hash(text);

    /// <summary>Whether that is it; null isn't.</summary>
    public bool Is(string? candidate) => candidate is not null && CryptographicOperations.FixedTimeEquals(Hash(candidate), _hash);

    /// <inheritdoc/>
    public override string ToString() => "(secret)";

    // Of one length, whatever the text's.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
