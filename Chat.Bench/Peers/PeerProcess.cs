using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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

    /// <summary>By the signal SIGUSR2, which the program was written to heed: it prints <see cref="PeerProcess.Collected"/> when it has.</summary>
    Signal,
}

/// <summary>A peer's own process, with a folder of its own for what it writes.</summary>
public sealed class PeerProcess : IRunningPeer
{
    /// <summary>The line that says that a peer has collected.</summary>
    public const string Collected = "collected";

    private const int KeptOutput = 4_000;

    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CollectTime = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly TemporaryFolder _folder;
    private readonly Collection _collection;
    private readonly StringBuilder _output = new();
    private readonly SemaphoreSlim _collected = new(0);

    private PeerProcess(Process process, TemporaryFolder folder, int port, Collection collection)
    {
        (_process, _folder, Port, _collection) = (process, folder, port, collection);
        _process.OutputDataReceived += (_, line) => Read(line.Data);
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
                _process.Send(Signal.User2);
                await CollectedAsync(cancellation);
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
            await _process.EndAsync(EndTime);
        }
        finally
        {
            _folder.Dispose();
        }
    }

    private async Task CollectedAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var collected = _collected.WaitAsync(CollectTime, end.Token);
        var first = await Task.WhenAny(collected, _process.WaitForExitAsync(end.Token));
        await end.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        if (first != collected)
            throw Ended();
        if (!await collected)
            throw new BenchException($"{_process.StartInfo.FileName} did not collect within {CollectTime.TotalSeconds} s:{Environment.NewLine}{Output}");
    }

    private async Task ListeningAsync(CancellationToken cancellation)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < ListenTime;)
        {
            if (_process.HasExited)
                throw Ended();
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

    private BenchException Ended() => new($"{_process.StartInfo.FileName} ended by itself with {_process.ExitCode}:{Environment.NewLine}{Output}");

    private string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    private void Read(string? line)
    {
        if (line == Collected)
            _collected.Release();
        else
            Keep(line);
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Length < KeptOutput)
                _output.AppendLine(line);
        }
    }
}
