using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Sockets;

namespace Chat.Bench.Runs;

/// <summary>Who stops reading, for how long, and how much passes meanwhile.</summary>
/// <param name="Members">Those who read and write all the time.</param>
/// <param name="Readers">Those who stop.</param>
/// <param name="Megabytes">Of text that passes while they do, in millions of bytes.</param>
/// <param name="Seconds">How long they do.</param>
/// <param name="Trickle">Kilobytes a second that each reads meanwhile; 0 for none.</param>
/// <param name="Spread">Seconds over which they stop, one after the other; 0 for all at once.</param>
/// <param name="Around">Seconds of the same load without them before and after, with them before they stop, and while they catch up.</param>
/// <param name="Warmup">Seconds of it before all that, not measured.</param>
public sealed record SlowSettings(int Members, int Readers, int Megabytes, int Seconds, int Trickle, int Spread, int Around, int Warmup)
{
    /// <summary>Characters of each message: as many as one may have.</summary>
    public const int Characters = 4_000;

    /// <summary>Messages a second in all.</summary>
    public double Rate => WhileStopped / (double)Seconds;

    /// <summary>Messages while they are stopped.</summary>
    public int WhileStopped => (int)Math.Ceiling(Megabytes * 1e6 / Characters);

    /// <summary>Messages in each stretch around that.</summary>
    public int WhileAround => In(Around);

    /// <summary>Messages in so many seconds.</summary>
    public int In(int seconds) => (int)Math.Ceiling(Rate * seconds);
}

/// <summary>One stretch of the run.</summary>
/// <param name="Latency">Milliseconds from send to own echo, of the messages that were sent in it.</param>
/// <param name="Lost">Messages of it that never came back to their senders.</param>
/// <param name="PeakBytes">The most memory that was resident in the gateway.</param>
/// <param name="GatewayCpu">The gateway's CPU time.</param>
/// <param name="GeneratorCpu">This program's.</param>
/// <param name="Late">By how much the latest send was late.</param>
/// <param name="Time">How long it took.</param>
public sealed record SlowPhase(Percentiles Latency, int Lost, long PeakBytes, TimeSpan GatewayCpu, TimeSpan GeneratorCpu, TimeSpan Late, TimeSpan Time);

/// <summary>What came of it.</summary>
public sealed record SlowResult
{
    /// <summary>Before the readers came.</summary>
    public required SlowPhase Before { get; init; }

    /// <summary>With the readers in the room, before they stopped.</summary>
    public required SlowPhase Reading { get; init; }

    /// <summary>While they were stopped.</summary>
    public required SlowPhase Stopped { get; init; }

    /// <summary>While they caught up.</summary>
    public required SlowPhase CatchingUp { get; init; }

    /// <summary>When they had left.</summary>
    public required SlowPhase After { get; init; }

    /// <summary>Resident bytes with the readers in the room, just before they stopped.</summary>
    public required long BytesEntered { get; init; }

    /// <summary>The most that were resident until all had caught up.</summary>
    public required long PeakCatchingUp { get; init; }

    /// <summary>Resident bytes at the end.</summary>
    public required long BytesAfter { get; init; }

    /// <summary>What waited in the system at the end of the stop; null where not known.</summary>
    public required long? KernelBytes { get; init; }

    /// <summary>Seconds from reading again until each reader had all that passed while it was stopped; those that never had are left out.</summary>
    public required IReadOnlyList<double> CaughtUp { get; init; }

    /// <summary>Messages that the readers got in all.</summary>
    public required long Delivered { get; init; }

    /// <summary>Deliveries to anybody that never came, and seqs that were left out.</summary>
    public required long Holes { get; init; }

    /// <summary>Deliveries that came twice.</summary>
    public required long Duplicates { get; init; }

    /// <summary>What went wrong, and how often.</summary>
    public required IReadOnlyList<(string Error, int Count)> Errors { get; init; }

    /// <summary>By how much the gateway's memory grew while they were stopped, at most: over the most that it had been before they did.</summary>
    public long GrowthStopped => Growth(Stopped.PeakBytes);

    /// <summary>The same until all had caught up.</summary>
    public long GrowthCatchingUp => Growth(PeakCatchingUp);

    private long Growth(long peak) => Math.Max(0, peak - Math.Max(Before.PeakBytes, Reading.PeakBytes));
}

/// <summary>Readers of a busy room who stop reading for a while: what it costs the others and the server, and whether they get all in the end.</summary>
public sealed class SlowRun
{
    private const int ReceiveBuffer = 256 * 1024;
    private const int TrickleReceiveBuffer = 16 * 1024;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(1);

    // Without one more message to anybody for so long, or in all, no more is waited for.
    private static readonly TimeSpan StuckTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CatchUpTime = TimeSpan.FromMinutes(10);

    private readonly Target _target;
    private readonly int _process;
    private readonly SlowSettings _settings;
    private readonly EchoBook _echoes;
    private readonly CancellationToken _cancellation;
    private readonly Crowd _members;
    private readonly PublishText _text;
    private int _sent;

    private SlowRun(Target target, SlowSettings settings, EchoBook echoes, Crowd members, CancellationToken cancellation)
    {
        (_target, _settings, _echoes, _members, _cancellation) = (target, settings, echoes, members, cancellation);
        _process = target.ProcessId ?? throw new BenchException("Only a gateway that is started here can be measured.");
        _text = new PublishText(members.Members[0].Room, SlowSettings.Characters);
    }

    /// <summary>Runs it. Throws a <see cref="BenchException"/> where not all get in, or no message came back.</summary>
    public static async Task<SlowResult> RunAsync(Target target, SlowSettings settings, CancellationToken cancellation)
    {
        var echoes = new EchoBook(settings.In(settings.Warmup) + (4 * settings.WhileAround) + settings.WhileStopped, settings.Members);
        await using var members = await Crowd.EnterAsync(target.Server, settings.Members, rooms: 1, echoes, cancellation);
        ThrowUnlessAllIn(members, settings.Members);
        return await new SlowRun(target, settings, echoes, members, cancellation).RunAsync();
    }

    private async Task<SlowResult> RunAsync()
    {
        await LoadAsync(_settings.In(_settings.Warmup));
        var before = await MeasureAsync(_settings.WhileAround);
        // Those who come now are not to get what was said before.
        await CatchUpAsync(_members, _sent);

        Valve[] valves =
        [
            .. Enumerable.Range(0, _settings.Readers).Select(_ => new Valve(_settings.Trickle > 0 ? TrickleReceiveBuffer : ReceiveBuffer)),
        ];
        var readers = await Crowd.EnterRoomAsync(_target.Server, _members.Members[0].Room, valves, _cancellation);
        try
        {
            ThrowUnlessAllIn(readers, _settings.Readers);
            await Task.Delay(SettleTime, _cancellation);
            var reading = await MeasureAsync(_settings.WhileAround);
            await CatchUpAsync(readers, _sent);
            var entered = _target.ResidentBytes()!.Value;

            var stopping = StopAsync(valves);
            var stopped = await MeasureAsync(_settings.WhileStopped);
            await stopping;
            var kernel = KernelQueue.Bytes(_target.Server.Port);

            Open(valves);
            var catchingUp = CatchUpAsync(readers, _sent);
            var meanwhile = await MeasureAsync(_settings.WhileAround);
            var caughtUp = await catchingUp;
            await CatchUpAsync(readers, _sent);
            var peak = ProcessUsage.PeakResidentBytes(_process);
            var missing = Missing(readers);
            await readers.DisposeAsync();

            var after = await MeasureAsync(_settings.WhileAround);
            await CatchUpAsync(_members, _sent);
            missing += Missing(_members);
            Member[] all = [.. _members.Members, .. readers.Members];
            return new SlowResult
            {
                Before = before(),
                Reading = reading(),
                Stopped = stopped(),
                CatchingUp = meanwhile(),
                After = after(),
                BytesEntered = entered,
                PeakCatchingUp = peak,
                BytesAfter = _target.ResidentBytes()!.Value,
                KernelBytes = kernel,
                CaughtUp = caughtUp,
                Delivered = readers.Members.Sum(reader => reader.Delivered),
                Holes = Math.Max(missing, all.Sum(member => member.Holes)),
                Duplicates = all.Sum(member => member.Duplicates),
                Errors = [.. _members.Errors().Concat(readers.Errors()).GroupBy(error => error.Error).Select(group => (group.Key, group.Sum(error => error.Count)))],
            };
        }
        finally
        {
            Open(valves);
            await readers.DisposeAsync();
        }
    }

    private async Task StopAsync(Valve[] valves)
    {
        var between = TimeSpan.FromSeconds(_settings.Spread) / valves.Length;
        foreach (var valve in valves)
        {
            valve.Narrow(_settings.Trickle * 1_000);
            if (between > TimeSpan.Zero)
                await Task.Delay(between, _cancellation);
        }
    }

    private static void Open(Valve[] valves)
    {
        foreach (var valve in valves)
            valve.Open();
    }

    // Echoes may come after the stretch that they were sent in: what it was is asked for at the end.
    private async Task<Func<SlowPhase>> MeasureAsync(int messages)
    {
        var first = _sent;
        ProcessUsage.RestartPeak(_process);
        var (gateway, generator, startedAt) = (_target.Cpu()!.Value, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var late = await LoadAsync(messages);
        var (gatewayCpu, generatorCpu, time) =
            (_target.Cpu()!.Value - gateway, Environment.CpuUsage.TotalTime - generator, Stopwatch.GetElapsedTime(startedAt));
        var peak = ProcessUsage.PeakResidentBytes(_process);
        return () =>
        {
            var latencies = _echoes.Latencies(first, messages).ToArray();
            if (latencies.Length == 0)
                throw new BenchException($"No message came back. {string.Join(", ", _members.Errors())}");
            return new SlowPhase(new Percentiles(latencies), messages - latencies.Length, peak, gatewayCpu, generatorCpu, late, time);
        };
    }

    private async Task<TimeSpan> LoadAsync(int messages)
    {
        var first = _sent;
        try
        {
            var late = await Pace.RunAsync(messages, _settings.Rate, number => Send(first + number), _cancellation);
            _sent += messages;
            return late;
        }
        catch (SocketException e)
        {
            throw new BenchException($"The server ended a connection while it was being measured: {e.Message}");
        }
    }

    private void Send(int number)
    {
        _echoes.Sent(number);
        _members.Members[number % _settings.Members].Send(_text.Numbered(number));
    }

    private long Missing(Crowd crowd) => crowd.Members.Sum(member => Math.Max(0, _sent - member.Last));

    // The seconds until each had the seq; without those who never had.
    private async Task<IReadOnlyList<double>> CatchUpAsync(Crowd crowd, long seq)
    {
        var (startedAt, progressAt, had) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), -1L);
        var waiting = crowd.Members.ToList();
        var times = new List<double>();
        while (waiting.Count > 0 && Stopwatch.GetElapsedTime(startedAt) < CatchUpTime && Stopwatch.GetElapsedTime(progressAt) < StuckTime)
        {
            var done = waiting.RemoveAll(member => member.Last >= seq);
            times.AddRange(Enumerable.Repeat(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, done));
            var has = crowd.Members.Sum(member => member.Delivered);
            if (has > had)
                (had, progressAt) = (has, Stopwatch.GetTimestamp());
            if (waiting.Count > 0)
                await Task.Delay(Poll, _cancellation);
        }
        return times;
    }

    private static void ThrowUnlessAllIn(Crowd crowd, int count)
    {
        if (crowd.Failures.Count > 0)
            throw new BenchException($"{crowd.Failures.Count} of {count} members were not let in: {crowd.Failures[0]}");
    }
}
