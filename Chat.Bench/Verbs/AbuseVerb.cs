using System.CommandLine;
using System.Globalization;
using Chat.Bench.Abuses;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>abuse</c>: what anybody on the network can make a bystander feel.</summary>
internal static class AbuseVerb
{
    // From the block that is for documentation (RFC 5737).
    private const string Elsewhere = "192.0.2.1";

    private const int PublishRate = 10;
    private const int Characters = 120;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("abuse",
            "Attackers do to a gateway what harms it most, beside bystanders who talk at a steady pace: their time from send to echo before and meanwhile, the "
            + "gateway's memory, and what it did about it. Each case has a gateway of its own, with its own limits. Takes Linux.");
        var cases = new Option<string[]>("--case") { Description = $"Which: {string.Join(", ", AllAbuses.All.Select(abuse => abuse.Name))}. Default: all.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        cases.AcceptOnlyFromAmong([.. AllAbuses.All.Select(abuse => abuse.Name)]);
        var bystanders = BoundedOption.Integer("--bystanders", "Members of one room who talk", 10, 1, 1_000);
        var rate = BoundedOption.Integer("--rate", $"Messages a second in all, at most {PublishRate} for each of them", 50, 1, 10_000);
        var seconds = BoundedOption.Integer("--seconds", "How long they are measured before, and how long meanwhile", 5, 1, 600);
        var loopback = new Option<bool>("--from-loopback") { Description = "The attackers are on the gateway's own machine, which has no limits for an address. Default: all at one other address." };
        foreach (var option in new Option[] { cases, bystanders, rate, seconds, loopback })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) =>
        {
            var named = parsed.GetValue(cases) ?? [];
            return RunAsync(
                target.Read(parsed),
                [.. AllAbuses.All.Where(abuse => named.Length == 0 || named.Contains(abuse.Name))],
                new AbuseSettings(parsed.GetValue(bystanders), parsed.GetValue(rate), parsed.GetValue(seconds), Characters, parsed.GetValue(loopback) ? null : Elsewhere),
                output, cancellation);
        });
        return command;
    }

    private static async Task<bool> RunAsync(
        TargetChoice choice, IReadOnlyList<Abuse> cases, AbuseSettings settings, TextWriter output, CancellationToken cancellation)
    {
        if (settings.Rate > settings.Bystanders * PublishRate)
            throw new BenchException($"--rate: {settings.Bystanders} bystanders may publish {settings.Bystanders * PublishRate} messages a second together; take more of them, or a lower rate.");
        var isWhole = true;
        var isFirst = true;
        foreach (var abuse in cases)
        {
            await using var target = await Target.OpenAsync(choice, AbuseRun.GatewayOptions, output, cancellation);
            if (isFirst)
            {
                Conditions.Print(output, $"abuse: {cases.Count} cases, beside {settings.Bystanders} who say {settings.Rate} messages a second in all",
                [
                    .. target.Conditions,
                    ("attackers", settings.Address is { } address ? $"all at {address}" : "on loopback, which has no limits for an address"),
                    ("their process", "beside the gateway, at a low priority"),
                    ("message", $"{settings.Characters} characters"),
                    ("duration", $"{settings.Seconds} s before, and {settings.Seconds} s meanwhile"),
                ]);
            }
            isFirst = false;
            var result = await AbuseRun.RunAsync(target, abuse, settings, cancellation);
            Print(output, abuse, result);
            isWhole &= result.Lost == 0 && result.Errors.Count == 0;
        }
        return isWhole;
    }

    private static void Print(TextWriter output, Abuse abuse, AbuseResult result)
    {
        output.WriteLine($"{abuse.Name}: {abuse.Title} (load {Conditions.Load() ?? "unknown"})");
        Report.Line(output, "before", Echo(result.Before));
        Report.Line(output, "meanwhile", string.Create(CultureInfo.InvariantCulture, $"{Echo(result.During)}: {result.During.At(99) / result.Before.At(99):0.00} of p99 before"));
        Report.Line(output, "gateway's memory",
            $"{Report.Megabytes(result.BytesBefore)} before, {Report.Megabytes(result.BytesDuring)} at most: grew by {Report.Megabytes(Math.Max(0, result.BytesDuring - result.BytesBefore))}");
        Report.Line(output, "CPU", $"gateway {ProcessUsage.Share(result.GatewayCpu, result.Time)}, attackers {ProcessUsage.Share(result.AttackersCpu, result.Time)}");
        Report.Line(output, "attackers", string.Join(", ", result.Tally.Select(count => $"{count.What} {Report.Count(count.Count)}")));
        Report.Line(output, "bystanders lost", Report.Count(result.Lost));
        FaultLines.Print(output, result.Errors);
        output.WriteLine();
    }

    private static string Echo(Percentiles latency) => $"echo p50 {Report.Milliseconds(latency.At(50))}, p99 {Report.Milliseconds(latency.At(99))}";
}
