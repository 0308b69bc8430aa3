using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>
/// A real gateway in a process of its own, with its own working folder. Ended by its own id: at the latest when it is disposed
/// of, or when these tests end.
/// </summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private const int SignalTerm = 15;

    private static readonly ConcurrentDictionary<GatewayProcess, bool> Running = new();

    private readonly Process _process = new();
    private readonly List<(bool IsError, string Text)> _lines = [];
    private readonly TempFolder _folder = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isDisposed;

    static GatewayProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var gateway in Running.Keys)
            gateway.KillIfRunning();
    };

    private GatewayProcess(GatewaySetup setup)
    {
        if (setup.AppSettings is { } settings)
            File.WriteAllText(_folder.In("appsettings.json"), settings);
        if (setup.HasUnreadableAppSettings)
            File.CreateSymbolicLink(_folder.In("appsettings.json"), _folder.In("appsettings.json"));
        string[] command = [GatewayBinary.Host, GatewayBinary.Path, .. setup.Arguments];
        if (setup.OpenFiles is { } files)
            command = ["sh", "-c", $"ulimit -n {files}; exec \"$@\"", "sh", .. command];
        if (setup.Machine is { } machine)
        {
            command = [.. machine.Prefix, .. command];
            ConnectCallback = machine.ConnectAsync;
        }
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in setup.Environment)
            start.Environment[name] = value;
        _process.StartInfo = start;
        _process.OutputDataReceived += (_, line) => Add(false, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(true, line.Data);
        _process.Start();
        Running.TryAdd(this, true);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it ended.</summary>
    public bool HasEnded => _isDisposed || _process.HasExited;

    /// <summary>The port that it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>How it is connected to where it is on a machine of its own; null where it isn't.</summary>
    public Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? ConnectCallback { get; }

    /// <summary>Its working folder.</summary>
    public string Folder => _folder.Path;

    /// <summary>All that it printed.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines.Select(line => line.Text));
        }
    }

    /// <summary>The lines on its standard error.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lines)
                return [.. _lines.Where(line => line.IsError && line.Text.Length > 0).Select(line => line.Text)];
        }
    }

    /// <summary>What a failed test should show of it.</summary>
    public string Report => $"--- the gateway ({(_process.HasExited ? $"exited with {_process.ExitCode}" : "running")}) printed:\n{Output}";

    /// <summary>Starts one on any free port and waits until it listens.</summary>
    public static Task<GatewayProcess> StartAsync(string data, params string[] options) =>
        StartAsync(new GatewaySetup(["--port", "0", "--data", data, .. options]));

    /// <summary>The same, in any way.</summary>
    public static async Task<GatewayProcess> StartAsync(GatewaySetup setup)
    {
        var gateway = new GatewayProcess(setup);
        try
        {
            var line = await gateway.PrintedAsync(text => Listening().IsMatch(text), "the line that it listens");
            gateway.Port = int.Parse(Listening().Match(line).Groups["port"].ValueSpan);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one that ends by itself; gives its exit code.</summary>
    public static async Task<(int ExitCode, GatewayProcess Gateway)> RunAsync(GatewaySetup setup)
    {
        var gateway = new GatewayProcess(setup);
        try
        {
            return (await gateway.ExitAsync(), gateway);
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for a line of its output.</summary>
    public async Task<string> PrintedAsync(Func<string, bool> isIt, string awaited)
    {
        return await Patience.OfAsync(Look(), awaited, () => Report);

        async Task<string> Look()
        {
            while (true)
            {
                Task changed;
                lock (_lines)
                {
                    if (_lines.FirstOrDefault(line => isIt(line.Text)) is { Text: { } found })
                        return found;
                    changed = _changed.Task;
                }
                if (_process.HasExited)
                    throw new InvalidOperationException($"The gateway ended before it printed {awaited}.\n{Report}");
                await Task.WhenAny(changed, _process.WaitForExitAsync());
            }
        }
    }

    /// <summary>Asks it to end (SIGTERM).</summary>
    public void Terminate() => _ = Kill(_process.Id, SignalTerm);

    /// <summary>Waits for its end; gives the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await Patience.OfAsync(_process.WaitForExitAsync(), "the gateway's end", () => Report);
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        KillIfRunning();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        KillIfRunning();
        await _process.WaitForExitAsync();
        Running.TryRemove(this, out _);
        _isDisposed = true;
        _process.Dispose();
        _folder.Dispose();
    }

    private void KillIfRunning()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    private void Add(bool isError, string? text)
    {
        if (text is null)
            return;
        TaskCompletionSource changed;
        lock (_lines)
        {
            _lines.Add((isError, text));
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }

    // Settings of whoever runs the tests are none of theirs.
    private static bool IsForeign(string variable) =>
        variable.StartsWith("CHAT_", StringComparison.Ordinal) || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || variable.StartsWith("Logging__", StringComparison.Ordinal);

    [GeneratedRegex(@"Listening on wss?://.*:(?<port>\d+)/ws")]
    private static partial Regex Listening();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}

/// <summary>How a gateway is started.</summary>
public sealed record GatewaySetup(params IReadOnlyList<string> Arguments)
{
    /// <summary>Variables of its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The text of an <c>appsettings.json</c> in its working folder.</summary>
    public string? AppSettings { get; init; }

    /// <summary>How many files it may open; null for as many as these tests may.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>The machine that it runs on; null for this one.</summary>
    public NetworkMachine? Machine { get; init; }

    /// <summary>There is one that nobody can read, root included: a link to itself.</summary>
    public bool HasUnreadableAppSettings { get; init; }
}
