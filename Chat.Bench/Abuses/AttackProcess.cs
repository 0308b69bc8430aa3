using System.Diagnostics;
using System.Globalization;
using Chat.Bench.Gateways;

namespace Chat.Bench.Abuses;

/// <summary>
/// Attackers in a process of their own, this program a second time: so that nobody who stands by has to share threads with them. It runs at
/// a low priority, as they would have machines of their own.
/// </summary>
public sealed class AttackProcess : IAsyncDisposable
{
    /// <summary>The verb that attacks until its input ends.</summary>
    public const string Verb = "attack";

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private AttackProcess(Process process) => _process = process;

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts it.</summary>
    public static AttackProcess Start(Abuse abuse, AbuseTarget target)
    {
        var start = new ProcessStartInfo(DotnetHost.Path) { RedirectStandardInput = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Chat.Bench.dll"), Verb, "--case", abuse.Name, "--server", $"{target.Server}", "--room", target.Room, "--taken", target.Taken,
        ];
        foreach (var argument in (string[])[.. arguments, .. target.Address is { } address ? ["--address", address] : Array.Empty<string>()])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new BenchException("The attackers can't be started.");
        process.PriorityClass = ProcessPriorityClass.BelowNormal;
        return new AttackProcess(process);
    }

    /// <summary>Stops it; gives what it counted. Throws a <see cref="BenchException"/> where it ended by itself.</summary>
    public async Task<IReadOnlyList<(string What, long Count)>> StopAsync(CancellationToken cancellation)
    {
        if (_process.HasExited)
            throw new BenchException($"The attackers ended by themselves with {_process.ExitCode}.");
        _process.StandardInput.Close();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(EndTime);
        string output;
        try
        {
            output = await _process.StandardOutput.ReadToEndAsync(time.Token);
            await _process.WaitForExitAsync(time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"The attackers did not end within {EndTime.TotalSeconds} s.");
        }
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).Select(fields => (fields[0], long.Parse(fields[1], CultureInfo.InvariantCulture)))];
    }

    /// <summary>What the process itself does: attacks until the input ends, and prints what it counted.</summary>
    public static async Task RunAsync(Abuse abuse, AbuseTarget target, TextReader input, TextWriter output, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tally = new Tally();
        var abusing = abuse.RunAsync(target, tally, stop.Token);
        // A blocking read has a thread of its own: the pool's are all at work.
        var ended = Task.Factory.StartNew(input.ReadToEnd, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(abusing, ended);
        await stop.CancelAsync();
        await abusing;
        foreach (var (what, count) in tally.All)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}\t{count}"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
