using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Chat.Actors.History;

/// <summary>One file of a log, named by the seq that its first line has or will have.</summary>
internal sealed record Segment(long First, string Path)
{
    public const string Extension = ".jsonl";

    private const int Digits = 20;

    public static Segment At(string folder, long first) => new(
        first, System.IO.Path.Combine(folder, first.ToString("D20", CultureInfo.InvariantCulture) + Extension));

    /// <summary>The segments in a folder by their first seq; none where there is no such folder.</summary>
    public static IReadOnlyList<Segment> In(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        var found = Directory.EnumerateFiles(folder, "*" + Extension).Select(Named).OfType<Segment>().ToList();
        found.Sort((a, b) => a.First.CompareTo(b.First));
        return found;
    }

    /// <summary>The segment at a path; null where the file isn't named as one.</summary>
    public static Segment? Named(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return name.Length == Digits + Extension.Length
            && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && first > 0
            ? new Segment(first, path)
            : null;
    }

    /// <summary>Makes the file, empty; it must not be there yet, and isn't durable before its folder is synced.</summary>
    public static Segment Create(string folder, long first)
    {
        var segment = At(folder, first);
        File.OpenHandle(segment.Path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        return segment;
    }

    public SafeFileHandle OpenRead() =>
        File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public SafeFileHandle OpenReadWrite() =>
        File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}
