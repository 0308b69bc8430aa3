using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="DurabilityRun"/> loads the gateway.</summary>
/// <param name="Rooms">The numbers of rooms to measure with.</param>
/// <param name="Writers">Connections that write: each in rooms of its own, or all in the one where there are fewer rooms than writers.</param>
/// <param name="InFlight">Publishes in flight in all.</param>
/// <param name="Characters">Of each message.</param>
/// <param name="Warmup">Seconds of the same load before each measurement, once every room has had a message.</param>
/// <param name="Seconds">Of each measurement.</param>
/// <param name="Repeats">How often each is measured.</param>
public sealed record DurabilitySettings(
    IReadOnlyList<int> Rooms, int Writers, int InFlight, int Characters, int Warmup, int Seconds, int Repeats);

/// <summary>One measurement.</summary>
/// <param name="PerSecond">Messages a second that were acked.</param>
/// <param name="P50">Milliseconds from publish to ack.</param>
/// <param name="P99">The same.</param>
/// <param name="GatewayCpu">The gateway's CPU time, in cores.</param>
/// <param name="GeneratorCpu">This program's.</param>
/// <param name="Unfinished">Publishes that were not acked and delivered in the end.</param>
/// <param name="Errors">What went wrong, and how often.</param>
public sealed record DurabilitySample(
    double PerSecond, double P50, double P99, double GatewayCpu, double GeneratorCpu, int Unfinished, IReadOnlyList<(string Error, int Count)> Errors);

/// <summary>All measurements of one durability with one number of rooms.</summary>
public sealed record DurabilityCell(string Durability, int Rooms, IReadOnlyList<DurabilitySample> Samples)
{
    /// <summary>One figure of all of them.</summary>
    public Percentiles Of(Func<DurabilitySample, double> figure) => new(Samples.Select(figure));
}

/// <summary>What it costs that a message is synced before it is seen: the same load with and without, in turn.</summary>
public static class DurabilityRun
{
    private static readonly string[] Durabilities = ["always", "never"];

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(10);

    /// <summary>Runs it, with a gateway of its own for each measurement.</summary>
    public static async Task<IReadOnlyList<DurabilityCell>> RunAsync(
        TargetChoice choice, DurabilitySettings settings, TextWriter output, CancellationToken cancellation)
    {
        var cells = settings.Rooms.SelectMany(_ => Durabilities, (rooms, durability) => (durability, rooms, samples: new List<DurabilitySample>())).ToArray();
        for (var repeat = 0; repeat < settings.Repeats; repeat++)
        {
            foreach (var (durability, rooms, samples) in cells)
                samples.Add(await MeasureAsync(choice with { Durability = durability }, rooms, settings, output, cancellation));
        }
        return [.. cells.Select(cell => new DurabilityCell(cell.durability, cell.rooms, cell.samples))];
    }

    private static async Task<DurabilitySample> MeasureAsync(
        TargetChoice choice, int rooms, DurabilitySettings settings, TextWriter output, CancellationToken cancellation)
    {
        await using var target = await Target.OpenAsync(choice, output, cancellation);
        var writers = new List<Writer>();
        try
        {
            using var enterTime = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            enterTime.CancelAfter(EnterTime);
            for (var number = 0; number < settings.Writers; number++)
                writers.Add(await Writer.EnterAsync(target.Server, number, settings.Writers, RoomsOf(number, rooms, settings.Writers), settings.Characters, enterTime.Token));
            return await MeasureAsync(target, writers, settings, cancellation);
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            throw new BenchException($"The gateway ended a connection while it was being measured: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException($"Not all writers were let in within {EnterTime.TotalSeconds} s.");
        }
        finally
        {
            foreach (var writer in writers)
                writer.Dispose();
        }
    }

    private static async Task<DurabilitySample> MeasureAsync(
        Target target, List<Writer> writers, DurabilitySettings settings, CancellationToken cancellation)
    {
        foreach (var (number, writer) in writers.Index())
            writer.Start((settings.InFlight + number) / writers.Count);
        // The first message of a room makes its files.
        if (!await IsSoonAsync(() => writers.All(writer => writer.HasReachedAll), FirstTime, cancellation))
            throw new BenchException($"Not every room had a message within {FirstTime.TotalSeconds} s. {string.Join(", ", Errors(writers))}");
        await Task.Delay(TimeSpan.FromSeconds(settings.Warmup), cancellation);

        var (gateway, generator, from) = (target.Cpu()!.Value, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(settings.Seconds), cancellation);
        var (gatewayCpu, generatorCpu, to) = (target.Cpu()!.Value - gateway, Environment.CpuUsage.TotalTime - generator, Stopwatch.GetTimestamp());
        foreach (var writer in writers)
            writer.Stop();
        await IsSoonAsync(() => writers.All(writer => writer.Unfinished == 0), StragglersTime, cancellation);

        double[] latencies = [.. writers.SelectMany(writer => writer.Latencies(from, to))];
        if (latencies.Length == 0)
            throw new BenchException($"No publish was acked. {string.Join(", ", Errors(writers))}");
        var (percentiles, time) = (new Percentiles(latencies), Stopwatch.GetElapsedTime(from, to));
        return new DurabilitySample(
            latencies.Length / time.TotalSeconds, percentiles.At(50), percentiles.At(99), gatewayCpu / time, generatorCpu / time,
            writers.Sum(writer => writer.Unfinished), Errors(writers));
    }

    /// <summary>The rooms of one writer: each room has one, or each writer one where they are fewer.</summary>
    public static int[] RoomsOf(int writer, int rooms, int writers) =>
        rooms < writers ? [writer % rooms] : [.. Enumerable.Range(0, rooms).Where(room => room % writers == writer)];

    private static async Task<bool> IsSoonAsync(Func<bool> condition, TimeSpan atMost, CancellationToken cancellation)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(Poll, cancellation))
        {
            if (Stopwatch.GetElapsedTime(startedAt) > atMost)
                return false;
        }
        return true;
    }

    private static IReadOnlyList<(string Error, int Count)> Errors(List<Writer> writers) =>
        [.. writers.SelectMany(writer => writer.Errors()).GroupBy(error => error).Select(group => (group.Key, group.Count()))];
}
