using Chat.Bench.Measures;

namespace Chat.Bench.Verbs;

/// <summary>How errors are reported: their number, and each kind with how often it came.</summary>
internal static class FaultLines
{
    public static void Print(TextWriter output, IReadOnlyList<(string Error, int Count)> errors)
    {
        Report.Line(output, "errors", Report.Count(errors.Sum(error => (long)error.Count)));
        foreach (var (error, count) in errors)
            Report.Line(output, "", $"{Report.Count(count)} times: {error}");
    }
}
