using System.Reflection;

namespace Chat.Gateway.Web;

/// <summary>Texts that are part of the program, and say its version.</summary>
internal static class EmbeddedText
{
    private const string VersionMark = "{{version}}";

    /// <summary>The names of all.</summary>
    public static IEnumerable<string> Names => Assembly.GetExecutingAssembly().GetManifestResourceNames();

    /// <summary>Reads one, with the version in the place that it has for that.</summary>
    public static string Read(string name, string version)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace(VersionMark, version, StringComparison.Ordinal);
    }
}
