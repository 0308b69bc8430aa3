namespace Chat.Protocol.Client;

/// <summary>What a <see cref="ChatClient"/> needs to know; every default stands beside its property.</summary>
public sealed record ChatClientOptions
{
    /// <summary>The server's WebSocket address: <c>ws://host:port/ws</c> or <c>wss://…</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The name to claim.</summary>
    public required string User { get; init; }

    /// <summary>The access token, where the server asks for one.</summary>
    public string? Token { get; init; }

    /// <summary>Whether a lost connection is made again; without, it ends the client.</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>How long one attempt may take, from the first packet to the <c>welcome</c>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before the first attempt to reconnect; it doubles with each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait before an attempt to reconnect.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After this long without anything from the server the client sends a <c>ping</c>.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>After this long without anything from the server the connection counts as lost.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock and the timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Spreads the waits: gives numbers from 0 up to, not including, 1.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;
}
