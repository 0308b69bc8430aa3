using System.CommandLine;
using System.Globalization;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>hold</c>: what a connection costs.</summary>
internal static class HoldVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("hold", "Connects many users, joins them to rooms and holds them with a few messages meanwhile: errors, and memory for each.");
        var connections = BoundedOption.Integer("--connections", "Connections", 1_000, 1, 20_000);
        var rooms = BoundedOption.Integer("--rooms", "Rooms that they are spread over", 10, 1, 1_000);
        var seconds = BoundedOption.Integer("--seconds", "How long to hold them", 10, 1, 600);
        var rate = BoundedOption.Integer("--rate", "Messages a second in all meanwhile", 10, 1, 1_000);
        var characters = BoundedOption.Integer("--characters", "Characters of a message", 120, 1, 4_000);
        foreach (var option in new[] { connections, rooms, seconds, rate, characters })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: true);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new HoldSettings(
                parsed.GetValue(connections), parsed.GetValue(rooms), parsed.GetValue(seconds), parsed.GetValue(rate), parsed.GetValue(characters)),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, HoldSettings settings, TextWriter output, CancellationToken cancellation)
    {
        await using var target = await Target.OpenAsync(choice, output, cancellation);
        Conditions.Print(output, $"hold: {settings.Connections} connections in {settings.Rooms} rooms",
        [
            .. target.Conditions,
            ("message", $"{settings.Characters} characters, {settings.Rate} a second in all"),
            ("duration", $"{settings.Seconds} s after all were let in"),
        ]);
        var result = await HoldRun.RunAsync(target, settings, cancellation);
        Report.Line(output, "held", $"{Report.Count(result.Held)}, all in after {result.EnterTime.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s");
        FaultLines.Print(output, result.Errors);
        Report.Line(output, "deliveries", $"{Report.Count(result.Delivered)}, {Report.Count(result.Missing)} missing, {Report.Count(result.Duplicates)} twice");
        if (result is { BytesBefore: { } before, BytesHeld: { } held, ServerCpu: { } cpu })
        {
            Report.Line(output, "gateway's memory", $"{Report.Megabytes(before)} resident before, {Report.Megabytes(held)} with them");
            Report.Line(output, "for each connection", Report.Kilobytes((held - before) / (double)Math.Max(1, result.Held)));
            Report.Line(output, "gateway's CPU", $"{ProcessUsage.Share(cpu, result.HoldTime)} while holding");
        }
        return result.Held == settings.Connections && result.Errors.Count == 0 && result.Missing == 0 && result.Duplicates == 0;
    }
}
