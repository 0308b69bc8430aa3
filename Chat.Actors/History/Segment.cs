using System.Globalization;

namespace Chat.Actors.History;

/// <summary>One file of a log, named by the seq that its first line has or will have.</summary>
internal sealed record Segment(long First, string Path)
{
    private const string Extension = ".jsonl";
    private const int Digits = 20;

    public static Segment At(string folder, long first) => new(
        first, System.IO.Path.Combine(folder, first.ToString("D20", CultureInfo.InvariantCulture) + Extension));

    /// <summary>The segments in a folder by their first seq; none where there is no such folder.</summary>
    public static IReadOnlyList<Segment> In(IDisk disk, string folder)
    {
        var found = new List<Segment>();
        foreach (var path in Files(disk, folder))
        {
            var name = System.IO.Path.GetFileName(path);
            if (name.Length == Digits + Extension.Length && name.EndsWith(Extension, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && first > 0)
                found.Add(new Segment(first, path));
        }
        found.Sort((a, b) => a.First.CompareTo(b.First));
        return found;
    }

    /// <summary>Makes the file, empty; it must not be there yet, and isn't durable before its folder is synced.</summary>
    public static Segment Create(IDisk disk, string folder, long first)
    {
        var segment = At(folder, first);
        disk.Create(segment.Path).Dispose();
        return segment;
    }

    // Only a folder that is told to be missing is none: taken for an empty log, one that can't be read would be given its seqs again.
    private static IEnumerable<string> Files(IDisk disk, string folder)
    {
        try
        {
            return disk.Files(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    public IDiskFile OpenRead(IDisk disk) => disk.Open(Path, FileAccess.Read);

    public IDiskFile OpenReadWrite(IDisk disk) => disk.Open(Path, FileAccess.ReadWrite);
}
