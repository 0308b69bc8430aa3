using Chat.Gateway.Configuration;
using Chat.Tests.Build;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>The files that the gateway is installed with.</summary>
internal static class Packaged
{
    /// <summary>Their folder.</summary>
    public static string Folder { get; } = Path.Combine(DotnetCommand.Root, "packaging");

    /// <summary>One of them.</summary>
    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>The lines of one that aren't empty or comments.</summary>
    public static IReadOnlyList<string> Lines(string name) =>
        [.. Text(name).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>A document of the repository's.</summary>
    public static string Document(params string[] path) => File.ReadAllText(Path.Combine([DotnetCommand.Root, .. path]));

    /// <summary>What a command line comes to; fails where the gateway would refuse it.</summary>
    public static GatewayOptions Options(IEnumerable<string> arguments)
    {
        var error = new StringWriter();
        var start = GatewayConfiguration.Read([.. arguments], TextWriter.Null, error);
        Assert.True(start.Options is not null, error.ToString());
        return start.Options!;
    }

    /// <summary>Puts a variable of the environment into the options; fails where there is none of that name, or it may not say that.</summary>
    public static GatewayOptions With(GatewayOptions options, string variable, string value)
    {
        var setting = Setting.All.SingleOrDefault(setting => setting.Variable == variable);
        Assert.True(setting is not null, $"There is no {variable}.");
        var result = value.Length == 0 ? options : setting!.Read(options, value);
        Assert.True(result is not null, $"{variable} must be {setting!.Allowed}, not {value}.");
        return result!;
    }
}
