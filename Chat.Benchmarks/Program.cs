using BenchmarkDotNet.Running;

// All options are BenchmarkDotNet's own, such as --filter '*' and --job Dry.
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
