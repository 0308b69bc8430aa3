using System.Diagnostics;
using System.Globalization;
using Chat.Bench.Crash;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Nodes;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="ClusterCrashRun"/> attacks a cluster, beside what <see cref="CrashSettings"/> say.</summary>
/// <param name="Nodes">How many there are.</param>
/// <param name="Partitions">How often a node is cut off from the others, and from the database, beside the kills.</param>
public sealed record ClusterCrashSettings(int Nodes, int Partitions);

/// <summary>What came of it.</summary>
public sealed record ClusterCrashResult
{
    /// <summary>Kills, cuts and ends in order.</summary>
    public required int Kills { get; init; }

    /// <summary>Those of the kills that were of a node with rooms.</summary>
    public required int Owners { get; init; }

    /// <summary>Those of the kills that were of the arbiter of names.</summary>
    public required int Arbiters { get; init; }

    /// <summary>Ends in order, the last of all not included.</summary>
    public required int Leaves { get; init; }

    /// <summary>Nodes that were cut off.</summary>
    public required int Partitions { get; init; }

    /// <summary>The longest time, in seconds, in which a room of a node took no new message, from its kill on; null where it had none.</summary>
    public required Percentiles? AfterKill { get; init; }

    /// <summary>The same at an end in order: from the signal on.</summary>
    public required Percentiles? AfterLeave { get; init; }

    /// <summary>The same after a cut.</summary>
    public required Percentiles? AfterCut { get; init; }

    /// <summary>Seconds from a cut until the node that was cut off had ended by itself.</summary>
    public required Percentiles? CutOffEnded { get; init; }

    /// <summary>How long it all took, checks included.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Lines in the logs.</summary>
    public required long Logged { get; init; }

    /// <summary>What its users recorded.</summary>
    public required CrashRecord Record { get; init; }
}

/// <summary>
/// Kills the nodes of a cluster one after the other while users write and read by a load balancer, cuts some off and ends some in order, and starts
/// each anew; then holds what the users were told against what is in the database.
/// </summary>
public sealed class ClusterCrashRun
{
    private static readonly TimeSpan TimeForAll = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan TimePerKill = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LifeAtMost = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BackAtMost = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CutOffAtMost = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(15);

    private readonly CrashSettings _settings;
    private readonly ClusterCrashSettings _cluster;
    private readonly TextWriter _progress;
    private readonly CrashRecord _record;
    private readonly ClusterNodes _nodes;
    private readonly NodeNetwork? _network;
    private readonly PostgresProcess _database;
    private readonly Balancer _balancer;
    private readonly Random _random;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly List<double> _afterKill = [];
    private readonly List<double> _afterLeave = [];
    private readonly List<double> _afterCut = [];
    private readonly List<double> _cutOffEnded = [];
    private TimeSpan _reportedAt;
    private int _kills;
    private int _owners;
    private int _arbiters;
    private int _leaves;
    private int _cuts;

    private ClusterCrashRun(CrashSettings settings, ClusterCrashSettings cluster, CrashRecord record, ClusterNodes nodes, NodeNetwork? network, PostgresProcess database, Balancer balancer, TextWriter progress)
    {
        (_settings, _cluster, _record, _nodes, _network, _database, _balancer, _progress) = (settings, cluster, record, nodes, network, database, balancer, progress);
        _random = new CrashPlan(settings.Seed).For("the nodes");
    }

    /// <summary>
    /// Runs it; what it writes is in a folder that is the caller's. Throws a <see cref="BenchException"/> where a node can't be started, or ends by itself
    /// without being cut off.
    /// </summary>
    public static async Task<ClusterCrashResult> RunAsync(
        GatewaySettings gateway, string folder, CrashSettings settings, ClusterCrashSettings cluster, TextWriter progress, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var atMost = TimeForAll + (TimePerKill * (settings.Kills + cluster.Partitions));
        time.CancelAfter(atMost);
        string[] rooms = [.. Enumerable.Range(0, settings.Rooms).Select(number => $"crash-{number}")];
        var record = new CrashRecord(rooms) { ToleratesBusy = true };
        using var network = cluster.Partitions > 0 ? NodeNetwork.Make(cluster.Nodes) : null;
        await using var database = await PostgresProcess.StartAsync(folder, network is null ? "127.0.0.1" : NodeNetwork.Host, time.Token);
        await using var nodes = new ClusterNodes(gateway, cluster.Nodes, network, database.Connection);
        await using var balancer = new Balancer(nodes.EndPoints);
        try
        {
            var run = new ClusterCrashRun(settings, cluster, record, nodes, network, database, balancer, progress);
            await run.RunAsync(rooms, time.Token);
            await GatewayProcess.ExportAsync(gateway.Program, gateway.Data, database.Connection, time.Token);
            var logged = await CrashRun.CheckAsync(record, gateway, record.Offences, time.Token);
            return run.ToResult(logged);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"The crash test did not end within {atMost.TotalMinutes:0} minutes.");
        }
    }

    private async Task RunAsync(IReadOnlyList<string> rooms, CancellationToken cancellation)
    {
        for (var node = 0; node < _nodes.Count; node++)
            _nodes.Start(node);
        await _nodes.ReadyAsync(cancellation);
        var stage = new CrashStage(_balancer.Server);
        ICrashUser[] users = [.. CrashUsers.Make(_settings, new CrashPlan(_settings.Seed), rooms, _record)];
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] running = [];
        try
        {
            running = [.. users.Select(user => Task.Run(() => user.RunAsync(stage, leaving.Token), leaving.Token))];
            while (_kills < _settings.Kills || _cuts < _cluster.Partitions)
            {
                await AttackAsync(cancellation);
                await CrashRun.ThrowIfFailedAsync(running);
                ReportProgress();
            }
            await CrashRun.FinishAsync(stage, users, running, _record, FinishTime, cancellation);
        }
        finally
        {
            await leaving.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        await CrashRun.ThrowIfFailedAsync(running);
        for (var node = 0; node < _nodes.Count; node++)
        {
            _nodes[node].ThrowIfEnded();
            await TerminateAsync(node);
        }
    }

    // One node at a time: what is left is a majority, and the next isn't attacked before it is back.
    private async Task AttackAsync(CancellationToken cancellation)
    {
        var enough = _record.Acked + _random.Next(_settings.AcksAtMost + 1);
        await CrashRun.WaitAsync(() => _record.Acked >= enough, LifeAtMost, cancellation);
        var node = _random.Next(_nodes.Count);
        var (names, isArbiter) = await _nodes.RoleAsync(node, cancellation);
        string[] rooms = [.. names.Intersect(_record.Rooms)];
        var left = (_settings.Kills - _kills) + (_cluster.Partitions - _cuts);
        if (_cluster.Partitions > _cuts && (_kills >= _settings.Kills || _random.Next(left) < _cluster.Partitions - _cuts))
            await CutAsync(node, rooms, cancellation);
        else if (_settings.Mix && _random.Next(4) == 0)
            await LeaveAsync(node, rooms, cancellation);
        else
            await KillAsync(node, rooms, isArbiter, cancellation);
        _nodes.Start(node);
        await _nodes.ReadyAsync(cancellation);
    }

    private async Task KillAsync(int node, IReadOnlyList<string> rooms, bool isArbiter, CancellationToken cancellation)
    {
        Watch(rooms);
        await _nodes[node].KillAsync();
        _kills++;
        _owners += rooms.Count > 0 ? 1 : 0;
        _arbiters += isArbiter ? 1 : 0;
        await BackAsync(rooms, _afterKill, cancellation);
    }

    private async Task LeaveAsync(int node, IReadOnlyList<string> rooms, CancellationToken cancellation)
    {
        Watch(rooms);
        await TerminateAsync(node);
        _leaves++;
        await BackAsync(rooms, _afterLeave, cancellation);
    }

    private async Task CutAsync(int node, IReadOnlyList<string> rooms, CancellationToken cancellation)
    {
        var at = Stopwatch.GetTimestamp();
        Watch(rooms);
        _network!.Cut(node, isCut: true);
        _balancer.TakeOut(node, isOut: true);
        _cuts++;
        await BackAsync(rooms, _afterCut, cancellation);
        if (await _nodes[node].EndedAsync(CutOffAtMost, cancellation) is { } code)
        {
            _cutOffEnded.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
            if (code != 1)
                _record.Offences.Add(Offence.Wrong, $"the node that was cut off ended with {code}");
        }
        else
        {
            _record.Offences.Add(Offence.Wrong, $"the node that was cut off did not end within {CutOffAtMost.TotalSeconds} s");
            await _nodes[node].KillAsync();
        }
        _network.Cut(node, isCut: false);
        if (!await _network.ReachesAsync(node, _database.Port, BackAtMost, cancellation))
            throw new BenchException($"The node {node + 1} doesn't reach the database any more.");
        _balancer.TakeOut(node, isOut: false);
    }

    private void Watch(IReadOnlyList<string> rooms)
    {
        foreach (var room in rooms)
            _record.Watch(room);
    }

    // Each of the rooms acks something new.
    private async Task BackAsync(IReadOnlyList<string> rooms, List<double> seconds, CancellationToken cancellation)
    {
        // What was under way at that moment is none.
        var heads = rooms.ToDictionary(room => room, room => _record.Head(room) + (Outbox.Most * _settings.Writers));
        var waiting = rooms.ToHashSet();
        await CrashRun.WaitAsync(
            () =>
            {
                foreach (var room in waiting.Where(room => _record.Head(room) > heads[room]).ToArray())
                {
                    waiting.Remove(room);
                    seconds.Add(_record.LongestPause(room).TotalSeconds);
                }
                return waiting.Count == 0;
            },
            BackAtMost, cancellation);
        for (var node = 0; node < _nodes.Count && waiting.Count > 0; node++)
            _progress.WriteLine($"Without {string.Join(", ", waiting)}, the node {node + 1} sees {await _nodes.ViewAsync(node, cancellation)} and printed:{Environment.NewLine}{_nodes[node].Output}");
        foreach (var room in waiting)
            _record.Offences.Add(Offence.Wrong, $"{room} took no publishes within {BackAtMost.TotalSeconds} s after its node was gone");
    }

    private async Task TerminateAsync(int node)
    {
        if (await _nodes[node].TerminateAsync(FinishTime) is not 0 and var code)
            _record.Offences.Add(Offence.Wrong, $"a node ended with {code} when it was asked to end");
    }

    private ClusterCrashResult ToResult(long logged) => new()
    {
        Kills = _kills,
        Owners = _owners,
        Arbiters = _arbiters,
        Leaves = _leaves,
        Partitions = _cuts,
        AfterKill = Of(_afterKill),
        AfterLeave = Of(_afterLeave),
        AfterCut = Of(_afterCut),
        CutOffEnded = Of(_cutOffEnded),
        Time = Stopwatch.GetElapsedTime(_startedAt),
        Logged = logged,
        Record = _record,
    };

    private static Percentiles? Of(List<double> seconds) => seconds.Count > 0 ? new Percentiles(seconds) : null;

    private void ReportProgress()
    {
        var elapsed = Stopwatch.GetElapsedTime(_startedAt);
        if (elapsed - _reportedAt < ReportEvery)
            return;
        _reportedAt = elapsed;
        _progress.WriteLine(
            $"  {elapsed.ToString(@"mm\:ss", CultureInfo.InvariantCulture)}  kill {_kills} of {_settings.Kills}, cut {_cuts} of {_cluster.Partitions}: "
            + $"{Report.Count(_record.Acked)} acked, {Report.Count(_record.Delivered)} delivered");
    }
}
