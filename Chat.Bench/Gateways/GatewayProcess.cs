using System.Collections;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Chat.Bench.Gateways;

/// <summary>A gateway of one's own, started to be measured, and ended again: this process alone, and with an orderly end.</summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    // Characters, the last: why it ended is there.
    private const int KeptOutput = 16_000;

    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
    }

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>When <see cref="Start"/> asked the system for it (<see cref="Stopwatch"/>).</summary>
    public long StartedAt { get; private init; }

    /// <summary>Starts it, without waiting for anything.</summary>
    public static GatewayProcess Start(GatewaySettings settings)
    {
        var process = new Process { StartInfo = StartInfo(settings.Program, settings.Data, Arguments(settings), settings.Namespace) };
        var startedAt = Stopwatch.GetTimestamp();
        var gateway = new GatewayProcess(process) { StartedAt = startedAt };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return gateway;
    }

    /// <summary>The address that its log says it listens on. Throws a <see cref="BenchException"/> where it ends or never says so.</summary>
    public async Task<Uri> ListeningAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ended = _process.WaitForExitAsync(end.Token);
        var first = await Task.WhenAny(_listening.Task, ended, Task.Delay(ListenTime, end.Token));
        await end.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        if (first == _listening.Task)
            return await _listening.Task;
        throw first == ended
            ? Ended()
            : new BenchException($"The gateway did not listen within {ListenTime.TotalSeconds} s:{Environment.NewLine}{Output}");
    }

    /// <summary>Throws where it has ended by itself.</summary>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
            throw Ended();
    }

    /// <summary>Ends it as a crash would: <c>kill -9</c> of this process alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it as an operator would; gives its exit code. Throws a <see cref="BenchException"/> where that takes too long, beyond what it may drain.</summary>
    public async Task<int> TerminateAsync(TimeSpan drain = default)
    {
        _process.Send(Signal.Terminate);
        var atMost = EndTime + drain;
        using var time = new CancellationTokenSource(atMost);
        try
        {
            await _process.WaitForExitAsync(time.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new BenchException($"The gateway did not end within {atMost.TotalSeconds} s:{Environment.NewLine}{Output}");
        }
    }

    /// <summary>Waits for it to end by itself; gives its exit code, null where it doesn't in that time.</summary>
    public async Task<int?> EndedAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(atMost);
        try
        {
            await _process.WaitForExitAsync(time.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Runs the gateway's <c>export</c>, from a database into a data folder. Throws a <see cref="BenchException"/> where it fails.</summary>
    public static async Task ExportAsync(string program, string data, string connection, CancellationToken cancellation)
    {
        var (code, output) = await RunAsync(program, data, ["export", "--data", data, "--postgres", connection], cancellation);
        if (code != 0)
            throw new BenchException($"The gateway's export failed with {code}:{Environment.NewLine}{output}");
    }

    /// <summary>Stops it where it is (SIGSTOP), or lets it go on (SIGCONT). Linux alone.</summary>
    public void Freeze(bool isFrozen) => _process.Send(isFrozen ? Signal.Stop : Signal.Continue);

    /// <summary>Runs the gateway's <c>verify</c> on a data folder; gives its exit code and what it printed.</summary>
    public static Task<(int ExitCode, string Output)> VerifyAsync(string program, string data, CancellationToken cancellation) =>
        RunAsync(program, data, ["verify", "--data", data], cancellation);

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string data, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = StartInfo(program, data, arguments) };
        process.Start();
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation) + await error;
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Ends it: as an operator would, and where that takes too long, at once.</summary>
    public async ValueTask DisposeAsync() => await _process.EndAsync(EndTime);

    /// <summary>What it printed, or the beginning of it.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    private static ProcessStartInfo StartInfo(string program, string data, IEnumerable<string> arguments, string? netns = null)
    {
        var isDll = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var own = isDll ? DotnetHost.Path : program;
        // Which becomes the program itself.
        var start = new ProcessStartInfo(netns is null ? own : "ip", netns is null ? [] : ["netns", "exec", netns, own])
        {
            // Away from any appsettings.json of somebody's.
            WorkingDirectory = Path.GetDirectoryName(Path.GetFullPath(data))!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => (string)entry.Key))
        {
            if (name.StartsWith("CHAT_", StringComparison.Ordinal))
                start.Environment.Remove(name);
        }
        if (isDll)
            start.ArgumentList.Add(program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    private static string[] Arguments(GatewaySettings settings) =>
        ["--host", settings.Host, "--port", $"{settings.Port}", "--data", settings.Data, "--durability", settings.Durability, .. settings.Options];

    private BenchException Ended() => new($"The gateway ended by itself with {_process.ExitCode}:{Environment.NewLine}{Output}");

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > KeptOutput)
                _output.Remove(0, _output.Length - KeptOutput);
        }
        if (Listening().Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Listening on (wss?://[^\s,]+)")]
    private static partial Regex Listening();
}
