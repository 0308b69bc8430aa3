using Chat.Actors;
using Chat.Actors.Connections;

namespace Chat.Gateway.Sockets;

/// <summary>
/// Holds back who sends without end: a burst is read at once, then so many frames a second. What is more isn't refused: it waits, and TCP holds
/// back the sender.
/// </summary>
/// <param name="chat">Their number, and the time.</param>
/// <param name="readsOfFrame">How many times it is asked for each frame.</param>
/// <param name="address">What all of the client's address may send, a frame for each time that it is asked; null where that has no limit.</param>
internal sealed class ReadPace(ChatOptions chat, int readsOfFrame, AddressBudget? address = null)
{
    // A timer for each frame would cost more than the frame.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly TokenBucket _frames = new(chat.FrameRate * readsOfFrame, chat.FrameBurst * readsOfFrame, chat.Time);

    /// <summary>Completes when one more may be read.</summary>
    public ValueTask NextAsync(CancellationToken cancellation) =>
        TryTake() is { } wait ? new ValueTask(WaitAsync(wait, cancellation)) : ValueTask.CompletedTask;

    private TimeSpan? TryTake() => _frames.TryTake() ?? address?.TryTake(AddressAct.Frame);

    private async Task WaitAsync(TimeSpan? wait, CancellationToken cancellation)
    {
        for (; wait is { } time; wait = TryTake())
            await Task.Delay(time > Rest ? time : Rest, chat.Time, cancellation);
    }
}
