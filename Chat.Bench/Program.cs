using System.CommandLine;
using Chat.Bench.Verbs;

// Long enough for a gateway that was started here to end in order, and for its folder to be removed.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
var parsed = BenchCommand.Create(Console.Out, Console.Error).Parse(args);
foreach (var error in parsed.Errors)
    Console.Error.WriteLine($"{error.Message} See --help.");
return parsed.Errors.Count > 0 ? 2 : await parsed.InvokeAsync(invocation);
