using IOPath = System.IO.Path;

namespace Chat.Bench.Gateways;

/// <summary>A fresh folder for what one measurement writes, removed at its end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private bool _isKept;

    /// <param name="parent">The existing folder to make it in; the system's own for temporary files where null.</param>
    public TemporaryFolder(string? parent)
    {
        if (parent is not null && !Directory.Exists(parent))
            throw new BenchException($"--data-in: there is no folder {parent}.");
        Path = IOPath.Combine(parent is null ? IOPath.GetTempPath() : IOPath.GetFullPath(parent), "chat-bench-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(Path);
    }

    /// <summary>The folder itself.</summary>
    public string Path { get; }

    /// <summary>For the rooms' logs.</summary>
    public string Data => IOPath.Combine(Path, "data");

    /// <summary>Leaves it where it is, to be looked at.</summary>
    public void Keep() => _isKept = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isKept)
            return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{Path} can't be removed: {e.Message}");
        }
    }
}
