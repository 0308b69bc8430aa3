using System.Diagnostics;

namespace Chat.Bench.Gateways;

/// <summary>Programs of the solution that this one is part of, in Release, built where they are missing or old.</summary>
public static class SolutionProgram
{
    /// <summary>The file that its folder is known by.</summary>
    public const string Solution = "ChatActors.sln";

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(5);

    /// <summary>The solution's folder; null where this program was moved out of it.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>The path of a program; throws a <see cref="BenchException"/> where it can't be had.</summary>
    /// <param name="name">The project's.</param>
    /// <param name="parts">The projects that it is made of.</param>
    /// <param name="output">Told where it is built.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<string> FindAsync(string name, IReadOnlyList<string> parts, TextWriter output, CancellationToken cancellation)
    {
        var root = Root ?? throw new BenchException($"There is no {Solution} above {AppContext.BaseDirectory}, whose {name} is to be measured.");
        var folder = Path.Combine(root, name, "bin", "Release", "net10.0");
        var program = Path.Combine(folder, name + ".dll");
        if (!IsCurrent(root, folder, parts))
        {
            output.WriteLine($"Building {name} in Release …");
            await BuildAsync(root, name, cancellation);
        }
        return File.Exists(program) ? program : throw new BenchException($"The build made no {program}.");
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
    private static bool IsCurrent(string root, string folder, IReadOnlyList<string> parts) => parts.All(part =>
    {
        var built = new FileInfo(Path.Combine(folder, part + ".dll"));
        return built.Exists && Sources(Path.Combine(root, part)).All(source => File.GetLastWriteTimeUtc(source) <= built.LastWriteTimeUtc);
    });

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(project).Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".csproj", StringComparison.Ordinal))
            .Concat(Directory.EnumerateDirectories(project)
                .Where(path => Path.GetFileName(path) is not ("bin" or "obj"))
                .SelectMany(path => Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)));

    private static async Task BuildAsync(string root, string name, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(DotnetHost.Path) { WorkingDirectory = root, RedirectStandardOutput = true };
        foreach (var argument in new[] { "build", "-c", "Release", "--nologo", "-v", "quiet", Path.Combine(name, name + ".csproj") })
            start.ArgumentList.Add(argument);
        using var build = Process.Start(start)!;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(BuildTime);
        try
        {
            var text = await build.StandardOutput.ReadToEndAsync(end.Token);
            await build.WaitForExitAsync(end.Token);
            if (build.ExitCode != 0)
                throw new BenchException($"{name} can't be built:{Environment.NewLine}{text}");
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
