using System.Diagnostics;
using System.Globalization;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Nodes;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="NodesRun"/> loads a cluster.</summary>
/// <param name="Nodes">The most nodes.</param>
/// <param name="Members">Members of the room on each node, one run for each.</param>
/// <param name="Rate">Messages a second.</param>
/// <param name="Seconds">How long each is measured.</param>
/// <param name="Warmup">Seconds of the same before that.</param>
/// <param name="Repeats">How often each is measured, all others in between.</param>
/// <param name="Characters">Of a message.</param>
public sealed record NodesSettings(int Nodes, IReadOnlyList<int> Members, int Rate, int Seconds, int Warmup, int Repeats, int Characters);

/// <summary>What one message cost on so many nodes with so many members on each; medians.</summary>
/// <param name="Nodes">Nodes with members.</param>
/// <param name="Members">On each of them.</param>
/// <param name="Cpu">Microseconds of all nodes' CPU for each message; what they use without any not counted, nor for <paramref name="Bytes"/>.</param>
/// <param name="Bytes">Bytes between the nodes for each message.</param>
/// <param name="Latency">Milliseconds from send to own echo.</param>
public sealed record NodesFigure(int Nodes, int Members, double Cpu, double Bytes, Percentiles Latency);

/// <summary>One room, on the first node, whose members are on several: what a message costs, by nodes and by members.</summary>
public static class NodesRun
{
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PlaceTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly record struct Usage(TimeSpan Cpu, double Bytes)
    {
        public static Usage operator -(Usage one, Usage other) => new(one.Cpu - other.Cpu, one.Bytes - other.Bytes);

        public static Usage operator *(Usage one, double times) => new(one.Cpu * times, one.Bytes * times);
    }

    /// <summary>Runs it; what it writes is in a folder that is the caller's. Throws a <see cref="BenchException"/> where a message got lost.</summary>
    public static async Task<IReadOnlyList<NodesFigure>> RunAsync(
        GatewaySettings gateway, string folder, NodesSettings settings, TextWriter progress, CancellationToken cancellation)
    {
        await using var database = await PostgresProcess.StartAsync(folder, "127.0.0.1", cancellation);
        await using var nodes = new ClusterNodes(gateway, settings.Nodes, null, database.Connection);
        for (var node = 0; node < settings.Nodes; node++)
            nodes.Start(node);
        await nodes.ReadyAsync(cancellation);
        // Its code is compiled then, and again for speed in the time that follows.
        await MeasureAsync(nodes, settings.Nodes, settings.Members.Max(), default, settings, cancellation);
        await Task.Delay(SettleTime, cancellation);
        var quiet = await QuietAsync(nodes, cancellation);
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {settings.Nodes} nodes without load: {quiet.Cpu.TotalMilliseconds:0.0} ms of CPU and {quiet.Bytes:0} bytes a second"));
        var runs = new List<NodesFigure>();
        for (var repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (var members in settings.Members)
            {
                for (var count = 1; count <= settings.Nodes; count++)
                {
                    var run = await MeasureAsync(nodes, count, members, quiet, settings, cancellation);
                    progress.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"  {count} nodes, {members} members on each: {run.Cpu:0} us and {run.Bytes:0} bytes a message"));
                    runs.Add(run);
                }
            }
        }
        return
        [
            .. runs.GroupBy(run => (run.Nodes, run.Members)).Select(same => new NodesFigure(
                same.Key.Nodes, same.Key.Members, new Percentiles(same.Select(run => run.Cpu)).Median, new Percentiles(same.Select(run => run.Bytes)).Median,
                same.OrderBy(run => run.Latency.Median).ElementAt((same.Count() - 1) / 2).Latency)),
        ];
    }

    /// <summary>
    /// The cost of a message as a sum, by least squares: of itself, of each further node, and of each member. In the unit of what <paramref name="cost"/> gives.
    /// </summary>
    public static (double Message, double Node, double Member) Fit(IReadOnlyList<NodesFigure> figures, Func<NodesFigure, double> cost)
    {
        // The normal equations of cost = message + node * (nodes - 1) + member * members of all.
        var rows = figures.Select(figure => (X: new double[] { 1, figure.Nodes - 1, figure.Nodes * figure.Members }, Y: cost(figure))).ToArray();
        var matrix = new double[3, 4];
        foreach (var (x, y) in rows)
        {
            for (var i = 0; i < 3; i++)
            {
                for (var j = 0; j < 3; j++)
                    matrix[i, j] += x[i] * x[j];
                matrix[i, 3] += x[i] * y;
            }
        }
        for (var pivot = 0; pivot < 3; pivot++)
        {
            for (var row = 0; row < 3; row++)
            {
                if (row == pivot)
                    continue;
                var factor = matrix[row, pivot] / matrix[pivot, pivot];
                for (var column = pivot; column < 4; column++)
                    matrix[row, column] -= factor * matrix[pivot, column];
            }
        }
        return (matrix[0, 3] / matrix[0, 0], matrix[1, 3] / matrix[1, 1], matrix[2, 3] / matrix[2, 2]);
    }

    private static async Task<NodesFigure> MeasureAsync(
        ClusterNodes nodes, int count, int members, Usage quiet, NodesSettings settings, CancellationToken cancellation)
    {
        var (warmup, measured) = (settings.Warmup * settings.Rate, settings.Seconds * settings.Rate);
        var all = count * members;
        var echoes = new EchoBook(warmup + measured, all);
        var servers = nodes.EndPoints.Take(count).Select(node => new Uri($"ws://{node}/ws")).ToArray();
        await using var crowd = await Crowd.EnterRoomAsync(servers, all, await PlaceAsync(nodes, cancellation), echoes, cancellation);
        if (crowd.Failures.Count > 0)
            throw new BenchException($"{crowd.Failures.Count} of {all} members were not let in: {crowd.Failures[0]}");
        var text = new PublishText(crowd.Members[0].Room, settings.Characters);
        void Send(int number)
        {
            echoes.Sent(number);
            crowd.Members[number % all].Send(text.Numbered(number));
        }
        await Pace.RunAsync(warmup, settings.Rate, Send, cancellation);
        var (before, startedAt) = (await UsageAsync(nodes, cancellation), Stopwatch.GetTimestamp());
        await Pace.RunAsync(measured, settings.Rate, number => Send(warmup + number), cancellation);
        var missing = await crowd.MissingAsync(_ => warmup + measured, StragglersTime, cancellation);
        var used = await UsageAsync(nodes, cancellation) - before - (quiet * Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        if (missing > 0 || crowd.Members.Any(member => member.Holes > 0 || member.Duplicates > 0) || crowd.Errors().Count > 0)
            throw new BenchException($"{missing} deliveries are missing of {all * (warmup + measured)}. {string.Join(", ", crowd.Errors())}");
        return new NodesFigure(
            count, members, used.Cpu.TotalMicroseconds / measured, Math.Max(0, used.Bytes / measured), new Percentiles(echoes.Latencies(from: warmup)));
    }

    // A room's name decides where it is.
    private static async Task<string> PlaceAsync(ClusterNodes nodes, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(PlaceTime);
        while (true)
        {
            var room = $"bench-{Crowd.NewRun()}";
            using var finder = await Member.EnterAsync(new Uri($"ws://{nodes.EndPoints[0]}/ws"), 0, $"finder-{room}", room, null, time.Token);
            int? place;
            while ((place = await WhereAsync(nodes, room, time.Token)) is null)
                await Task.Delay(Look, time.Token);
            await finder.LeaveAsync(LeaveTime);
            if (place == 0)
                return room;
        }
    }

    private static async Task<int?> WhereAsync(ClusterNodes nodes, string room, CancellationToken cancellation)
    {
        for (var node = 0; node < nodes.Count; node++)
        {
            if ((await nodes.RoleAsync(node, cancellation)).Rooms.Contains(room))
                return node;
        }
        return null;
    }

    // What the nodes do anyway, a second.
    private static async Task<Usage> QuietAsync(ClusterNodes nodes, CancellationToken cancellation)
    {
        var before = await UsageAsync(nodes, cancellation);
        await Task.Delay(QuietTime, cancellation);
        return (await UsageAsync(nodes, cancellation) - before) * (1 / QuietTime.TotalSeconds);
    }

    private static async Task<Usage> UsageAsync(ClusterNodes nodes, CancellationToken cancellation) => new(
        Enumerable.Range(0, nodes.Count).Aggregate(TimeSpan.Zero, (sum, node) => sum + ProcessUsage.Cpu(nodes[node].Id)), await nodes.BytesBetweenAsync(cancellation));
}
