using System.CommandLine;
using System.Globalization;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>slow</c>: what those cost who stop reading, and whether they lose anything.</summary>
internal static class SlowVerb
{
    // Who takes nothing for a minute is closed, as the protocol says.
    private const int LongestStop = 50;
    private const int HighestRate = 5_000;
    private const int Warmup = 5;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("slow",
            "Readers of a busy room stop reading for a while, or read a trickle, and then read again: the gateway's memory, the others' time from send to "
            + "echo before, meanwhile and after, and whether each reader gets every message once and in order. Takes Linux.");
        var readers = BoundedOption.Integer("--readers", "Readers who stop", 1, 1, 1_000);
        var megabytes = BoundedOption.Integer("--megabytes", "Megabytes of messages that pass meanwhile", 100, 1, 1_000);
        var seconds = BoundedOption.Integer("--seconds", $"How long they stop; without --trickle at most {LongestStop}, as who takes nothing for 60 s is closed", 30, 1, 600);
        var trickle = BoundedOption.Integer("--trickle", "Kilobytes a second that each of them reads meanwhile; 0 for nothing", 0, 0, 1_000);
        var spread = BoundedOption.Integer("--spread", "Seconds over which they stop, one after the other, each at another place in the room; 0 for all at once", 0, 0, 600);
        var members = BoundedOption.Integer("--members", "Others, who read and write all the time", 10, 1, 1_000);
        var around = BoundedOption.Integer("--around", "Seconds of the same load without them, with them before they stop, while they catch up, and after", 10, 1, 60);
        foreach (var option in new[] { readers, megabytes, seconds, trickle, spread, members, around })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new SlowSettings(
                parsed.GetValue(members), parsed.GetValue(readers), parsed.GetValue(megabytes), parsed.GetValue(seconds), parsed.GetValue(trickle),
                parsed.GetValue(spread), parsed.GetValue(around), Warmup),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, SlowSettings settings, TextWriter output, CancellationToken cancellation)
    {
        if (settings.Trickle == 0 && settings.Seconds > LongestStop)
            throw new BenchException($"--seconds: who takes nothing for 60 s is closed; it must be at most {LongestStop}, unless --trickle is given.");
        if (settings.Spread > settings.Seconds)
            throw new BenchException($"--spread: {settings.Spread} s is longer than the stop; it must be at most {settings.Seconds}, as --seconds.");
        if (settings.Rate > HighestRate)
            throw new BenchException($"--megabytes: in {settings.Seconds} s it is more than {HighestRate} messages a second; take fewer, or more --seconds.");
        await using var target = await Target.OpenAsync(choice, output, cancellation);
        Conditions.Print(output, $"slow: {settings.Readers} stop reading for {settings.Seconds} s while {settings.Megabytes} MB pass",
        [
            .. target.Conditions,
            ("others", $"{settings.Members}, who write {settings.Rate.ToString("0", CultureInfo.InvariantCulture)} messages a second in all, of {SlowSettings.Characters} characters"),
            ("who stops", (settings.Trickle == 0 ? "reads nothing meanwhile" : $"reads {settings.Trickle} KB a second meanwhile")
                + (settings.Spread == 0 ? "; all stop at once" : $"; they stop one after the other within {settings.Spread} s")),
            ("duration", $"{settings.Around} s of the same load before (and {Warmup} s before that, not measured), with them, while they catch up, and after"),
        ]);
        var result = await SlowRun.RunAsync(target, settings, cancellation);
        Print(output, "without them", result.Before, null);
        Print(output, "while they read", result.Reading, null);
        Print(output, settings.Trickle == 0 ? "while they stopped" : "while they trickled", result.Stopped, (result.Reading, "while they read"));
        Print(output, "while they caught up", result.CatchingUp, (result.Reading, "while they read"));
        Print(output, "after they had left", result.After, (result.Before, "without them"));
        Report.Line(output, "gateway's memory",
            $"{Report.Megabytes(result.BytesEntered)} resident with them in the room, {Report.Megabytes(result.PeakCatchingUp)} at most until all caught up, {Report.Megabytes(result.BytesAfter)} at the end");
        Report.Line(output, "it grew by",
            $"{Report.Megabytes(result.GrowthStopped)} at most while they stopped, {Report.Megabytes(result.GrowthCatchingUp)} until all had caught up");
        Report.Line(output, "the system's queues", result.KernelBytes is { } kernel ? $"{Report.Megabytes(kernel)} sent and not taken when the stop ended; no process's memory" : "not known");
        Report.Line(output, "caught up",
            result.CaughtUp.Count == 0 ? "none" : $"{Report.Count(result.CaughtUp.Count)}, after {Seconds(new Percentiles(result.CaughtUp))}");
        Report.Line(output, "they got", $"{Report.Count(result.Delivered)} messages in all");
        Report.Line(output, "holes", Report.Count(result.Holes));
        Report.Line(output, "duplicates", Report.Count(result.Duplicates));
        FaultLines.Print(output, result.Errors);
        return result.CaughtUp.Count == settings.Readers && result.Holes == 0 && result.Duplicates == 0 && result.Errors.Count == 0
            && new[] { result.Before, result.Reading, result.Stopped, result.CatchingUp, result.After }.All(phase => phase.Lost == 0);
    }

    private static void Print(TextWriter output, string name, SlowPhase phase, (SlowPhase Phase, string Name)? other)
    {
        var (p50, p99) = (phase.Latency.At(50), phase.Latency.At(99));
        var ratio = other is { } than
            ? string.Create(CultureInfo.InvariantCulture, $", {p99 / than.Phase.Latency.At(99):0.00} of that {than.Name}")
            : "";
        Report.Line(output, name, $"echo p50 {Report.Milliseconds(p50)}, p99 {Report.Milliseconds(p99)}{ratio}; {Report.Count(phase.Lost)} lost");
        Report.Line(output, "", $"CPU: gateway {ProcessUsage.Share(phase.GatewayCpu, phase.Time)}, generator {ProcessUsage.Share(phase.GeneratorCpu, phase.Time)}, "
            + $"which was late by at most {Report.Milliseconds(phase.Late.TotalMilliseconds)}; gateway's memory at most {Report.Megabytes(phase.PeakBytes)}");
    }

    private static string Seconds(Percentiles times) => string.Create(CultureInfo.InvariantCulture, $"{times.Median:0.00} s in the median, {times.Max:0.00} s at most");
}
