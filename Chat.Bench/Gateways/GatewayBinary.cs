namespace Chat.Bench.Gateways;

/// <summary>Where the gateway to measure is: the one named, or the solution's own in Release, built where it is missing or old.</summary>
public static class GatewayBinary
{
    private const string Name = "Chat.Gateway";

    /// <summary>The path of the program; throws a <see cref="BenchException"/> where there is none.</summary>
    public static async Task<string> FindAsync(string? named, TextWriter output, CancellationToken cancellation)
    {
        if (named is not null)
        {
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new BenchException($"--gateway: there is no file {named}. It must be Chat.Gateway.dll, or the program beside it.");
        }
        if (SolutionProgram.Root is null)
            throw new BenchException($"There is no {SolutionProgram.Solution} above {AppContext.BaseDirectory}. Name the gateway with --gateway PATH.");
        return await SolutionProgram.FindAsync(Name, ["Chat.Protocol", "Chat.Actors", Name], output, cancellation);
    }
}
