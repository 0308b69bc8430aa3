using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>Reads YAML, by Python, as JSON.</summary>
internal static class Yaml
{
    private const string ToJson = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1], encoding='utf-8'))), sys.stdout)";

    // Debian's package is for the system's own Python.
    private static readonly Lazy<string?> Python = new(() => Array.Find(["/usr/bin/python3", "python3"], HasYaml));

    /// <summary>Whether it can.</summary>
    public static bool IsThere => Python.Value is not null;

    /// <summary>The documents of a file that the gateway is installed with.</summary>
    public static async Task<IReadOnlyList<JsonNode>> ReadAsync(string name)
    {
        using var process = Process.Start(new ProcessStartInfo(Python.Value!, ["-c", ToJson, Path.Combine(Packaged.Folder, name)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Patience.OfAsync(process.WaitForExitAsync(), "the YAML", () => "");
        Assert.True(process.ExitCode == 0, await errors);
        return [.. JsonNode.Parse(await output)!.AsArray().Select(document => document!)];
    }

    private static bool HasYaml(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import yaml"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that reads YAML: skipped where that can't be read, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class YamlFactAttribute : FactAttribute
{
    public YamlFactAttribute() => Skip = Required.OrSkip(Yaml.IsThere, "Python's yaml is missing (Debian: python3-yaml).");
}
