using System.CommandLine;
using Chat.Bench.Verbs;

// Long enough for a gateway that was started here to end in order, and for its folder to be removed.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await BenchCommand.Create(Console.Out, Console.Error).Parse(args).InvokeAsync(invocation);
