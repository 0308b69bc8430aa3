using System.CommandLine;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>idle</c>: what it costs to have one running.</summary>
internal static class IdleVerb
{
    private const int Scouts = 20;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("idle", "The CPU time of a gateway of which nothing is asked: after its start, after connections had come and gone, and with idle ones.");
        var seconds = BoundedOption.Integer("--seconds", "How long to measure each", 20, 1, 600);
        var connections = BoundedOption.Integer("--connections", "Idle connections, all in one room; 0 to measure only without any", 0, 0, 20_000);
        command.Options.Add(seconds);
        command.Options.Add(connections);
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) =>
            RunAsync(target.Read(parsed), parsed.GetValue(seconds), parsed.GetValue(connections), output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, int seconds, int connections, TextWriter output, CancellationToken cancellation)
    {
        await using var target = await Target.OpenAsync(choice, output, cancellation);
        Conditions.Print(output, "idle: the gateway's CPU time",
        [
            .. target.Conditions,
            ("duration", $"{seconds} s, after {IdleRun.SettleTime.TotalSeconds} s to settle"),
            ("clock", $"user and system time, in steps of {ProcessUsage.CpuStep.TotalMilliseconds} ms"),
        ]);
        Print(output, "after its start", await IdleRun.RunAsync(target, seconds, cancellation));
        // What the first connections set going, a timer say, may go on when they have left.
        await using (await Crowd.EnterAsync(target.Server, Scouts, rooms: 1, null, cancellation))
            await Task.Delay(IdleRun.SettleTime, cancellation);
        Print(output, $"after {Scouts} had left", await IdleRun.RunAsync(target, seconds, cancellation));
        if (connections == 0)
            return true;
        await using var crowd = await Crowd.EnterAsync(target.Server, connections, rooms: 1, null, cancellation);
        Print(output, $"{Report.Count(crowd.Members.Count)} connections", await IdleRun.RunAsync(target, seconds, cancellation));
        FaultLines.Print(output, crowd.Errors());
        return crowd.Errors().Count == 0;
    }

    private static void Print(TextWriter output, string name, IdleResult result) => Report.Line(output, name,
        $"{Report.WholeMilliseconds(result.Cpu.TotalMilliseconds)} in {result.Time.TotalSeconds:0.0} s = {ProcessUsage.Share(result.Cpu, result.Time)}");
}
