using Chat.Actors;
using Chat.Actors.Connections;

namespace Chat.Gateway.Sockets;

/// <summary>
/// Holds back who sends without end: a burst is read at once, then so many frames a second. What is more isn't refused: it waits, and TCP holds
/// back the sender.
/// </summary>
internal sealed class ReadPace(ChatOptions chat)
{
    // A timer for each frame would cost more than the frame.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly TokenBucket _frames = new(chat.FrameRate, chat.FrameBurst, chat.Time);

    /// <summary>Completes when one more may be read.</summary>
    public ValueTask NextAsync(CancellationToken cancellation) =>
        _frames.TryTake() is { } wait ? new ValueTask(WaitAsync(wait, cancellation)) : ValueTask.CompletedTask;

    private async Task WaitAsync(TimeSpan? wait, CancellationToken cancellation)
    {
        for (; wait is { } time; wait = _frames.TryTake())
            await Task.Delay(time > Rest ? time : Rest, chat.Time, cancellation);
    }
}
