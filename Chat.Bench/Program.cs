using Chat.Bench.Verbs;

return await BenchCommand.Create(Console.Out, Console.Error).Parse(args).InvokeAsync();
