using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Chat.Protocol;

namespace Chat.Cli;

// Options that several commands have, and what is checked of them before anything is done.
internal sealed partial class CommandLine
{
    private static Option<string> Room(string description) => new("--room", "-r")
    {
        Description = description,
        HelpName = "room",
        Required = true,
        Validators = { result => CheckRooms(result.Tokens.Select(token => token.Value), result.AddError) },
    };

    private static Option<bool> Json(string description) => new("--json") { Description = description };

    private static Option<long?> Seq(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "seq",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token, ..] && !(long.TryParse(token.Value, out var seq) && seq >= 0))
                    result.AddError($"{name} takes a number from 0 up.");
            },
        },
    };

    private void CheckConnection(Command command)
    {
        void Check(CommandResult result)
        {
            if (ServerAddress.Parse(ServerText(result.GetValue(_server)), out var problem) is null)
                result.AddError(problem);
            if (Given(result.GetValue(_user), "CHAT_USER") is { } user && UserName.Parse(user, out var wrong) is null)
                result.AddError(wrong);
        }
        command.Validators.Add(Check);
        foreach (var verb in command.Subcommands)
            verb.Validators.Add(Check);
    }

    private static void CheckRooms(IEnumerable<string> rooms, Action<string> addError)
    {
        foreach (var room in rooms)
        {
            if (RoomName.Parse(room, out var problem) is null)
                addError(problem);
        }
    }

    private static void CheckRange(OptionResult result, int from, int to)
    {
        if (result.Tokens is [var token, ..] && !(int.TryParse(token.Value, out var number) && number >= from && number <= to))
            result.AddError($"{result.Option.Name} takes a number from {from} to {to}.");
    }

    private static void CheckNotBoth(CommandResult result, Option one, Option other)
    {
        if (result.GetResult(one) is { Implicit: false } && result.GetResult(other) is { Implicit: false })
            result.AddError($"Give {one.Name} or {other.Name}, not both.");
    }
}
