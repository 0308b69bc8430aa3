using System.CommandLine;
using System.Globalization;
using Chat.Bench.Crash;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Nodes;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>crash</c>: whether what was acknowledged survives kill -9.</summary>
internal static class CrashVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("crash",
            "Kills a gateway with -9 again and again while users write and read, starts it anew on the same folder, and checks that every ack is in "
            + "the log once at its seq, and that every reader was given the whole log once and in order.");
        var kills = BoundedOption.Integer("--kills", "How often to kill it", 100, 1, 10_000);
        var seed = BoundedOption.Integer("--seed", "What the times of the kills and all else that is left to chance follow from, as far as real processes allow; 0: a fresh one, which is printed", 0, 0, int.MaxValue);
        var writers = BoundedOption.Integer("--writers", "Users who publish, up to 16 messages at a time; every other one with Chat.Protocol's ChatClient", 8, 1, 100);
        var readers = BoundedOption.Integer("--readers", "Users who come and go and read in all rooms; every other one with the ChatClient", 6, 0, 100);
        var rooms = BoundedOption.Integer("--rooms", "Rooms", 4, 1, 50);
        var mix = new Option<bool>("--mix") { Description = "Between the kills ends some lives in order (SIGTERM), stops some for a while (SIGSTOP, SIGCONT; Linux), and after some kills leaves the beginning of a line behind a log's last, as a write that was stopped would." };
        var nodes = BoundedOption.Integer("--nodes", "Nodes of a cluster, on a PostgreSQL of the test's own, of which one after the other is killed, and started anew when its rooms are taken over; 1: a single gateway", 1, 1, 9);
        var partitions = BoundedOption.Integer("--partitions", "How often a node is cut off from the others and the database, between the kills (Linux, root, with --nodes)", 0, 0, 1_000);
        foreach (var option in new Option[] { kills, seed, writers, readers, rooms, mix, nodes, partitions })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(nodes) is 2)
                result.AddError("--nodes: of two nodes neither is a majority when the other is gone; it must be 1, or 3 and more.");
            if (result.GetValue(partitions) > 0 && result.GetValue(nodes) == 1)
                result.AddError("--partitions: a single gateway has nobody to be cut off from; give --nodes.");
            if (result.GetValue(partitions) > 0 && NodeNetwork.WhyNot is { } why)
                result.AddError($"--partitions: {why}.");
        });
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new ClusterCrashSettings(parsed.GetValue(nodes), parsed.GetValue(partitions)),
            new CrashSettings
            {
                Kills = parsed.GetValue(kills),
                Seed = parsed.GetValue(seed) is not 0 and var chosen ? chosen : Random.Shared.Next(1, int.MaxValue),
                Writers = parsed.GetValue(writers),
                Readers = parsed.GetValue(readers),
                Rooms = parsed.GetValue(rooms),
                Mix = parsed.GetValue(mix),
            },
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, ClusterCrashSettings cluster, CrashSettings settings, TextWriter output, CancellationToken cancellation)
    {
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        using var folder = new TemporaryFolder(choice.DataIn);
        Conditions.Print(output, $"crash: {Report.Count(settings.Kills)} kills{(cluster.Nodes > 1 ? $" and {cluster.Partitions} partitions of {cluster.Nodes} nodes" : "")}",
        [
            .. Target.Describe(program, choice.Durability, folder.Data),
            ("seed", settings.Seed.ToString(CultureInfo.InvariantCulture)),
            ("users", $"{settings.Writers} writers in 2 rooms each, {settings.Readers} readers, {settings.Rooms} rooms{(settings.Mix ? ", mixed with ends in order, stops and unfinished writes" : "")}"),
        ]);
        var gateway = new GatewaySettings { Program = program, Data = folder.Data, Durability = choice.Durability };
        try
        {
            if (cluster.Nodes > 1)
            {
                var ofNodes = await ClusterCrashRun.RunAsync(gateway, folder.Path, settings, cluster, output, cancellation);
                output.WriteLine();
                Print(output, ofNodes);
                if (!ofNodes.Record.Offences.IsEmpty)
                    Keep();
                return ofNodes.Record.Offences.IsEmpty;
            }
            var result = await CrashRun.RunAsync(gateway, settings, output, cancellation);
            output.WriteLine();
            Print(output, result);
            if (!result.Offences.IsEmpty)
                Keep();
            return result.Offences.IsEmpty;
        }
        catch (BenchException)
        {
            Keep();
            throw;
        }

        void Keep()
        {
            folder.Keep();
            Report.Line(output, "data folder", $"{folder.Data}, kept to be looked at");
        }
    }

    private static void Print(TextWriter output, CrashResult result)
    {
        var (record, offences) = (result.Record, result.Offences);
        Report.Line(output, "duration", $"{result.Time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        Report.Line(output, "kills", $"{Report.Count(result.Kills)}, {Report.Count(result.KillsDuringStart)} of them within the first moments of a start");
        Report.Line(output, "other ends", $"{Report.Count(result.Terminations)} in order, and {Report.Count(result.Freezes)} stops");
        Print(output, record, result.Logged);
        Report.Line(output, "unfinished writes", $"{Report.Count(result.Torn)} made, {Report.Count(result.Cuts)} cut off");
        Print(output, offences);
    }

    private static void Print(TextWriter output, ClusterCrashResult result)
    {
        Report.Line(output, "duration", $"{result.Time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        Report.Line(output, "kills", $"{Report.Count(result.Kills)}: {Report.Count(result.Owners)} of nodes with rooms, {Report.Count(result.Arbiters)} of the arbiter of names");
        Report.Line(output, "other ends", $"{Report.Count(result.Leaves)} in order, {Report.Count(result.Partitions)} cut off");
        Report.Line(output, "rooms took nothing", $"after a kill {Seconds(result.AfterKill)}; at an end in order {Seconds(result.AfterLeave)}; after a cut {Seconds(result.AfterCut)}");
        Report.Line(output, "cut off, ended", Seconds(result.CutOffEnded));
        Print(output, result.Record, result.Logged);
        Print(output, result.Record.Offences);
    }

    private static string Seconds(Percentiles? seconds) => seconds is null ? "-" : string.Create(
        CultureInfo.InvariantCulture, $"p50 {seconds.Median:0.0} s, max {seconds.Max:0.0} s of {seconds.Count}");

    private static void Print(TextWriter output, CrashRecord record, long logged)
    {
        Report.Line(output, "acked", $"{Report.Count(record.Acked)} messages, {Report.Count(logged)} in the logs");
        Report.Line(output, "delivered", Report.Count(record.Delivered));
        Report.Line(output, "came back with", $"{Report.Count(record.Struck)} found in the history, {Report.Count(record.Resent)} sent again, {Report.Count(record.Duplicates)} acked as known");
    }

    private static void Print(TextWriter output, Offences offences)
    {
        Report.Line(output, "lost", Report.Count(offences[Offence.Lost]));
        Report.Line(output, "twice", Report.Count(offences[Offence.Twice]));
        Report.Line(output, "out of order", Report.Count(offences[Offence.OutOfOrder]));
        Report.Line(output, "otherwise wrong", Report.Count(offences[Offence.Wrong]));
        foreach (var sentence in offences.First)
            Report.Line(output, "", sentence);
    }
}
