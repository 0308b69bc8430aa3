using System.Buffers;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>
/// The head of an HTTP request (RFC 9112), to the letter: Fleck's own reading of one that is cut short, or wrong in one line, takes as long as two to the
/// power of its headers.
/// </summary>
/// <param name="Method">As sent.</param>
/// <param name="Path">Without escapes; begins with a slash.</param>
/// <param name="Query">From the question mark on; empty where there is none.</param>
/// <param name="Protocol"><c>HTTP/1.1</c> or <c>HTTP/1.0</c>.</param>
/// <param name="Headers">All of them, those sent twice with both values.</param>
internal sealed record RequestHead(string Method, string Path, string Query, string Protocol, IHeaderDictionary Headers)
{
    /// <summary>Bytes that it may have, its end included.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>Headers that it may have.</summary>
    public const int MaxHeaders = 100;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What ends it.</summary>
    public static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    /// <summary>Reads one; null where it is none.</summary>
    /// <param name="bytes">All of it, its <see cref="End"/> included.</param>
    public static RequestHead? Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes[..^End.Length]).Split("\r\n");
        IHeaderDictionary headers = new HeaderDictionary();
        if (lines.Length - 1 > MaxHeaders || !lines.Skip(1).All(line => TryAdd(headers, line)))
            return null;
        return lines[0].Split(' ') is [var method, var target, ("HTTP/1.1" or "HTTP/1.0") and var protocol]
            && IsToken(method)
            && (headers.Host.Count == 1 || (headers.Host.Count == 0 && protocol == HttpProtocol.Http10))
            && PathOf(target) is { } path
            ? new(method, path.Unescaped, path.Query, protocol, headers)
            : null;
    }

    private static bool TryAdd(IHeaderDictionary headers, string line)
    {
        var colon = line.IndexOf(':');
        if (colon < 0 || !IsToken(line.AsSpan(0, colon)) || line.Any(c => c is (< ' ' and not '\t') or '\x7F'))
            return false;
        var name = line[..colon];
        headers[name] = StringValues.Concat(headers[name], line[(colon + 1)..].Trim(' ', '\t'));
        return true;
    }

    private static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(TokenCharacters);

    // A path with or without the server before it (section 3.2).
    private static (string Unescaped, string Query)? PathOf(string target)
    {
        if (target.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;
        if (!target.StartsWith('/'))
        {
            if (!Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                return null;
            target = uri.PathAndQuery;
        }
        var query = target.IndexOf('?') is >= 0 and var at ? at : target.Length;
        return (Uri.UnescapeDataString(target[..query]), target[query..]);
    }
}
