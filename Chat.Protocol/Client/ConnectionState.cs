namespace Chat.Protocol.Client;

/// <summary>How a client's connection is doing.</summary>
public enum ConnectionStatus
{
    /// <summary>An attempt to connect and log in is under way.</summary>
    Connecting,

    /// <summary>Logged in.</summary>
    Online,

    /// <summary>The connection is lost; the next attempt is at <see cref="ConnectionState.RetryAt"/>.</summary>
    Waiting,

    /// <summary>Over for good.</summary>
    Closed,
}

/// <summary>The connection as people want to see it.</summary>
/// <param name="Status">What it is doing.</param>
/// <param name="RetryAt">While waiting, when the next attempt starts.</param>
/// <param name="Reason">Why it isn't online, as a sentence.</param>
/// <param name="CloseCode">The code with which the last connection was closed, if a close frame came.</param>
/// <param name="RoundTrip">How long the last <c>ping</c> took.</param>
public sealed record ConnectionState(
    ConnectionStatus Status,
    DateTimeOffset? RetryAt = null,
    string? Reason = null,
    int? CloseCode = null,
    TimeSpan? RoundTrip = null);
