using System.CommandLine;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>start</c>: how long a restart keeps people waiting.</summary>
internal static class StartVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("start", "The time from the start of the gateway's process to its first accepted connection.");
        var runs = BoundedOption.Integer("--runs", "How often, after once that doesn't count", 5, 1, 100);
        var rooms = BoundedOption.Integer("--rooms", "Rooms with a message each that its data folder holds before", 0, 0, 20_000);
        command.Options.Add(runs);
        command.Options.Add(rooms);
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) =>
            RunAsync(target.Read(parsed), parsed.GetValue(runs), parsed.GetValue(rooms), output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, int runs, int rooms, TextWriter output, CancellationToken cancellation)
    {
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        Conditions.Print(output, $"start: {runs} runs after one that doesn't count",
        [
            .. Target.Describe(program, choice.Durability, Path.GetFullPath(choice.DataIn ?? Path.GetTempPath())),
            ("data folder", rooms == 0 ? "empty, a fresh one for each run" : $"{Report.Count(rooms)} rooms with a message each"),
        ]);
        var result = await StartRun.RunAsync(choice, program, runs, rooms, cancellation);
        Print(output, "TCP accepted", result.Tcp);
        Print(output, "WebSocket accepted", result.WebSocket);
        Print(output, "first user in a room", result.Member);
        return true;
    }

    private static void Print(TextWriter output, string stage, Percentiles times) => Report.Line(output, stage,
        $"median {Report.WholeMilliseconds(times.Median)}, min {Report.WholeMilliseconds(times.Min)}, max {Report.WholeMilliseconds(times.Max)}");
}
