using System.CommandLine;
using Chat.Cli.Verbs;
using Chat.Protocol;

namespace Chat.Cli;

// The commands for pipes and scripts.
internal sealed partial class CommandLine
{
    private Command Send()
    {
        var room = Room("The room to speak in.");
        var text = new Argument<string[]>("text")
        {
            Description = "What to say; several words are joined by spaces. Without it each line of standard input is a message.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "send",
            """
            Says a text, or each line of standard input, in a room, and returns when all of it is stored.

            Empty lines are skipped, CRLF is fine. Once it is connected it waits while the server is away, and sends again under the same id,
            so that nothing is said twice. A line that is refused is named on standard error, the others are sent, and the exit code is 1.
            Where no name is given and the login name is taken, it speaks as the login name with a number behind it.
            """)
        { room, text };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is { Length: > 0 } words ? string.IsNullOrWhiteSpace(string.Join(' ', words)) : !Console.IsInputRedirected)
                result.AddError("There is nothing to send: give a text, or lines on standard input.");
        });
        command.SetAction(result =>
        {
            var io = OpenIo();
            var lines = result.GetValue(text) is { Length: > 0 } words
                ? SendVerb.One(string.Join(' ', words))
                : InputLines.ReadAsync(io.Input, _signals.Token);
            var settings = Settings(result);
            return Verb.RunAsync(settings.Options(ConnectionSettings.LoginName), io, _signals, (client, cancellation) =>
                SendVerb.RunAsync(client, result.GetRequiredValue(room), lines, io, cancellation),
                whereTaken: settings.User is null ? settings.Options(ConnectionSettings.NumberedLoginName()) : null);
        });
        return command;
    }

    private Command Listen()
    {
        var room = Room("The room to listen to.");
        var since = Seq("--since", "Everything after this seq, then what comes. 0 is the whole room.");
        var last = new Option<int>("--last")
        {
            Description = $"How many of the latest messages to begin with (0 to {Limits.PageMessages}); 0 for new ones only.",
            HelpName = "n",
            Validators = { result => CheckRange(result, 0, Limits.PageMessages) },
        };
        var json = Json(
            "Prints events as on the wire, one JSON object a line: each message exactly as the server sent it, and the system events that come in between "
            + "(joined, left, presence, notice, shutdown). Where messages are missing, a history event without its messages says so.");
        var command = new Command(
            "listen",
            """
            Prints each message of a room once and in order, as it comes, until it is ended; it reconnects by itself.

            A line is "HH:mm name: text" in local time. Control characters are shown as signs, so a message is always one line. What is
            missing from the room's log is said on standard error.
            """)
        { room, since, last, json };
        command.Validators.Add(result => CheckNotBoth(result, since, last));
        command.SetAction(result =>
        {
            var io = OpenIo();
            return Verb.RunAsync(Settings(result).Options(ConnectionSettings.GuestName()), io, _signals, (client, cancellation) =>
                ListenVerb.RunAsync(
                    client, result.GetRequiredValue(room), result.GetValue(since), result.GetValue(last), result.GetValue(json), io, cancellation));
        });
        return command;
    }

    private Command Rooms()
    {
        var json = Json("Prints the rooms event as on the wire.");
        var command = new Command("rooms", "Prints the rooms, most populated first (at most 200), and how many are in each.") { json };
        command.SetAction(result => LookUp(result, (client, io, cancellation) =>
            LookupVerbs.RoomsAsync(client, result.GetValue(json), io, cancellation)));
        return command;
    }

    private Command Who()
    {
        var room = Room("The room to ask about.");
        var json = Json("Prints the who event as on the wire.");
        var command = new Command("who", "Prints who is in a room, a name a line, sorted (at most 1,000).") { room, json };
        command.SetAction(result => LookUp(result, (client, io, cancellation) =>
            LookupVerbs.WhoAsync(client, result.GetRequiredValue(room), result.GetValue(json), io, cancellation)));
        return command;
    }

    private Command History()
    {
        var room = Room("The room to read.");
        var before = Seq("--before", "The newest messages before this seq.");
        var after = Seq("--after", "The oldest messages after this seq.");
        var limit = new Option<int?>("--limit", "-n")
        {
            Description = $"At most so many messages (1 to {Limits.PageMessages}). [default: {Limits.HistoryLimit}]",
            HelpName = "n",
            Validators = { result => CheckRange(result, 1, Limits.PageMessages) },
        };
        var json = Json("Prints the history event as on the wire.");
        var command = new Command(
            "history",
            """
            Prints a page of a room's messages, oldest first; without --before or --after the newest page.

            A line is "yyyy-MM-dd HH:mm name: text" in local time. What is missing is said on standard error.
            """)
        { room, before, after, limit, json };
        command.Validators.Add(result => CheckNotBoth(result, before, after));
        command.SetAction(result => LookUp(result, (client, io, cancellation) => LookupVerbs.HistoryAsync(
            client, result.GetRequiredValue(room), result.GetValue(before), result.GetValue(after), result.GetValue(limit), result.GetValue(json),
            io, cancellation)));
        return command;
    }
}
