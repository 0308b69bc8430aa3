using System.CommandLine;
using Chat.Bench.Abuses;

namespace Chat.Bench.Verbs;

/// <summary><c>attack</c>: what <c>abuse</c> starts as its attackers.</summary>
internal static class AttackVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command(AttackProcess.Verb, "Attacks a server until its input ends.") { Hidden = true };
        var name = new Option<string>("--case") { Required = true };
        name.AcceptOnlyFromAmong([.. AllAbuses.All.Select(abuse => abuse.Name)]);
        var server = new Option<string>("--server") { Required = true };
        var room = new Option<string>("--room") { Required = true };
        var taken = new Option<string>("--taken") { Required = true };
        var address = new Option<string?>("--address");
        foreach (var option in new Option[] { name, server, room, taken, address })
            command.Options.Add(option);
        command.SetMeasurement(error, async (parsed, cancellation) =>
        {
            var target = new AbuseTarget(new Uri(parsed.GetRequiredValue(server)), parsed.GetRequiredValue(room), parsed.GetRequiredValue(taken), parsed.GetValue(address));
            await AttackProcess.RunAsync(AllAbuses.Named(parsed.GetRequiredValue(name)), target, Console.In, output, cancellation);
            return true;
        });
        return command;
    }
}
