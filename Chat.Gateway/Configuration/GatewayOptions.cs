using System.Net;
using Chat.Actors;
using Chat.Actors.History;

namespace Chat.Gateway.Configuration;

/// <summary>Every setting of the daemon, with its default.</summary>
public sealed record GatewayOptions
{
    /// <summary>The address that it listens on.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for any free one.</summary>
    public int Port { get; init; } = 8181;

    /// <summary>The folder of the rooms' logs.</summary>
    public string Data { get; init; } = "history";

    /// <summary>The database that has them instead; null: files.</summary>
    public DatabaseAddress? Postgres { get; init; }

    /// <summary>When a message is stored.</summary>
    public Durability Durability { get; init; } = Durability.Always;

    /// <summary>Days that messages are kept; 0: for ever.</summary>
    public int RetainDays { get; init; }

    /// <summary>Bytes of messages that each room keeps; 0: no bound.</summary>
    public long RetainBytes { get; init; }

    /// <summary>Publishes a second for each connection, after a burst of twice as many; 0 for no limit.</summary>
    public double PublishRate { get; init; } = 10;

    /// <summary>Connections in all; 0 for no limit.</summary>
    public int MaxConnections { get; init; } = 100_000;

    /// <summary>Connections of one address; 0 for no limit. Loopback has none.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 256;

    /// <summary>Connections a second from one address, after a burst of ten times as many; 0 for no limit.</summary>
    public double ConnectRate { get; init; } = 50;

    /// <summary>Frames a second that are read of a connection, after a burst of twice as many; 0 for no limit.</summary>
    public double FrameRate { get; init; } = 100;

    /// <summary>Logins a second for each connection, after a burst of ten times as many; 0 for no limit.</summary>
    public double LoginRate { get; init; } = 1;

    /// <summary>Joins a second for each connection, after a burst of ten times as many; 0 for no limit.</summary>
    public double JoinRate { get; init; } = 10;

    /// <summary><c>history</c>, <c>who</c> and <c>rooms</c> a second for each connection; 0 for no limit.</summary>
    public double ReadRate { get; init; } = 20;

    /// <summary>How many times as much all connections of an address together may log in, join, publish, make rooms, ask and send; 0 for no limit.</summary>
    public double AddressFactor { get; init; } = 50;

    /// <summary>Rooms in all, those with a log included; 0 for no limit.</summary>
    public int MaxRooms { get; init; } = 100_000;

    /// <summary>Rooms that one user may make; 0 for no limit.</summary>
    public int MaxRoomsPerUser { get; init; } = 1_000;

    /// <summary>Rooms a second that one user may make, after a burst of a hundred times as many; 0 for no limit.</summary>
    public double CreateRate { get; init; } = 1;

    /// <summary>Bytes of one message from a client.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>Characters (Unicode scalars) of one message.</summary>
    public int MaxMessageCharacters { get; init; } = 4_000;

    /// <summary>Rooms that a session may be in.</summary>
    public int MaxRoomsPerSession { get; init; } = 50;

    /// <summary>Requests of a connection that may be unanswered; at this number it isn't read.</summary>
    public int MaxUnanswered { get; init; } = 64;

    /// <summary>Malformed frames within 10 s that close a connection; 0 for no limit.</summary>
    public int MaxMalformed { get; init; } = 100;

    /// <summary>Seconds that a session waits for its lost connection to come back.</summary>
    public int GraceSeconds { get; init; } = 15;

    /// <summary>Seconds of silence after which a client is pinged.</summary>
    public int PingSeconds { get; init; } = 25;

    /// <summary>Seconds after which a client of which no byte came, or that took none, is closed.</summary>
    public int DeadSeconds { get; init; } = 60;

    /// <summary>Seconds from the connection to its first byte, and from there to the end of the handshake; 0 for no limit.</summary>
    public int HandshakeSeconds { get; init; } = 10;

    /// <summary>Seconds from the handshake to an accepted login; 0 for no limit.</summary>
    public int LoginSeconds { get; init; } = 10;

    /// <summary>Bytes that may wait for one connection before it is fed from history.</summary>
    public int OutboxBytes { get; init; } = 1024 * 1024;

    /// <summary>Proxies whose <c>X-Forwarded-For</c> is believed: addresses, or networks like <c>10.0.0.0/8</c>.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Where clients find it behind a proxy, or by a name: origins like <c>https://chat.example.org</c>.</summary>
    public IReadOnlyList<string> PublicUrls { get; init; } = [];

    /// <summary>What everybody has to know to come in; null: nothing.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>A file with that.</summary>
    public string? AccessTokenFile { get; init; }

    /// <summary>Who may publish over HTTP.</summary>
    public IReadOnlyList<ApiKey> ApiKeys { get; init; } = [];

    /// <summary>A file with more of them.</summary>
    public string? ApiKeysFile { get; init; }

    /// <summary>The server's certificate with its chain, in PEM, or with its key as PKCS#12; null: no TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its key, in PEM; null where it is in the same file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Seconds over which clients are sent away at the end; 0 for all at once.</summary>
    public int DrainSeconds { get; init; }

    /// <summary>Whether <c>/metrics</c> is served, and all that it tells measured.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Origins beside its own whose pages may connect: <c>https://chat.example.org</c>, <c>null</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
