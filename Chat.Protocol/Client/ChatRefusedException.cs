namespace Chat.Protocol.Client;

/// <summary>The server refused a request for good, or the client knows that it would.</summary>
public sealed class ChatRefusedException(string code, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public string Code { get; } = code;

    /// <summary>When it may be tried again, where the server said so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
