using System.Diagnostics;
using System.Globalization;
using Chat.Bench.Crash;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;

namespace Chat.Bench.Runs;

/// <summary>
/// Kills a gateway again and again while users write and read, starts it anew on the same port and folder, and holds what they were told
/// against what is in the logs in the end.
/// </summary>
public sealed class CrashRun
{
    private static readonly TimeSpan TimeForAll = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan TimePerKill = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LifeAtMost = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    private readonly GatewaySettings _gateway;
    private readonly CrashSettings _settings;
    private readonly TextWriter _progress;
    private readonly CrashRecord _record;
    private readonly CrashStage _stage;
    private readonly IReadOnlyList<ICrashUser> _users;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private TimeSpan _reportedAt;
    private int _kills;
    private int _killsDuringStart;
    private int _terminations;
    private int _freezes;
    private int _torn;

    private CrashRun(GatewaySettings gateway, CrashSettings settings, TextWriter progress)
    {
        (_gateway, _settings, _progress) = (gateway with { Port = LoopbackPort.Free() }, settings, progress);
        string[] rooms = [.. Enumerable.Range(0, settings.Rooms).Select(number => $"crash-{number}")];
        _record = new CrashRecord(rooms);
        _stage = new CrashStage(new Uri($"ws://127.0.0.1:{_gateway.Port}/ws"));
        _users = [.. CrashUsers.Make(settings, new CrashPlan(settings.Seed), rooms, _record)];
    }

    /// <summary>
    /// Runs it, on a data folder that is the caller's. Throws a <see cref="BenchException"/> where the gateway can't be started, or ends
    /// by itself.
    /// </summary>
    public static async Task<CrashResult> RunAsync(
        GatewaySettings gateway, CrashSettings settings, TextWriter progress, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var atMost = TimeForAll + TimePerKill * settings.Kills;
        time.CancelAfter(atMost);
        try
        {
            return await new CrashRun(gateway, settings, progress).RunAsync(time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"The crash test did not end within {atMost.TotalMinutes:0} minutes.");
        }
    }

    /// <summary>Holds what was recorded against the logs in a folder; gives how many lines they have.</summary>
    public static async Task<long> CheckAsync(CrashRecord record, GatewaySettings gateway, Offences offences, CancellationToken cancellation)
    {
        var logged = 0L;
        foreach (var room in record.Rooms)
        {
            var log = LogFiles.Read(gateway.Data, room, offences);
            logged += log.Count;
            HistoryChecker.Check(record.ToHistory(room, log), offences);
        }
        await VerifyAsync(gateway, "the end", offences, cancellation);
        return logged;
    }

    private async Task<CrashResult> RunAsync(CancellationToken cancellation)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] running = [];
        try
        {
            running = [.. _users.Select(user => Task.Run(() => user.RunAsync(_stage, leaving.Token), leaving.Token))];
            foreach (var life in new CrashPlan(_settings.Seed).Lives(_settings.Kills, _settings.AcksAtMost, _settings.Mix))
            {
                await LiveAsync(life, cancellation);
                await ThrowIfFailedAsync(running);
                ReportProgress();
            }
            await VerifyAsync(_gateway, "the last kill", _record.Offences, cancellation);
            await FinishAsync(running, cancellation);
        }
        finally
        {
            await leaving.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        await ThrowIfFailedAsync(running);
        var logged = await CheckAsync(_record, _gateway, _record.Offences, cancellation);
        return new CrashResult
        {
            Kills = _kills,
            KillsDuringStart = _killsDuringStart,
            Terminations = _terminations,
            Freezes = _freezes,
            Time = Stopwatch.GetElapsedTime(_startedAt),
            Torn = _torn,
            Cuts = LogFiles.Cuts(_gateway.Data),
            Logged = logged,
            Record = _record,
            Offences = _record.Offences,
        };
    }

    private async Task LiveAsync(Life life, CancellationToken cancellation)
    {
        await using var gateway = GatewayProcess.Start(_gateway);
        if (life.Acks is { } acks)
        {
            await gateway.ListeningAsync(cancellation);
            var enough = _record.Acked + acks;
            await WaitAsync(() => _record.Acked >= enough, LifeAtMost, cancellation);
        }
        await Task.Delay(life.Delay, cancellation);
        if (life.Frozen > TimeSpan.Zero)
        {
            _freezes++;
            gateway.Freeze(true);
            await Task.Delay(life.Frozen, CancellationToken.None);
            gateway.Freeze(false);
            await Task.Delay(life.Frozen, cancellation);
        }
        gateway.ThrowIfEnded();
        if (life.End == End.Terminate)
        {
            await TerminateAsync(gateway);
        }
        else
        {
            await gateway.KillAsync();
            _kills++;
            _killsDuringStart += life.Acks is null ? 1 : 0;
        }
        if (life.Torn is { } share && LogFiles.Tear(_gateway.Data, _record.Rooms.ElementAt(_torn % _record.Rooms.Count), share))
            _torn++;
        await Task.Delay(life.Down, cancellation);
    }

    // With a gateway that stays.
    private async Task FinishAsync(Task[] running, CancellationToken cancellation)
    {
        await using var gateway = GatewayProcess.Start(_gateway);
        await gateway.ListeningAsync(cancellation);
        await FinishAsync(_stage, _users, running, _record, FinishTime, cancellation);
        gateway.ThrowIfEnded();
        await TerminateAsync(gateway);
    }

    /// <summary>The writers get their last answers, and everybody reads to the end.</summary>
    internal static async Task FinishAsync(
        CrashStage stage, IReadOnlyList<ICrashUser> users, Task[] running, CrashRecord record, TimeSpan time, CancellationToken cancellation)
    {
        stage.Quieten();
        if (!await WaitAsync(() => users.All(user => user.HasFinished), time, cancellation))
        {
            foreach (var user in users.Where(user => !user.HasFinished))
                record.Offences.Add(Offence.Lost, $"{user.Name} waited {time.TotalSeconds} s for {user.Unanswered} acks in vain", Math.Max(1, user.Unanswered));
        }
        stage.End(record.Rooms.ToDictionary(room => room, record.Head));
        if (await WaitAsync(() => running.All(task => task.IsCompleted), time, cancellation))
            return;
        foreach (var (user, task) in users.Zip(running).Where(pair => !pair.Second.IsCompleted))
        {
            var places = string.Join(", ", user.Places.Select(place => $"{place.Room} {place.Last} of {record.Head(place.Room)}"));
            record.Offences.Add(Offence.Lost, $"{user.Name} did not get to the end within {time.TotalSeconds} s: {places}");
        }
    }

    private async Task TerminateAsync(GatewayProcess gateway)
    {
        _terminations++;
        if (await gateway.TerminateAsync() is not 0 and var code)
            _record.Offences.Add(Offence.Wrong, $"the gateway ended with {code} when it was asked to end");
    }

    private static async Task VerifyAsync(GatewaySettings gateway, string when, Offences offences, CancellationToken cancellation)
    {
        var (code, output) = await GatewayProcess.VerifyAsync(gateway.Program, gateway.Data, cancellation);
        if (code == 0)
            return;
        string[] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim())];
        // The summary, and the first room's first fault.
        var fault = lines.SkipWhile(line => line.EndsWith(": ok", StringComparison.Ordinal)).Skip(1).FirstOrDefault();
        offences.Add(Offence.Wrong, $"verify after {when} exits with {code}: {lines.LastOrDefault()}; {fault}");
    }

    // A user that failed by a fault of its own would only be silent.
    internal static async Task ThrowIfFailedAsync(Task[] running)
    {
        if (running.FirstOrDefault(task => task.IsFaulted) is { } failed)
            await failed;
    }

    internal static async Task<bool> WaitAsync(Func<bool> isDone, TimeSpan atMost, CancellationToken cancellation)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); !isDone(); await Task.Delay(Look, cancellation))
        {
            if (Stopwatch.GetElapsedTime(startedAt) > atMost)
                return false;
        }
        return true;
    }

    private void ReportProgress()
    {
        var elapsed = Stopwatch.GetElapsedTime(_startedAt);
        if (elapsed - _reportedAt < ReportEvery)
            return;
        _reportedAt = elapsed;
        _progress.WriteLine(
            $"  {elapsed.ToString(@"mm\:ss", CultureInfo.InvariantCulture)}  kill {_kills} of {_settings.Kills}: "
            + $"{Report.Count(_record.Acked)} acked, {Report.Count(_record.Delivered)} delivered");
    }
}
