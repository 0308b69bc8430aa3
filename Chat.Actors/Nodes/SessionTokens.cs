using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Chat.Actors.Nodes;

/// <summary>
/// Tokens that resume sessions, and that any node can check: the session's number, and an HMAC-SHA-256 of it (RFC 2104), cut to 128 bits, under a secret that all nodes
/// have.
/// </summary>
public sealed class SessionTokens(byte[] secret)
{
    private const int NumberBytes = sizeof(long);
    private const int MacBytes = 16;

    /// <summary>A session's.</summary>
    public string Of(SessionId session)
    {
        Span<byte> token = stackalloc byte[NumberBytes + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(token, session.Value);
        HMACSHA256.HashData(secret, token[..NumberBytes], token[NumberBytes..]);
        return Convert.ToHexStringLower(token[..(NumberBytes + MacBytes)]);
    }

    /// <summary>The session that a token is of; null where it is none of ours.</summary>
    public SessionId? Read(string token)
    {
        if (token.Length != 2 * (NumberBytes + MacBytes))
            return null;
        Span<byte> bytes = stackalloc byte[NumberBytes + MacBytes];
        if (Convert.FromHexString(token, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return null;
        var session = new SessionId(BinaryPrimitives.ReadInt64BigEndian(bytes));
        return CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(token), System.Text.Encoding.ASCII.GetBytes(Of(session))) ? session : null;
    }
}
