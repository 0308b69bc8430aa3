using System.CommandLine;
using Chat.Bench.Gateways;

namespace Chat.Bench.Verbs;

/// <summary>The options that say what is measured, the same for every verb.</summary>
public sealed class TargetOptions
{
    private const string ServerForm = "an address like ws://127.0.0.1:8181/ws";

    private readonly Option<Uri?> _server = new("--server")
    {
        Description = $"Measure a server that runs already, with its own settings ({ServerForm}).",
        HelpName = "URL",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "ws")
                return uri;
            result.AddError($"--server: \"{text}\" is not allowed; it must be {ServerForm}.");
            return null;
        },
    };

    private readonly Option<string?> _gateway = new("--gateway")
    {
        Description = "The gateway to start: Chat.Gateway.dll or the program beside it. Default: the solution's own in Release, built where it is missing or old.",
        HelpName = "PATH",
    };

    private readonly Option<string?> _dataIn = new("--data-in")
    {
        Description = "The folder in which the gateway's temporary data folder is made; choose the disk with it. Default: the system's for temporary files.",
        HelpName = "FOLDER",
    };

    private readonly Option<string> _durability = new("--durability")
    {
        Description = "The durability of the gateway that is started.",
        HelpName = "WHEN",
        DefaultValueFactory = _ => "always",
    };

    /// <summary>
    /// Adds them to a verb; <paramref name="takesServer"/> where it can measure one that it didn't start, <paramref name="takesDurability"/>
    /// where it doesn't choose that itself.
    /// </summary>
    public TargetOptions(Command command, bool takesServer, bool takesDurability = true)
    {
        _durability.AcceptOnlyFromAmong("always", "never");
        if (takesServer)
        {
            command.Options.Add(_server);
            command.Validators.Add(result =>
            {
                Option[] ownAffairs = [_gateway, _dataIn, _durability];
                if (result.GetResult(_server) is not null && ownAffairs.Any(option => result.GetResult(option) is { Implicit: false }))
                    result.AddError("--server: a server that runs already has its own settings; leave out --gateway, --data-in and --durability.");
            });
        }
        command.Options.Add(_gateway);
        command.Options.Add(_dataIn);
        if (takesDurability)
            command.Options.Add(_durability);
    }

    /// <summary>What was chosen.</summary>
    public TargetChoice Read(ParseResult parsed) =>
        new(parsed.GetValue(_server), parsed.GetValue(_gateway), parsed.GetValue(_dataIn), parsed.GetValue(_durability)!);
}
