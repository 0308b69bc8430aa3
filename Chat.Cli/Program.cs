using System.CommandLine;
using Chat.Cli;
using Chat.Cli.Text;

using var signals = new Signals();
var root = new CommandLine(signals).Build();

// A text that starts with @ is a text, not the name of a file with arguments.
var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
if (result.Errors is [var error, ..])
{
    Console.Error.WriteLine($"chat: {SafeText.Line(error.Message)} See '{CommandName(result)} --help'.");
    return ExitCodes.Usage;
}
return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

static string CommandName(ParseResult result) =>
    result.CommandResult.Command is RootCommand ? "chat" : "chat " + result.CommandResult.Command.Name;
