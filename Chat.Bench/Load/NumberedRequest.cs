using System.Globalization;
using System.Text;

namespace Chat.Bench.Load;

/// <summary>A publish that is written into the same bytes again and again: only the number in it changes, by which its sender knows it again.</summary>
public sealed class NumberedRequest
{
    private const int Digits = 12;
    private const string Prefix = "b-";

    /// <summary>What stands for the number where a request is written; ids and texts may both have it.</summary>
    public const string Token = Prefix + "000000000000";

    private static readonly byte[] TokenBytes = Encoding.ASCII.GetBytes(Token);

    private readonly byte[] _bytes;
    private readonly int[] _digitsAt;

    /// <param name="request">With <see cref="Token"/> at least once.</param>
    public NumberedRequest(byte[] request)
    {
        _bytes = request;
        var places = new List<int>();
        for (var at = 0; request.AsSpan(at).IndexOf(TokenBytes) is >= 0 and var found; at += found + TokenBytes.Length)
            places.Add(at + found + Prefix.Length);
        if (places.Count == 0)
            throw new ArgumentException($"The request doesn't have {Token}.", nameof(request));
        _digitsAt = [.. places];
    }

    /// <summary>A text of so many characters that begins with the token; no shorter than that.</summary>
    public static string Text(int characters) => Token + " " + new string('x', Math.Max(0, characters - Token.Length - 1));

    /// <summary>The request with this number; valid until the next.</summary>
    public ReadOnlySpan<byte> Numbered(long number)
    {
        foreach (var at in _digitsAt)
            number.TryFormat(_bytes.AsSpan(at, Digits), out _, "D12", CultureInfo.InvariantCulture);
        return _bytes;
    }

    /// <summary>The first number in a message; -1 where it has none.</summary>
    public static long Number(ReadOnlySpan<byte> message)
    {
        var at = message.IndexOf("b-"u8);
        if (at < 0 || message.Length < at + Prefix.Length + Digits)
            return -1;
        long number = 0;
        foreach (var digit in message.Slice(at + Prefix.Length, Digits))
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return -1;
            number = (number * 10) + (digit - '0');
        }
        return number;
    }
}
