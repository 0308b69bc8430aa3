using System.Diagnostics;
using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>A publish under way, as far as it is measured: when it came, and its span.</summary>
internal readonly record struct PublishTimer(long CameAt, Activity? Span)
{
    private const string SpanName = "publish";

    /// <summary>One came.</summary>
    public static PublishTimer Start(RoomName room, string id)
    {
        var span = ChatMeter.Spans.StartActivity(SpanName, ActivityKind.Producer);
        if (span is not null)
        {
            span.SetTag("chat.room", room.Value).SetTag("chat.message.id", id);
            // What else this thread does is none of it.
            Activity.Current = null;
        }
        return new(span is not null || ChatMeter.IsTimed ? Stopwatch.GetTimestamp() : 0, span);
    }

    /// <summary>It is stored.</summary>
    public void Stored()
    {
        if (CameAt == 0)
            return;
        ChatMeter.StoredAfter(Stopwatch.GetElapsedTime(CameAt));
        Span?.AddEvent(new ActivityEvent("stored"));
    }

    /// <summary>Every member had it.</summary>
    public void Delivered()
    {
        if (CameAt == 0)
            return;
        ChatMeter.DeliveredAfter(Stopwatch.GetElapsedTime(CameAt));
        Span?.Dispose();
    }

    /// <summary>It came to nothing.</summary>
    public void Refused(string code)
    {
        Span?.SetStatus(ActivityStatusCode.Error, code);
        Span?.Dispose();
    }
}

/// <summary>The publishes that are stored and not yet out to every member; as in <see cref="LiveTail"/>, by visits.</summary>
internal sealed class PublishWatch
{
    private readonly Queue<(PublishTimer Publish, long OutAt)> _stored = new();

    /// <summary>One is stored, and out at the visit of that number.</summary>
    public void Stored(PublishTimer publish, long outAt)
    {
        publish.Stored();
        if (publish.CameAt != 0)
            _stored.Enqueue((publish, outAt));
    }

    /// <summary>So many visits were made.</summary>
    public void Visited(long visits)
    {
        while (_stored.TryPeek(out var oldest) && oldest.OutAt <= visits)
            _stored.Dequeue().Publish.Delivered();
    }
}
