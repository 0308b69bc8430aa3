using System.CommandLine;
using System.Globalization;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>durability</c>: what <c>always</c> and <c>never</c> cost.</summary>
internal static class DurabilityVerb
{
    private const int Writers = 20;

    private static readonly int[] Rooms = [1, 100, 1_000];
    private static readonly TimeSpan DiskTime = TimeSpan.FromSeconds(2);

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("durability",
            $"What syncing each message costs: {Writers} writers keep a number of publishes in flight in one room, in 100 and in 1,000, with durability always and "
            + "never in turn; messages a second, and the time from publish to ack.");
        var inFlight = BoundedOption.Integer("--in-flight", "Publishes in flight in all", 1_000, Writers, Writers * 50);
        var characters = BoundedOption.Integer("--characters", "Characters of a message", 120, 1, 4_000);
        var seconds = BoundedOption.Integer("--seconds", "How long to measure each", 3, 1, 60);
        var warmup = BoundedOption.Integer("--warmup", "Seconds of the same before that, not measured", 2, 0, 60);
        var repeats = BoundedOption.Integer("--repeats", "How often to measure each", 3, 1, 10);
        foreach (var option in new[] { inFlight, characters, seconds, warmup, repeats })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false, takesDurability: false);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new DurabilitySettings(
                Rooms, Writers, parsed.GetValue(inFlight), parsed.GetValue(characters), parsed.GetValue(warmup), parsed.GetValue(seconds),
                parsed.GetValue(repeats)),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, DurabilitySettings settings, TextWriter output, CancellationToken cancellation)
    {
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        Conditions.Print(output, "durability: always and never, in one room, in 100 and in 1,000",
        [
            .. Target.Describe(program, "always and never in turn", Path.GetFullPath(choice.DataIn ?? Path.GetTempPath())),
            ("the disk alone", DescribeDisk(choice)),
            ("load", $"{settings.Writers} writers, {Report.Count(settings.InFlight)} publishes of {settings.Characters} characters in flight; all of them in the one room, else each room has one of them"),
            ("duration", $"{settings.Repeats} times {settings.Seconds} s after {settings.Warmup} s of warm-up, each with a gateway of its own"),
        ]);
        var cells = await DurabilityRun.RunAsync(choice with { Gateway = program }, settings, output, cancellation);
        output.WriteLine($"  {"",-8}{"rooms",6}{"messages/s",30}{"p50 ms",26}{"p99 ms",30}   CPU, in cores: gateway, generator");
        foreach (var cell in cells)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {cell.Durability,-8}{cell.Rooms,6:#,0}{Spread(cell.Of(sample => sample.PerSecond), "#,0"),30}{Spread(cell.Of(sample => sample.P50), "0.0"),26}{Spread(cell.Of(sample => sample.P99), "0.0"),30}   {cell.Of(sample => sample.GatewayCpu).Median:0.00}, {cell.Of(sample => sample.GeneratorCpu).Median:0.00}"));
        }
        output.WriteLine();
        DurabilitySample[] samples = [.. cells.SelectMany(cell => cell.Samples)];
        Report.Line(output, "not acked or delivered", Report.Count(samples.Sum(sample => (long)sample.Unfinished)));
        FaultLines.Print(output, [.. samples.SelectMany(sample => sample.Errors).GroupBy(error => error.Error).Select(group => (group.Key, group.Sum(error => error.Count)))]);
        return samples.All(sample => sample.Unfinished == 0 && sample.Errors.Count == 0);
    }

    private static string DescribeDisk(TargetChoice choice)
    {
        using var folder = new TemporaryFolder(choice.DataIn);
        var disk = DiskProbe.Run(folder.Path, rate: 1_000, DiskTime);
        return $"an append and its sync: p50 {Report.Milliseconds(disk.At(50))}, p99 {Report.Milliseconds(disk.At(99))}";
    }

    // The median, and from the least to the most.
    private static string Spread(Percentiles values, string format) => string.Create(
        CultureInfo.InvariantCulture, $"{values.Median.ToString(format, CultureInfo.InvariantCulture)} ({values.Min.ToString(format, CultureInfo.InvariantCulture)} to {values.Max.ToString(format, CultureInfo.InvariantCulture)})");
}
