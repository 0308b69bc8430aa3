using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Chat.Bench.Gateways;

namespace Chat.Bench.Peers;

/// <summary>How a running peer is asked to collect its garbage.</summary>
public enum Collection
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Through .NET's diagnostic port.</summary>
    DotNet,

    /// <summary>By the signal SIGUSR2, which the program was written to heed.</summary>
    Signal,
}

/// <summary>A peer's own process, with a folder of its own for what it writes.</summary>
public sealed class PeerProcess : IRunningPeer
{
    private const int Terminate = 15;
    private const int User2OnLinux = 12;
    private const int KeptOutput = 4_000;

    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SignalTime = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly TemporaryFolder _folder;
    private readonly Collection _collection;
    private readonly StringBuilder _output = new();

    private PeerProcess(Process process, TemporaryFolder folder, int port, Collection collection)
    {
        (_process, _folder, Port, _collection) = (process, folder, port, collection);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <inheritdoc/>
    public int Port { get; }

    /// <inheritdoc/>
    public int ProcessId => _process.Id;

    /// <summary>Starts a program and waits until it listens. Throws a <see cref="BenchException"/>.</summary>
    /// <param name="program">A path, or a name that is looked for as the shell does.</param>
    /// <param name="arguments">Its arguments, from the port and its fresh folder.</param>
    /// <param name="collection">How it collects.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IRunningPeer> StartAsync(
        string program, Func<int, string, IEnumerable<string>> arguments, Collection collection, CancellationToken cancellation)
    {
        var (folder, port) = (new TemporaryFolder(null), LoopbackPort.Free());
        var start = new ProcessStartInfo(program, arguments(port, folder.Path))
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var peer = new PeerProcess(new Process { StartInfo = start }, folder, port, collection);
        try
        {
            peer._process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            folder.Dispose();
            throw new BenchException($"{program} can't be started: {e.Message}");
        }
        try
        {
            peer._process.BeginOutputReadLine();
            peer._process.BeginErrorReadLine();
            await peer.ListeningAsync(cancellation);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CollectAsync(CancellationToken cancellation)
    {
        switch (_collection)
        {
            case Collection.DotNet:
                await ManagedHeap.CollectAsync(ProcessId, cancellation);
                return true;
            case Collection.Signal:
                _ = kill(ProcessId, User2OnLinux);
                await Task.Delay(SignalTime, cancellation);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                _ = kill(ProcessId, Terminate);
                using var time = new CancellationTokenSource(EndTime);
                await _process.WaitForExitAsync(time.Token);
            }
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        finally
        {
            _process.Dispose();
            _folder.Dispose();
        }
    }

    private async Task ListeningAsync(CancellationToken cancellation)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < ListenTime;)
        {
            if (_process.HasExited)
                throw new BenchException($"{_process.StartInfo.FileName} ended by itself with {_process.ExitCode}:{Environment.NewLine}{Output}");
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, Port, cancellation);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Step, cancellation);
            }
        }
        throw new BenchException($"{_process.StartInfo.FileName} did not listen within {ListenTime.TotalSeconds} s:{Environment.NewLine}{Output}");
    }

    private string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Length < KeptOutput)
                _output.AppendLine(line);
        }
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
