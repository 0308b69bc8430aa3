using System.Diagnostics;

namespace Chat.Bench.Gateways;

/// <summary>Where the gateway to measure is: the one named, or the solution's own in Release, built where it is missing or old.</summary>
public static class GatewayBinary
{
    private const string Solution = "ChatActors.sln";
    private const string Name = "Chat.Gateway";

    /// <summary>The projects that it is made of.</summary>
    private static readonly string[] Parts = ["Chat.Protocol", "Chat.Actors", Name];

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(5);

    /// <summary>The path of the program; throws a <see cref="BenchException"/> where there is none.</summary>
    public static async Task<string> FindAsync(string? named, TextWriter output, CancellationToken cancellation)
    {
        if (named is not null)
        {
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new BenchException($"--gateway: there is no file {named}. It must be Chat.Gateway.dll, or the program beside it.");
        }
        var root = FindRoot() ?? throw new BenchException($"There is no {Solution} above {AppContext.BaseDirectory}. Name the gateway with --gateway PATH.");
        var folder = Path.Combine(root, Name, "bin", "Release", "net10.0");
        var program = Path.Combine(folder, Name + ".dll");
        if (!IsCurrent(root, folder))
        {
            output.WriteLine("Building the gateway in Release …");
            await BuildAsync(root, cancellation);
        }
        return File.Exists(program) ? program : throw new BenchException($"The build made no {program}. Name the gateway with --gateway PATH.");
    }

    private static string? FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        }
        return null;
    }

    // A part that is older than one of its sources would be measured in place of what the reader thinks.
    private static bool IsCurrent(string root, string folder) => Parts.All(part =>
    {
        var built = new FileInfo(Path.Combine(folder, part + ".dll"));
        return built.Exists && Sources(Path.Combine(root, part)).All(source => File.GetLastWriteTimeUtc(source) <= built.LastWriteTimeUtc);
    });

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(project).Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".csproj", StringComparison.Ordinal))
            .Concat(Directory.EnumerateDirectories(project)
                .Where(path => Path.GetFileName(path) is not ("bin" or "obj"))
                .SelectMany(path => Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)));

    private static async Task BuildAsync(string root, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(DotnetHost.Path) { WorkingDirectory = root, RedirectStandardOutput = true };
        foreach (var argument in new[] { "build", "-c", "Release", "--nologo", "-v", "quiet", Path.Combine(Name, Name + ".csproj") })
            start.ArgumentList.Add(argument);
        using var build = Process.Start(start)!;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(BuildTime);
        try
        {
            var text = await build.StandardOutput.ReadToEndAsync(end.Token);
            await build.WaitForExitAsync(end.Token);
            if (build.ExitCode != 0)
                throw new BenchException($"The gateway can't be built:{Environment.NewLine}{text}");
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>The <c>dotnet</c> that started this program, or the one on the path.</summary>
public static class DotnetHost
{
    /// <summary>To be started with.</summary>
    public static string Path => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
}
