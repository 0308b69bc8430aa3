using System.Globalization;
using System.Net;
using Chat.Actors.History;

namespace Chat.Gateway.Configuration;

/// <summary>
/// One setting: its name on the command line, from which its name in the environment (<c>CHAT_PUBLISH_RATE</c>) and in
/// <c>appsettings.json</c> (<c>Chat:PublishRate</c>) follow, what is allowed, and how it is put into the options.
/// </summary>
public sealed record Setting(string Name, string Default, string Allowed, string Description, Func<GatewayOptions, string, GatewayOptions?> Read)
{
    // Less would be fewer bytes than the messages that stay in any case; more is no exact number in JSON.
    private const long LeastBytes = 1024 * 1024, MostBytes = (1L << 53) - 1;

    /// <summary>The one that <c>verify</c> has too.</summary>
    public static readonly Setting Data = new("data", "history", "the path of a folder", "The folder of the rooms' logs; where it is missing, serving makes it.",
        (options, text) => text.Length > 0 && !text.Contains('\0') ? options with { Data = text } : null);

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        new("host", "127.0.0.1", "an IP address, localhost, or * for all", "The address to listen on.",
            (options, text) => Address(text) is { } host ? options with { Host = host } : null),
        new("port", "8181", "an integer from 0 to 65535 (0: any free one)", "The port to listen on.",
            (options, text) => Integer(text, 0, 65535) is { } port ? options with { Port = (int)port } : null),
        Data,
        new("durability", "always", "always or never",
            "When a message counts as stored: synced to the disk (always), or handed to the operating system (never).",
            (options, text) => text switch
            {
                "always" => options with { Durability = Durability.Always },
                "never" => options with { Durability = Durability.Never },
                _ => null,
            }),
        new("retain-days", "0", "an integer from 0 to 36500 (0: all are kept)",
            "Days after which messages are deleted, by files of at most a tenth of that time.",
            (options, text) => Integer(text, 0, 36_500) is { } days ? options with { RetainDays = (int)days } : null),
        new("retain-bytes", "0", "0 (no bound), or an integer from 1048576 to 9007199254740991",
            "Bytes of messages that each room keeps, by files of at most a tenth of that; the newest 1,000 messages and those of the last 10 minutes stay.",
            (options, text) => (Integer(text, 0, 0) ?? Integer(text, LeastBytes, MostBytes)) is { } bytes ? options with { RetainBytes = bytes } : null),
        new("publish-rate", "10", "a number from 0 to 1000000 (0: no limit)", "Messages a second that a connection may publish, after a burst of twice as many.",
            (options, text) => Number(text, 0, 1_000_000) is { } rate ? options with { PublishRate = rate } : null),
        new("allowed-origins", "", "origins like https://chat.example.org, or null, with commas between them",
            "Origins beside the server's own whose web pages may connect; null is a page opened from a file.",
            (options, text) => Origins(text) is { } origins ? options with { AllowedOrigins = origins } : null),
    ];

    /// <summary>As on the command line.</summary>
    public string Option => "--" + Name;

    /// <summary>As in the environment.</summary>
    public string Variable => "CHAT_" + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>As in a configuration file, below <c>Chat</c>.</summary>
    public string Key => string.Concat(Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static IPAddress? Address(string text) => text switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.IPv6Any,
        // 127.1 or 1 would pass for addresses otherwise.
        _ => IPAddress.TryParse(text, out var address) && (text.Contains(':') || text.Count(c => c == '.') == 3) ? address : null,
    };

    private static long? Integer(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;

    private static double? Number(string text, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : null;

    private static IReadOnlyList<string>? Origins(string text)
    {
        var origins = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return origins.All(IsOrigin) ? origins : null;
    }

    private static bool IsOrigin(string text) =>
        text == "null" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase));
}
