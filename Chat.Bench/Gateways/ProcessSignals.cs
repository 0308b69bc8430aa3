using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Chat.Bench.Gateways;

/// <summary>Signals to processes that were started here, with the numbers that Linux gives them.</summary>
internal enum Signal
{
    User2 = 12,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>What a process that was started here is told, and how it is ended.</summary>
internal static class ProcessSignals
{
    /// <summary>Sends a signal, to this process alone; where there are none, ending it at once stands for <see cref="Signal.Terminate"/>.</summary>
    public static void Send(this Process process, Signal signal)
    {
        if (!OperatingSystem.IsWindows())
            _ = kill(process.Id, (int)signal);
        else if (signal == Signal.Terminate)
            process.Kill();
    }

    /// <summary>Ends it as an operator would, and where that takes longer than so, at once; then lets go of it.</summary>
    public static async Task EndAsync(this Process process, TimeSpan atMost)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Send(Signal.Terminate);
                using var time = new CancellationTokenSource(atMost);
                await process.WaitForExitAsync(time.Token);
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        finally
        {
            process.Dispose();
        }
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
