using System.Diagnostics;

namespace Chat.Tests.Build;

/// <summary>The SDK's own program, run in the repository's root.</summary>
internal static class DotnetCommand
{
    public static string Root { get; } = FindRoot();

    /// <summary>What it printed.</summary>
    public static Task<string> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string?>(), arguments);

    /// <summary>The same, with variables of the environment set, or, where null, removed.</summary>
    public static async Task<string> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Root,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    /// <summary>The compiler that a project's own build runs.</summary>
    public static async Task<string> CompilerAsync(string project) =>
        Path.Combine(await RunAsync("msbuild", Path.Combine(Root, project), "-getProperty:RoslynTargetsPath"), "bincore", "csc.dll");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ChatActors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests don't run inside the repository.");
        return folder;
    }
}
