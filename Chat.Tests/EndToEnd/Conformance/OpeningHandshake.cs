using System.Text;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>An opening handshake, right but for what is changed of it (RFC 6455, section 4.1).</summary>
internal sealed record OpeningHandshake
{
    /// <summary>That of the RFC's own example, section 1.3.</summary>
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==", Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private (string Name, string Value)[] Headers { get; init; } =
    [
        ("Host", "127.0.0.1"), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", Key),
    ];

    /// <summary>Its first line.</summary>
    public string Line { get; init; } = "GET /ws HTTP/1.1";

    /// <summary>With these values of a header instead of the one that it has: a line for each, none for none.</summary>
    public OpeningHandshake With(string name, params IEnumerable<string> values) =>
        this with { Headers = [.. Headers.Where(header => header.Name != name), .. values.Select(value => (name, value))] };

    /// <summary>With the same header under a name in another case.</summary>
    public OpeningHandshake InCaseOf(Func<string, string> change) => this with { Headers = [.. Headers.Select(header => (change(header.Name), header.Value))] };

    /// <summary>As it goes over the wire.</summary>
    public override string ToString() =>
        Headers.Aggregate(new StringBuilder(Line + "\r\n"), (text, header) => text.Append($"{header.Name}: {header.Value}\r\n")).Append("\r\n").ToString();
}
