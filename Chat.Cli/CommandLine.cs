using System.CommandLine;
using Chat.Cli.Screen;
using Chat.Cli.Verbs;

namespace Chat.Cli;

/// <summary>The command line: what can be asked for, and what each option means.</summary>
internal sealed partial class CommandLine
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

            Exit codes: 0 done, 1 refused by the server, 2 usage, 3 no connection; 130 after Ctrl-C, 143 after SIGTERM, 129 after a hang-up.
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
}
