using System.Reflection;
using System.Runtime.Loader;
using Chat.Tests.Build;

namespace Chat.Tests.Simulation;

/// <summary>The chat with a <see cref="Mutation"/>, compiled and simulated beside the one that is tested.</summary>
internal static class Mutant
{
    // What the project's own build adds to its sources.
    private const string Added = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Chat.Tests")]
        """;

    private static readonly string[] References = ["Akka*.dll", "Chat.Protocol.dll", "Microsoft.Extensions.*.dll", "Newtonsoft.Json.dll", "Npgsql.dll", "Google.Protobuf.dll"];

    /// <summary>The first fault that the simulation finds in so many seeds; null where it finds none.</summary>
    public static async Task<string?> HuntAsync(Mutation mutation, string compiler, int seeds)
    {
        var folder = Directory.CreateTempSubdirectory("chat-mutant-").FullName;
        try
        {
            var context = new MutantContext(await CompileAsync(mutation, compiler, folder));
            var copy = context.LoadFromAssemblyPath(typeof(Mutant).Assembly.Location);
            return (string?)copy.GetType(typeof(Mutant).FullName!)!
                .GetMethod(nameof(FirstFault), BindingFlags.NonPublic | BindingFlags.Static)!
                .Invoke(null, [seeds]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Called in the copy of these tests that has the mutant for its chat.
    private static string? FirstFault(int seeds) =>
        Seeds.FirstFault(1, seeds, threads: 1) is { } found ? $"Seed {found.Seed}: {found.Fault}" : null;

    private static async Task<byte[]> CompileAsync(Mutation mutation, string compiler, string folder)
    {
        var sources = new List<string>();
        foreach (var (name, text) in mutation.Sources().Append(("Added.cs", Added)))
        {
            sources.Add(Path.Combine(folder, name));
            await File.WriteAllTextAsync(sources[^1], text);
        }
        var references = Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll")
            .Concat(References.SelectMany(pattern => Directory.GetFiles(AppContext.BaseDirectory, pattern)));
        var (result, arguments) = (Path.Combine(folder, "Chat.Actors.dll"), Path.Combine(folder, "arguments.rsp"));
        await File.WriteAllLinesAsync(arguments,
        [
            "-nologo", "-target:library", "-optimize", "-nullable:enable", "-langversion:latest", "-nowarn:1701,1702", $"-out:\"{result}\"",
            .. references.Select(reference => $"-reference:\"{reference}\""),
            .. sources.Select(source => $"\"{source}\""),
        ]);
        var output = await DotnetCommand.RunAsync("exec", compiler, "-noconfig", $"@{arguments}");
        return File.Exists(result) ? await File.ReadAllBytesAsync(result) : throw new InvalidOperationException(output);
    }

    // All but the chat and these tests is shared.
    private sealed class MutantContext(byte[] chat) : AssemblyLoadContext("mutant")
    {
        private Assembly? _chat;

        protected override Assembly? Load(AssemblyName name) =>
            name.Name == "Chat.Actors" ? _chat ??= LoadFromStream(new MemoryStream(chat)) : null;
    }
}
