using System.Runtime.InteropServices;

namespace Chat.Cli;

/// <summary>Turns Ctrl-C, SIGTERM and SIGHUP into a cancellation and the exit code that goes with it.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private int _exitCode;

    public Signals() => _registrations =
    [
        On(PosixSignal.SIGINT, ExitCodes.Interrupted),
        On(PosixSignal.SIGTERM, ExitCodes.Terminated),
        On(PosixSignal.SIGHUP, ExitCodes.HungUp),
    ];

    /// <summary>Cancelled by the first signal; a second one ends the program at once.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The exit code of the signal that came; 0 for none.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _cancellation.Dispose();
    }

    private PosixSignalRegistration On(PosixSignal signal, int exitCode) => PosixSignalRegistration.Create(signal, context =>
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            return;
        context.Cancel = true;
        _cancellation.CancelAsync();
    });
}
