using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Chat.Tests.Build;

/// <summary>Akka's analyzers are part of the build: a mistake that they know breaks it.</summary>
public sealed class AnalyzerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-analyzers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Should_break_the_build_when_an_actor_is_made_outside_of_its_props()
    {
        var compiler = await CompilerOf("Chat.Actors/Chat.Actors.csproj");
        Assert.Contains("error AK1000", await Compile(compiler, "new SomeActor()"));

        // And nothing but that mistake breaks it.
        Assert.Equal("", await Compile(compiler, "Props.Create(() => new SomeActor())"));
    }

    private sealed record Compiler(string Path, IReadOnlyList<string> Analyzers);

    // What the project's own build would run, and with which analyzers.
    private static async Task<Compiler> CompilerOf(string project)
    {
        var answer = await Run(
            "msbuild", Path.Combine(Root(), project), "-t:ResolveLockFileAnalyzers", "-getItem:Analyzer", "-getProperty:RoslynTargetsPath");
        using var json = JsonDocument.Parse(answer[answer.IndexOf('{')..]);
        var roslyn = json.RootElement.GetProperty("Properties").GetProperty("RoslynTargetsPath").GetString()!;
        var analyzers = json.RootElement.GetProperty("Items").GetProperty("Analyzer").EnumerateArray()
            .Select(item => item.GetProperty("FullPath").GetString()!);
        return new Compiler(Path.Combine(roslyn, "bincore", "csc.dll"), [.. analyzers]);
    }

    private async Task<string> Compile(Compiler compiler, string make)
    {
        var source = Path.Combine(_folder, "SomeActor.cs");
        await File.WriteAllTextAsync(source, $$"""
            using Akka.Actor;

            public static class Maker
            {
                public static object Make() => {{make}};
            }

            public sealed class SomeActor : UntypedActor
            {
                protected override void OnReceive(object message) => Unhandled(message);
            }
            """);
        string[] references = [.. Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll"), typeof(Akka.Actor.Props).Assembly.Location];
        var arguments = Path.Combine(_folder, "arguments.rsp");
        await File.WriteAllLinesAsync(arguments,
        [
            "-nologo", "-target:library", "-warnaserror", $"-out:\"{Path.Combine(_folder, "SomeActor.dll")}\"", $"\"{source}\"",
            .. compiler.Analyzers.Select(analyzer => $"-analyzer:\"{analyzer}\""),
            .. references.Select(reference => $"-reference:\"{reference}\""),
        ]);
        return await Run("exec", compiler.Path, "-noconfig", $"@{arguments}");
    }

    private static async Task<string> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Root(),
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ChatActors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests don't run inside the repository.");
        return folder;
    }
}
