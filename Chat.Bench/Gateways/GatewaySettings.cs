namespace Chat.Bench.Gateways;

/// <summary>How a gateway is started to be measured.</summary>
public sealed record GatewaySettings
{
    /// <summary>The program, as <see cref="GatewayBinary"/> finds it.</summary>
    public required string Program { get; init; }

    /// <summary>The folder of its logs.</summary>
    public required string Data { get; init; }

    /// <summary>As its own option.</summary>
    public string Durability { get; init; } = "always";

    /// <summary>The address.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The network namespace that it runs in; null for this process's.</summary>
    public string? Namespace { get; init; }

    /// <summary>The port; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>A load may do what it likes as often as it likes.</summary>
    public static readonly IReadOnlyList<string> NoLimits = ["--publish-rate", "0", "--frame-rate", "0", "--join-rate", "0", "--create-rate", "0"];

    /// <summary>More of its options.</summary>
    public IReadOnlyList<string> Options { get; init; } = NoLimits;
}
