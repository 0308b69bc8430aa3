using System.Threading.Tasks.Sources;
using Chat.Actors.Delivery;

namespace Chat.Benchmarks;

/// <summary>A socket that takes all at once, or, while it is held, the next write when it is released. Allocates nothing itself.</summary>
internal sealed class HoldableWriter : IFrameWriter, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _write;
    private bool _isHeld;

    public void Hold()
    {
        _write.Reset();
        _isHeld = true;
    }

    /// <summary>Takes the write that waits. What follows runs here, before this returns.</summary>
    public void Release()
    {
        _isHeld = false;
        _write.SetResult(true);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _isHeld ? new ValueTask(this, _write.Version) : ValueTask.CompletedTask;

    public void CloseSent() => throw new NotSupportedException();

    public void Abort() => throw new NotSupportedException();

    public void GetResult(short token) => _write.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _write.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token, flags);
}
