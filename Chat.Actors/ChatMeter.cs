using System.Diagnostics.Metrics;

namespace Chat.Actors;

/// <summary>What is counted, for whoever listens to the meter <c>Chat</c>.</summary>
public static class ChatMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Chat";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "chat.refusals", "{refusal}", "Connections and requests that were refused, by the error's code or the option that a connection was refused by.");

    /// <summary>Something was refused: a request, with one of the protocol's error codes, or a connection, by an option.</summary>
    public static void Refused(string reason) => Refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
