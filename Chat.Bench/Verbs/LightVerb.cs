using System.CommandLine;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>light</c>: what a quiet room feels like.</summary>
internal static class LightVerb
{
    private static readonly TimeSpan DiskTime = TimeSpan.FromSeconds(2);

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("light", "Members of one room publish at a modest rate; the time from each send to the sender's own echo.");
        var members = BoundedOption.Integer("--members", "Members of the room", 50, 1, 5_000);
        var rate = BoundedOption.Integer("--rate", "Messages a second in all, spread over the members", 100, 1, 20_000);
        var seconds = BoundedOption.Integer("--seconds", "How long to measure", 20, 1, 600);
        var warmup = BoundedOption.Integer("--warmup", "Seconds of the same before that, not measured", 5, 0, 60);
        var characters = BoundedOption.Integer("--characters", "Characters of a message", 120, 1, 4_000);
        foreach (var option in new[] { members, rate, seconds, warmup, characters })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: true);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new LightSettings(
                parsed.GetValue(members), parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(warmup), parsed.GetValue(characters)),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, LightSettings settings, TextWriter output, CancellationToken cancellation)
    {
        await using var target = await Target.OpenAsync(choice, output, cancellation);
        var disk = target.Folder is { } folder && choice.Durability == "always" ? DiskProbe.Run(folder, settings.Rate, DiskTime) : null;
        Conditions.Print(output, $"light: {settings.Members} members of one room, {settings.Rate} messages a second in all",
        [
            .. target.Conditions,
            .. disk is null
                ? Array.Empty<(string, string)>()
                : [("the disk alone", $"an append and its sync: p50 {Report.Milliseconds(disk.At(50))}, p99 {Report.Milliseconds(disk.At(99))}")],
            ("message", $"{settings.Characters} characters"),
            ("duration", $"{settings.Seconds} s after {settings.Warmup} s of warm-up"),
        ]);
        var result = await LightRun.RunAsync(target, settings, cancellation);
        Report.Line(output, "echo p50", Report.Milliseconds(result.Latency.At(50)));
        Report.Line(output, "echo p99", Report.Milliseconds(result.Latency.At(99)));
        Report.Line(output, "echo max", Report.Milliseconds(result.Latency.Max));
        Report.Line(output, "messages", $"{Report.Count(result.Sent)} measured, {Report.Count(result.Latency.Count)} came back to their senders");
        Report.Line(output, "deliveries", $"{Report.Count(result.Delivered)}, the warm-up's included");
        Report.Line(output, "holes", Report.Count(result.Holes));
        Report.Line(output, "duplicates", Report.Count(result.Duplicates));
        FaultLines.Print(output, result.Errors);
        Report.Line(output, "gateway's CPU", result.ServerCpu is { } cpu ? ProcessUsage.Share(cpu, result.Time) : "not known");
        Report.Line(output, "generator's CPU", ProcessUsage.Share(result.GeneratorCpu, result.Time));
        Report.Line(output, "generator late", $"at most {Report.Milliseconds(result.Late.TotalMilliseconds)}; each latency counts from its own send");
        return result.Errors.Count == 0 && result.Holes == 0 && result.Duplicates == 0 && result.Latency.Count == result.Sent;
    }
}
