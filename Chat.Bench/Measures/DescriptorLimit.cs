using System.Globalization;

namespace Chat.Bench.Measures;

/// <summary>How many descriptors a process may have.</summary>
public static class DescriptorLimit
{
    private const string Limits = "/proc/self/limits";
    private const string Name = "Max open files";

    /// <summary>The most that this one and those that it starts may raise it to; <see cref="int.MaxValue"/> where the system doesn't tell.</summary>
    public static int Most() => File.Exists(Limits) ? Most(File.ReadLines(Limits)) : int.MaxValue;

    /// <summary>The same from the lines of <c>/proc/self/limits</c>: <c>Max open files  SOFT  HARD  files</c>.</summary>
    public static int Most(IEnumerable<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line
        && line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, { } hard, ..]
        && int.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
            ? most
            : int.MaxValue;
}
