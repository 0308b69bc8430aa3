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
        var output = await Compile(compiler, """
            using Akka.Actor;

            public static class Maker
            {
                public static object Allowed() => Props.Create(() => new SomeActor());

                public static object Mistaken() => new SomeActor();
            }

            public sealed class SomeActor : UntypedActor
            {
                protected override void OnReceive(object message) => Unhandled(message);
            }
            """);
        // That mistake, and nothing else.
        Assert.Matches(@"\A[^\n]*\(7,40\): error AK1000: [^\n]*\z", output);
    }

    private sealed record Compiler(string Path, IReadOnlyList<string> Analyzers);

    // What the project's own build would run, and with which of Akka's analyzers.
    private static async Task<Compiler> CompilerOf(string project)
    {
        var answer = await DotnetCommand.RunAsync(
            "msbuild", Path.Combine(DotnetCommand.Root, project), "-t:ResolveLockFileAnalyzers", "-getItem:Analyzer", "-getProperty:RoslynTargetsPath");
        using var json = JsonDocument.Parse(answer[answer.IndexOf('{')..]);
        var roslyn = json.RootElement.GetProperty("Properties").GetProperty("RoslynTargetsPath").GetString()!;
        var analyzers = json.RootElement.GetProperty("Items").GetProperty("Analyzer").EnumerateArray()
            .Select(item => item.GetProperty("FullPath").GetString()!)
            .Where(path => Path.GetFileName(path).StartsWith("Akka.", StringComparison.Ordinal));
        return new Compiler(Path.Combine(roslyn, "bincore", "csc.dll"), [.. analyzers]);
    }

    private async Task<string> Compile(Compiler compiler, string code)
    {
        var source = Path.Combine(_folder, "SomeActor.cs");
        await File.WriteAllTextAsync(source, code);
        string[] references = [.. Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll"), typeof(Akka.Actor.Props).Assembly.Location];
        var arguments = Path.Combine(_folder, "arguments.rsp");
        await File.WriteAllLinesAsync(arguments,
        [
            "-nologo", "-target:library", "-warnaserror", "-nowarn:1701", $"-out:\"{Path.Combine(_folder, "SomeActor.dll")}\"", $"\"{source}\"",
            .. compiler.Analyzers.Select(analyzer => $"-analyzer:\"{analyzer}\""),
            .. references.Select(reference => $"-reference:\"{reference}\""),
        ]);
        return await DotnetCommand.RunAsync("exec", compiler.Path, "-noconfig", $"@{arguments}");
    }
}
