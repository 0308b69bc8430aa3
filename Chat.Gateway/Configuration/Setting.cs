using System.Globalization;
using System.Net;
using Chat.Actors;
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

    /// <summary>The one that the other commands have too.</summary>
    public static readonly Setting Data = new("data", "history", "the path of a folder", "The folder of the rooms' logs; where it is missing, serving makes it.",
        (options, text) => text.Length > 0 && !text.Contains('\0') ? options with { Data = text } : null);

    /// <summary>The one that <c>import</c> and <c>export</c> have too.</summary>
    public static readonly Setting Postgres = new("postgres", "", "a connection string like Host=localhost;Database=chat;Username=chat;Password=...",
        "The PostgreSQL database that has the rooms' logs, instead of the data folder. It shows in `ps`: better give it in the environment.",
        (options, text) => DatabaseAddress.Parse(text) is { } address ? options with { Postgres = address } : null)
    { IsSecret = true };

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        new("host", "127.0.0.1", "an IP address, localhost, or * for all", "The address to listen on.",
            (options, text) => Address(text) is { } host ? options with { Host = host } : null),
        new("port", "8181", "an integer from 0 to 65535 (0: any free one)", "The port to listen on.",
            (options, text) => Integer(text, 0, 65535) is { } port ? options with { Port = (int)port } : null),
        Data,
        Postgres,
        new("durability", "always", "always or never",
            "When a message in a file counts as stored: synced to the disk (always), or handed to the operating system (never).",
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
        Rate("publish-rate", "10", "Messages a second that a connection may publish, after a burst of twice as many.",
            (options, rate) => options with { PublishRate = rate }),
        Rate("join-rate", "10", "Joins a second for each connection, after a burst of ten times as many.",
            (options, rate) => options with { JoinRate = rate }),
        Rate("create-rate", "1", "Rooms a second that one user may make, after a burst of a hundred times as many.",
            (options, rate) => options with { CreateRate = rate }),
        Rate("read-rate", "20", "history, who and rooms requests a second for each connection.", (options, rate) => options with { ReadRate = rate }),
        Rate("frame-rate", "100", "Frames a second that are read of a connection, after a burst of twice as many; what is more waits. One of over 4 KiB counts as several.",
            (options, rate) => options with { FrameRate = rate }),
        Rate("login-rate", "1", "Logins a second for each connection, after a burst of ten times as many.",
            (options, rate) => options with { LoginRate = rate }),
        Rate("address-factor", "50", "How many times as much all connections of one address together may log in, join, publish, make rooms, ask and send.",
            (options, factor) => options with { AddressFactor = factor }),
        Rate("connect-rate", "50", "Connections a second from one address, after a burst of ten times as many.",
            (options, rate) => options with { ConnectRate = rate }),
        Most("max-connections", 100_000, "Connections in all; fewer where the system lets the process open fewer files.",
            (options, most) => options with { MaxConnections = most }),
        Most("max-connections-per-address", 256, "Connections of one address; loopback has no limit.",
            (options, most) => options with { MaxConnectionsPerAddress = most }),
        Most("max-rooms", 100_000, "Rooms in all, those with a log included.", (options, most) => options with { MaxRooms = most }),
        Most("max-rooms-per-user", 1_000, "Rooms that one user may have made since the start.", (options, most) => options with { MaxRoomsPerUser = most }),
        new("max-message-bytes", "65536", "an integer from 1024 to 16777216", "Bytes of one message from a client; a larger one closes with 1009.",
            (options, text) => Integer(text, 1_024, 16 * 1024 * 1024) is { } bytes ? options with { MaxMessageBytes = (int)bytes } : null),
        new("max-message-characters", "4000", "an integer from 1 to 16000", "Characters of one message.",
            (options, text) => Integer(text, 1, 16_000) is { } characters ? options with { MaxMessageCharacters = (int)characters } : null),
        new("max-rooms-per-session", "50", "an integer from 1 to 10000", "Rooms that a session may be in.",
            (options, text) => Integer(text, 1, 10_000) is { } rooms ? options with { MaxRoomsPerSession = (int)rooms } : null),
        new("max-unanswered", "64", "an integer from 1 to 10000", "Requests of a connection that may be unanswered; at this number it isn't read.",
            (options, text) => Integer(text, 1, 10_000) is { } requests ? options with { MaxUnanswered = (int)requests } : null),
        Most("max-malformed", 100, "Malformed frames of a connection within 10 s; then it closes with 1008.",
            (options, most) => options with { MaxMalformed = most }),
        new("grace-seconds", "15, in a cluster 45", "an integer from 0 to 3600", "Seconds that a session waits for its lost connection to come back.",
            (options, text) => Integer(text, 0, 3_600) is { } seconds ? options with { GraceSeconds = (int)seconds } : null),
        new("ping-seconds", "25", "an integer from 2 to 3600", "Seconds of silence after which a client is pinged.",
            (options, text) => Integer(text, 2, 3_600) is { } seconds ? options with { PingSeconds = (int)seconds } : null),
        new("dead-seconds", "60", "an integer from 4 to 7200, and twice --ping-seconds at least",
            "Seconds after which a client is closed of which no byte came (4003), or that took none (4002).",
            (options, text) => Integer(text, 4, 7_200) is { } seconds ? options with { DeadSeconds = (int)seconds } : null),
        Seconds("handshake-seconds", "Seconds from the connection to its first byte, and from there to the end of the handshake.",
            (options, seconds) => options with { HandshakeSeconds = seconds }),
        Seconds("login-seconds", "Seconds from the handshake to an accepted login; then the connection closes with 1008.",
            (options, seconds) => options with { LoginSeconds = seconds }),
        new("outbox-bytes", "1048576", "an integer from 65536 to 1073741824",
            "Bytes that may wait for one connection; past it, it is fed from history at its own pace.",
            (options, text) => Integer(text, 64 * 1024, 1024 * 1024 * 1024) is { } bytes ? options with { OutboxBytes = (int)bytes } : null),
        new("trusted-proxies", "", "addresses or networks like 10.0.0.0/8, with commas between them",
            "Proxies whose X-Forwarded-For says what a client's address is; from anybody else it is ignored.",
            (options, text) => Networks(text) is { } networks ? options with { TrustedProxies = networks } : null),
        new("public-url", "", "origins like https://chat.example.org, with commas between them",
            "Where clients find it by a name, or behind a proxy: requests to another host than this, localhost and the address that it listens on are refused.",
            (options, text) => Origins(text) is { } urls && !urls.Contains("null") ? options with { PublicUrls = urls } : null),
        new("access-token", "", "up to 256 visible ASCII characters",
            "What everybody has to know to come in: a login's token, and a bearer token over HTTP. It shows in `ps`: better give it in the environment or a file.",
            (options, text) => ApiKey.IsSecret(text) ? options with { AccessToken = new Secret(text) } : null)
        { IsSecret = true },
        new("access-token-file", "", "the path of a file", "A file whose one line is the access token.",
            (options, text) => text.Length > 0 ? options with { AccessTokenFile = text } : null),
        new("api-key", "", ApiKey.Allowed + "; several with commas between them, each name once",
            "What lets a program publish over HTTP, as the user of that name, which is reserved for it. Can be given several times.",
            (options, text) => ApiKey.ParseAll(text) is { } keys ? options with { ApiKeys = keys } : null)
        { IsSecret = true, IsList = true },
        new("api-keys-file", "", "the path of a file", "A file with more of them, one a line; lines that begin with # are comments.",
            (options, text) => text.Length > 0 ? options with { ApiKeysFile = text } : null),
        new("certificate", "", "the path of a file", "The server's certificate, with its chain, in PEM, or with its key as PKCS#12 without a password: then it speaks TLS (https, wss). Read again when the file changes.",
            (options, text) => text.Length > 0 ? options with { Certificate = text } : null),
        new("certificate-key", "", "the path of a file", "The certificate's key, in PEM, where that isn't in the same file.",
            (options, text) => text.Length > 0 ? options with { CertificateKey = text } : null),
        new("drain-seconds", "0", "an integer from 0 to 3600", "Seconds over which clients are sent away at the end; 0: all at once.",
            (options, text) => Integer(text, 0, 3_600) is { } seconds ? options with { DrainSeconds = (int)seconds } : null),
        new("metrics", "on", "on or off", "Whether /metrics is served, and what it tells measured.",
            (options, text) => text is "on" or "off" ? options with { Metrics = text == "on" } : null),
        new("allowed-origins", "", "origins like https://chat.example.org, or null, with commas between them",
            "Origins beside the server's own whose web pages may connect; null is a page opened from a file.",
            (options, text) => Origins(text) is { } origins ? options with { AllowedOrigins = origins } : null),
        .. ClusterSettings.All,
    ];

    /// <summary>Its value is not to be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>It may be given several times on the command line; elsewhere it is a list, and is called so.</summary>
    public bool IsList { get; init; }

    /// <summary>As on the command line.</summary>
    public string Option => "--" + Name;

    /// <summary>As in the environment.</summary>
    public string Variable => "CHAT_" + Elsewhere.ToUpperInvariant().Replace('-', '_');

    /// <summary>As in a configuration file, below <c>Chat</c>.</summary>
    public string Key => string.Concat(Elsewhere.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private string Elsewhere => IsList ? Name + "s" : Name;

    private static Setting Rate(string name, string usual, string description, Func<GatewayOptions, double, GatewayOptions> take) =>
        new(name, usual, "a number from 0 to 1000000 (0: no limit)", description,
            (options, text) => Number(text, 0, 1_000_000) is { } rate ? take(options, rate) : null);

    private static Setting Most(string name, int usual, string description, Func<GatewayOptions, int, GatewayOptions> take) =>
        new(name, usual.ToString(CultureInfo.InvariantCulture), "an integer from 0 to 10000000 (0: no limit)", description,
            (options, text) => Integer(text, 0, 10_000_000) is { } most ? take(options, (int)most) : null);

    private static Setting Seconds(string name, string description, Func<GatewayOptions, int, GatewayOptions> take) =>
        new(name, "10", "an integer from 0 to 3600 (0: no limit)", description,
            (options, text) => Integer(text, 0, 3_600) is { } seconds ? take(options, (int)seconds) : null);

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

    private static IReadOnlyList<IPNetwork>? Networks(string text)
    {
        var networks = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(part => part == "localhost" ? ["127.0.0.0/8", "::1"] : new[] { part })
            .Select(Network).ToArray();
        return networks.Any(network => network is null) ? null : [.. networks.Select(network => network!.Value)];
    }

    private static IPNetwork? Network(string text) =>
        text.Contains('/')
            ? Address(text.Split('/')[0]) is not null && IPNetwork.TryParse(text, out var network) ? network : null
            : Address(text) is { } address && text != "*" ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : null;

    private static IReadOnlyList<string>? Origins(string text)
    {
        var origins = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return origins.All(IsOrigin) ? origins : null;
    }

    private static bool IsOrigin(string text) =>
        text == "null" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase));
}
