using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Systemd;

namespace Chat.Gateway.Hosting;

/// <summary>
/// The daemon's life, from its start until a signal ends it: in order, while it still answers; at the second signal at once. Told to systemd, where that
/// started it (<c>Type=notify</c>).
/// </summary>
internal sealed class SignalLifetime(IHostApplicationLifetime lifetime, OrderlyEnd end) : IHostLifetime, IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    private readonly SystemdNotifier _systemd = new();
    private PosixSignalRegistration[] _registrations = [];
    private int _signals;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, Ended))];
        lifetime.ApplicationStarted.Register(() => _systemd.Notify(ServiceState.Ready));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Ended(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
            _ = EndAsync();
        else
            end.Hurry();
    }

    private async Task EndAsync()
    {
        // Told to stop before it had started, there is nothing to end.
        if (lifetime.ApplicationStarted.IsCancellationRequested)
        {
            _systemd.Notify(ServiceState.Stopping);
            await end.RunAsync();
        }
        lifetime.StopApplication();
    }
}
