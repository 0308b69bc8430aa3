namespace Chat.Protocol.Client;

/// <summary>A request of the user's and the caller who waits for its answer.</summary>
internal abstract class Call(Request request)
{
    /// <summary>What is asked; its id is given when it is sent.</summary>
    public Request Request { get; } = request;

    /// <summary>Whether the caller has been told, or has gone.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Completes the call with an event; false where it is no answer to this request.</summary>
    public abstract bool Answer(ServerEvent e);

    /// <summary>Fails the call.</summary>
    public abstract void Fail(Exception reason);

    /// <summary>The caller no longer waits.</summary>
    public abstract void Cancel(CancellationToken cancellation);
}

/// <summary>A request that is answered by a <typeparamref name="T"/>. The caller goes on elsewhere, never inside the session.</summary>
internal sealed class Call<T>(Request request) : Call(request)
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _source.Task;

    public override bool IsDone => _source.Task.IsCompleted;

    public void Complete(T answer) => _source.TrySetResult(answer);

    public override bool Answer(ServerEvent e)
    {
        if (e is not T answer)
            return false;
        Complete(answer);
        return true;
    }

    public override void Fail(Exception reason)
    {
        _source.TrySetException(reason);
        // Somebody who published without looking at the task isn't to be told by the finalizer.
        _ = _source.Task.Exception;
    }

    public override void Cancel(CancellationToken cancellation) => _source.TrySetCanceled(cancellation);
}
