using System.CommandLine;
using Chat.Bench.Gateways;

namespace Chat.Bench.Verbs;

/// <summary>The program's command line: one verb for each measurement.</summary>
public static class BenchCommand
{
    /// <summary>Ready to be parsed; prints to the given writers.</summary>
    public static RootCommand Create(TextWriter output, TextWriter error)
    {
        var root = new RootCommand(
            "Measures the chat's gateway: each verb starts one of its own with a fresh data folder, measures, prints what it found and under "
            + "which conditions, and ends it again. Exits with 0, or with 1 where it could not measure or something got lost.");
        root.Subcommands.Add(LightVerb.Create(output, error));
        root.Subcommands.Add(HoldVerb.Create(output, error));
        root.Subcommands.Add(StartVerb.Create(output, error));
        root.Subcommands.Add(IdleVerb.Create(output, error));
        root.Subcommands.Add(SlowVerb.Create(output, error));
        root.Subcommands.Add(LargeVerb.Create(output, error));
        root.Subcommands.Add(DurabilityVerb.Create(output, error));
        root.Subcommands.Add(CrashVerb.Create(output, error));
        root.Subcommands.Add(NodesVerb.Create(output, error));
        root.Subcommands.Add(RestartVerb.Create(output, error));
        root.Subcommands.Add(AbuseVerb.Create(output, error));
        root.Subcommands.Add(CompareVerb.Create(output, error));
        root.Subcommands.Add(LimitServerVerb.Create(error));
        root.Subcommands.Add(AttackVerb.Create(output, error));
        return root;
    }

    /// <summary>Runs a verb to its exit code.</summary>
    internal static void SetMeasurement(this Command command, TextWriter error, Func<ParseResult, CancellationToken, Task<bool>> measureAsync) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return await measureAsync(parsed, cancellation) ? 0 : 1;
            }
            catch (BenchException e)
            {
                error.WriteLine(e.Message);
                return 1;
            }
            catch (OperationCanceledException)
            {
                error.WriteLine("Stopped before the end.");
                return 1;
            }
        });
}
