using System.Net;
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

    /// <summary>When a message is stored.</summary>
    public Durability Durability { get; init; } = Durability.Always;

    /// <summary>Days that messages are kept; 0: for ever.</summary>
    public int RetainDays { get; init; }

    /// <summary>Bytes of messages that each room keeps; 0: no bound.</summary>
    public long RetainBytes { get; init; }

    /// <summary>Publishes a second for each connection, after a burst of twice as many; 0 for no limit.</summary>
    public double PublishRate { get; init; } = 10;

    /// <summary>Origins beside its own whose pages may connect: <c>https://chat.example.org</c>, <c>null</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
