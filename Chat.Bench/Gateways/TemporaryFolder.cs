namespace Chat.Bench.Gateways;

/// <summary>A fresh folder for what one measurement writes, removed at its end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly string _path;

    /// <param name="parent">The existing folder to make it in; the system's own for temporary files where null.</param>
    public TemporaryFolder(string? parent)
    {
        if (parent is not null && !Directory.Exists(parent))
            throw new BenchException($"--data-in: there is no folder {parent}.");
        _path = Path.Combine(parent is null ? Path.GetTempPath() : Path.GetFullPath(parent), "chat-bench-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(_path);
    }

    /// <summary>For the rooms' logs.</summary>
    public string Data => Path.Combine(_path, "data");

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{_path} can't be removed: {e.Message}");
        }
    }
}
