using Chat.Protocol;

namespace Chat.Cli.Screen;

/// <summary>A colour for each name: the same one always, here and in the next run.</summary>
internal static class NameColours
{
    // Of the 256, those that can be read on black and on white.
    private static readonly short[] Readable = [32, 37, 67, 68, 70, 72, 98, 103, 104, 107, 131, 132, 133, 134, 136, 137, 139, 166, 167, 168, 169, 172, 173, 175];

    public static short Of(string name)
    {
        var hash = 2166136261u;
        foreach (var unit in UserName.Parse(name, out _)?.Folded ?? name)
            hash = (hash ^ unit) * 16777619;
        hash ^= hash >> 15;
        return Readable[hash % (uint)Readable.Length];
    }
}
