using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Chat.Actors;

/// <summary>What is counted and measured, for whoever listens to the meter <c>Chat</c>; and the spans of its source of the same name.</summary>
public static class ChatMeter
{
    /// <summary>The meter's name, and that of the source of spans.</summary>
    public const string Name = "Chat";

    private static readonly Meter Meter = new(Name);

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<int> Messages = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] };

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "chat.refusals", "{refusal}", "Connections and requests that were refused, by the error's code, the option that set the limit, or why the connection was closed.");

    private static readonly Counter<long> Published = Meter.CreateCounter<long>("chat.messages.published", "{message}", "Messages that were stored.");
    private static readonly Counter<long> DeliveredMessages = Meter.CreateCounter<long>(
        "chat.messages.delivered", "{message}", "Messages handed to a connection, once for each.");
    private static readonly Counter<long> ReceivedBytes = Meter.CreateCounter<long>("chat.received", "By", "Bytes of requests from WebSocket clients.");
    private static readonly Counter<long> SentBytes = Meter.CreateCounter<long>("chat.sent", "By", "Bytes of frames that WebSocket clients' sockets took.");
    private static readonly Histogram<int> BatchMessages = Meter.CreateHistogram(
        "chat.batch.messages", "{message}", "Messages stored together.", advice: Messages);
    private static readonly Histogram<double> ToStored = Meter.CreateHistogram(
        "chat.publish.stored.duration", "s", "From a publish's arrival in its room's relay until it is stored.", advice: Seconds);
    private static readonly Histogram<double> ToDelivered = Meter.CreateHistogram(
        "chat.publish.delivered.duration", "s", "From a publish's arrival in its room's relay until every member was handed it, or put off as too slow.", advice: Seconds);
    private static readonly Counter<long> Overflows = Meter.CreateCounter<long>(
        "chat.outbox.overflows", "{overflow}", "How often room events were taken out of a full outbox, to be read from history later.");
    private static readonly Counter<long> StorageErrors = Meter.CreateCounter<long>(
        "chat.storage.errors", "{error}", "Logs that couldn't be opened, appended to, synced or read.");
    private static readonly Gauge<int> SessionCount = Meter.CreateGauge<int>("chat.sessions", "{session}", "Sessions: names that are held, those in their grace period too.");
    private static readonly Gauge<int> RoomCount = Meter.CreateGauge<int>("chat.rooms", "{room}", "Rooms that have members or a log.");

    private static readonly Counter<long> ToNodes = Meter.CreateCounter<long>("chat.cluster.sent", "{message}", "Messages sent to actors of other nodes, by the message's type.");
    private static readonly Counter<long> ToNodesAgain = Meter.CreateCounter<long>(
        "chat.cluster.sent.again", "{message}", "Messages sent once more to actors of other nodes, as it isn't known that they arrived, by the message's type.");

    /// <summary>A span from a publish to its delivery, where anybody listens.</summary>
    internal static ActivitySource Spans { get; } = new(Name);

    /// <summary>Whether anybody listens to how long a publish takes.</summary>
    internal static bool IsTimed => ToStored.Enabled || ToDelivered.Enabled;

    /// <summary>
    /// Something was refused: a request, with one of the protocol's error codes; or a connection, by the option that sets the limit, for its
    /// <c>handshake</c>, as one of too many <c>handshakes</c> at once, or with the reason of its close. What is no HTTP request Kestrel refuses and counts by
    /// itself (<c>kestrel.connection.duration</c>, by <c>error.type</c>).
    /// </summary>
    public static void Refused(string reason) => Refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A request came.</summary>
    public static void Received(int bytes) => ReceivedBytes.Add(bytes);

    internal static void Stored(int messages)
    {
        Published.Add(messages);
        BatchMessages.Record(messages);
    }

    internal static void Delivered(long messages) => DeliveredMessages.Add(messages);

    internal static void Sent(int bytes) => SentBytes.Add(bytes);

    internal static void StoredAfter(TimeSpan time) => ToStored.Record(time.TotalSeconds);

    internal static void DeliveredAfter(TimeSpan time) => ToDelivered.Record(time.TotalSeconds);

    internal static void Overflowed() => Overflows.Add(1);

    internal static void StorageFailed() => StorageErrors.Add(1);

    internal static void SentToNode(string type, bool isAgain) => (isAgain ? ToNodesAgain : ToNodes).Add(1, new KeyValuePair<string, object?>("type", type));

    internal static void Sessions(int count) => SessionCount.Record(count);

    internal static void Rooms(int count) => RoomCount.Record(count);
}
