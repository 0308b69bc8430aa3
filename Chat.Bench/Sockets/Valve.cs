namespace Chat.Bench.Sockets;

/// <summary>How much a client reads: all that comes, nothing, or so many bytes a second. Turned from any thread.</summary>
/// <param name="receiveBuffer">Bytes that the system holds of what the client hasn't read: few, so that the rest waits at the server.</param>
public sealed class Valve(int receiveBuffer)
{
    private sealed record Setting(int? BytesPerSecond)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private Setting _setting = new((int?)null);

    /// <summary>Bytes that the system may hold for the client.</summary>
    public int ReceiveBuffer => receiveBuffer;

    /// <summary>Lets through all that comes; so it is at first.</summary>
    public void Open() => Turn(null);

    /// <summary>Lets through so many bytes a second from now on; 0 for none.</summary>
    public void Narrow(int bytesPerSecond) => Turn(bytesPerSecond);

    /// <summary>Waits until the client may receive again; gives how many bytes it may receive then, at most.</summary>
    public async ValueTask<int> AdmitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var setting = Volatile.Read(ref _setting);
            switch (setting.BytesPerSecond)
            {
                case null:
                    return int.MaxValue;
                case 0:
                    await setting.Replaced.Task.WaitAsync(cancellation);
                    break;
                case { } rate:
                    await Task.WhenAny(setting.Replaced.Task, Task.Delay(Step, cancellation));
                    cancellation.ThrowIfCancellationRequested();
                    if (!setting.Replaced.Task.IsCompleted)
                        return Math.Max(1, (int)(rate * Step.TotalSeconds));
                    break;
            }
        }
    }

    private void Turn(int? bytesPerSecond) =>
        Interlocked.Exchange(ref _setting, new Setting(bytesPerSecond)).Replaced.SetResult();
}
