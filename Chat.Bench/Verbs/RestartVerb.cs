using System.CommandLine;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>restart</c>: what clients see of an upgrade.</summary>
internal static class RestartVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("restart", "The gateway is ended by SIGTERM and started again on the same data, while clients chat: what is lost, and how long each is without.");
        var clients = BoundedOption.Integer("--clients", "How many clients", 1_000, 1, 5_000);
        var rooms = BoundedOption.Integer("--rooms", "In how many rooms, in each of which one speaks", 20, 1, 1_000);
        var rate = BoundedOption.Integer("--rate", "Messages a second, in all", 100, 1, 1_000);
        var restarts = BoundedOption.Integer("--restarts", "How often it is restarted, 5 s after all are back", 3, 1, 100);
        var drain = BoundedOption.Integer("--drain-seconds", "As the gateway's own option", 0, 0, 60);
        foreach (var option in new[] { clients, rooms, rate, restarts, drain })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new RestartSettings(parsed.GetValue(clients), Math.Min(parsed.GetValue(rooms), parsed.GetValue(clients)), parsed.GetValue(rate), parsed.GetValue(restarts), parsed.GetValue(drain)),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, RestartSettings settings, TextWriter output, CancellationToken cancellation)
    {
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        Conditions.Print(output, $"restart: {settings.Clients} clients in {settings.Rooms} rooms, {settings.Restarts} restarts",
        [
            .. Target.Describe(program, choice.Durability, Path.GetFullPath(choice.DataIn ?? Path.GetTempPath())),
            ("message", $"120 characters, {settings.Rate} a second in all, sent whether the server is there or not"),
            ("drain", $"over {settings.DrainSeconds} s"),
        ]);
        var result = await RestartRun.RunAsync(choice, program, settings, cancellation);
        Report.Line(output, "acked", $"{Report.Count(result.Acked)}, {Report.Count(result.Lost)} lost, {Report.Count(result.OutOfOrder)} twice or out of order");
        Report.Line(output, "not back", Report.Count(result.Away));
        Print(output, "old process ended in", result.Ending);
        Print(output, "new one listened in", result.Starting);
        Print(output, "clients' gap", result.Gap);
        Print(output, "given to wait", result.Given);
        Print(output, "beyond both", result.Beyond);
        return result is { Lost: 0, OutOfOrder: 0, Away: 0 };
    }

    private static void Print(TextWriter output, string name, Percentiles times) => Report.Line(output, name,
        $"p50 {Report.WholeMilliseconds(times.Median)}, p99 {Report.WholeMilliseconds(times.At(99))}, max {Report.WholeMilliseconds(times.Max)}");
}
