using System.CommandLine;
using System.Globalization;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>nodes</c>: what a message costs in a room whose members are on several nodes.</summary>
internal static class NodesVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("nodes",
            "Starts the nodes of a cluster and a PostgreSQL of its own, and has the members of one room talk at a steady rate, on one node, on two, and so on: CPU of all nodes, "
            + "and bytes between them, for each message; and as a sum of what the message costs, each further node, and each member. Linux, with iproute2 (ss).");
        var nodes = BoundedOption.Integer("--nodes", "Nodes, at most", 3, 2, 9);
        var members = new Option<int[]>("--members") { Description = "Members of the room on each node, one run for each. Default: 10, 50 and 150.", HelpName = "COUNT", AllowMultipleArgumentsPerToken = true };
        members.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 5_000))
                result.AddError("--members: each must be an integer from 1 to 5000.");
        });
        var rate = BoundedOption.Integer("--rate", "Messages a second", 100, 1, 5_000);
        var seconds = BoundedOption.Integer("--seconds", "How long each is measured", 8, 1, 600);
        var warmup = BoundedOption.Integer("--warmup", "Seconds of the same before that, not measured", 3, 0, 60);
        var repeats = BoundedOption.Integer("--repeats", "How often each is measured, all others in between; the median counts", 3, 1, 20);
        var characters = BoundedOption.Integer("--characters", "Characters of a message", 120, 1, 4_000);
        foreach (var option in new Option[] { nodes, members, rate, seconds, warmup, repeats, characters })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false, takesDurability: false);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new NodesSettings(
                parsed.GetValue(nodes), parsed.GetValue(members) is { Length: > 0 } chosen ? [.. chosen.Distinct()] : [10, 50, 150], parsed.GetValue(rate),
                parsed.GetValue(seconds), parsed.GetValue(warmup), parsed.GetValue(repeats), parsed.GetValue(characters)),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, NodesSettings settings, TextWriter output, CancellationToken cancellation)
    {
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        using var folder = new TemporaryFolder(choice.DataIn);
        Conditions.Print(output, $"nodes: one room, on the first node, its members on 1 to {settings.Nodes} nodes",
        [
            ("gateway", program),
            ("history", $"PostgreSQL, synced, on {Conditions.FileSystem(folder.Path)}"),
            ("load", $"{settings.Rate} messages a second of {settings.Characters} characters, each sender another member"),
            ("runs", $"{settings.Repeats}, interleaved; {settings.Seconds} s each after {settings.Warmup} s of warm-up; what the nodes use without load taken off"),
        ]);
        var figures = await NodesRun.RunAsync(new GatewaySettings { Program = program, Data = folder.Data }, folder.Path, settings, output, cancellation);
        output.WriteLine();
        foreach (var (nodes, members, cpu, bytes, latency) in figures)
        {
            Report.Line(output, $"{nodes} x {members} members", string.Create(
                CultureInfo.InvariantCulture,
                $"{cpu:0} us, {bytes:0} bytes a message; echo p50 {latency.Median:0.0} ms, p99 {latency.At(99):0.0} ms"));
        }
        var (ofMessage, ofNode, ofMember) = NodesRun.Fit(figures, figure => figure.Cpu);
        Report.Line(output, "CPU", string.Create(
            CultureInfo.InvariantCulture, $"{ofMessage:0} us a message + {ofNode:0} us for each further node + {ofMember:0.00} us for each member"));
        var (_, bytesOfNode, bytesOfMember) = NodesRun.Fit(figures, figure => figure.Bytes);
        Report.Line(output, "bytes", string.Create(CultureInfo.InvariantCulture, $"{bytesOfNode:0} for each further node + {bytesOfMember:0.00} for each member"));
        return true;
    }
}
