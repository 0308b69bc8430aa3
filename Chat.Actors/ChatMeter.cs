using System.Diagnostics.Metrics;

namespace Chat.Actors;

/// <summary>What is counted, for whoever listens to the meter <c>Chat</c>.</summary>
public static class ChatMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Chat";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "chat.refusals", "{refusal}", "Connections and requests that were refused, by the error's code, the option that set the limit, or why the connection was closed.");

    /// <summary>
    /// Something was refused: a request, with one of the protocol's error codes; or a connection, by the option that sets the limit, for its
    /// <c>handshake</c>, as one of too many <c>handshakes</c> at once, or with the reason of its close. What is no HTTP request Kestrel refuses and counts by
    /// itself (<c>kestrel.connection.duration</c>, by <c>error.type</c>).
    /// </summary>
    public static void Refused(string reason) => Refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
