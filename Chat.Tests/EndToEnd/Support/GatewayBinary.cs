namespace Chat.Tests.EndToEnd.Support;

/// <summary>Where the gateway that was built with these tests is, and what runs it.</summary>
internal static class GatewayBinary
{
    private const string Program = "Chat.Gateway.dll";

    /// <summary>The gateway's own output folder; where the tests were moved away from it, their copy.</summary>
    public static string Path { get; } = Find();

    /// <summary>The host that runs these tests runs the gateway too, wherever it is installed.</summary>
    public static string Host { get; } =
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host
        : Environment.ProcessPath is { } own && System.IO.Path.GetFileNameWithoutExtension(own) == "dotnet" ? own
        : "dotnet";

    private static string Find()
    {
        var own = AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar);
        // …/Chat.Tests/bin/Debug/net10.0 -> …/Chat.Gateway/bin/Debug/net10.0
        var project = System.IO.Path.Combine("Chat.Tests", "bin");
        if (own.LastIndexOf(project, StringComparison.Ordinal) is >= 0 and var at)
        {
            var beside = System.IO.Path.Combine(own[..at], "Chat.Gateway", "bin" + own[(at + project.Length)..], Program);
            if (File.Exists(beside))
                return beside;
        }
        var copy = System.IO.Path.Combine(own, Program);
        return File.Exists(copy) ? copy : throw new FileNotFoundException($"No {Program} was built: neither beside {own} nor in it.");
    }
}
