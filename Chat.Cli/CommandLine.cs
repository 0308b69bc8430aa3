using System.CommandLine;
using System.CommandLine.Parsing;
using Chat.Cli.Screen;
using Chat.Cli.Verbs;
using Chat.Protocol;

namespace Chat.Cli;

/// <summary>The command line: what can be asked for, and what each option means.</summary>
internal sealed class CommandLine
{
    private readonly Option<string?> _server = new("--server", "-s")
    {
        Description = $"The server: ws://host:port/ws, wss://…, http://…, https://… or host:port. Else CHAT_SERVER, else {ServerAddress.Default}.",
        HelpName = "address",
        Recursive = true,
    };

    private readonly Option<string?> _user = new("--user", "-u")
    {
        Description = "The name to go by. Else CHAT_USER; else the login name for chat and send, a made-up guest-xxxxxx for the rest.",
        HelpName = "name",
        Recursive = true,
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = "The access token, where the server asks for one. Else CHAT_TOKEN.",
        HelpName = "token",
        Recursive = true,
    };

    private readonly Signals _signals;

    public CommandLine(Signals signals) => _signals = signals;

    /// <summary>The root command with everything under it.</summary>
    public RootCommand Build()
    {
        var root = new RootCommand(
            """
            Chat in rooms: without a command a full-screen chat, with one a tool for pipes and scripts.

            Exit codes: 0 done, 1 refused by the server, 2 usage, 3 no connection; 130 after Ctrl-C, 143 after SIGTERM.
            """)
        {
            _server, _user, _token, Send(), Listen(), Rooms(), Who(), History(),
        };
        root.Directives.Clear();
        var rooms = new Option<string[]>("--room", "-r")
        {
            Description = "A room to join at the start; may be given several times. [default: general]",
            HelpName = "room",
            Validators = { result => CheckRooms(result.Tokens.Select(token => token.Value), result.AddError) },
        };
        root.Add(rooms);
        CheckConnection(root);
        root.SetAction(result => ChatAsync(result, result.GetValue(rooms) is { Length: > 0 } given ? given : ["general"]));
        return root;
    }

    private async Task<int> ChatAsync(ParseResult result, string[] rooms)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb")
        {
            await Console.Error.WriteLineAsync(
                "chat: The full-screen chat needs a terminal. In a pipe or script give a command: send, listen, rooms, who or history. See 'chat --help'.");
            return ExitCodes.Usage;
        }
        return await ChatScreen.RunAsync(Settings(result), rooms, _signals);
    }

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

            Empty lines are skipped, CRLF is fine. While the server is away it waits, and sends again under the same id, so that nothing is
            said twice. A line that is refused is named on standard error, the others are sent, and the exit code is 1.
            """)
        { room, text };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is not { Length: > 0 } && !Console.IsInputRedirected)
                result.AddError("There is nothing to send: give a text, or lines on standard input.");
        });
        command.SetAction(result =>
        {
            var io = OpenIo();
            var lines = result.GetValue(text) is { Length: > 0 } words
                ? SendVerb.One(string.Join(' ', words))
                : InputLines.ReadAsync(io.Input, _signals.Token);
            return Verb.RunAsync(Settings(result).Options(ConnectionSettings.LoginName), io, _signals, (client, cancellation) =>
                SendVerb.RunAsync(client, result.GetRequiredValue(room), lines, io, cancellation));
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

    private Task<int> LookUp(ParseResult result, Func<Protocol.Client.ChatClient, ScriptIo, CancellationToken, Task<int>> ask)
    {
        var io = OpenIo();
        return Verb.RunAsync(
            Settings(result).Options(ConnectionSettings.GuestName(), reconnect: false), io, _signals, (client, cancellation) => ask(client, io, cancellation));
    }

    private static ScriptIo OpenIo() => new(Console.OpenStandardInput(), StandardOutput.Open(), Console.Error, !Console.IsOutputRedirected);

    private ConnectionSettings Settings(ParseResult result) => new(
        ServerAddress.Parse(ServerText(result.GetValue(_server)), out _)!,
        Given(result.GetValue(_user), "CHAT_USER"),
        Given(result.GetValue(_token), "CHAT_TOKEN"));

    private static string ServerText(string? option) => Given(option, "CHAT_SERVER") ?? ServerAddress.Default;

    private static string? Given(string? option, string variable) =>
        option ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null);

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
