namespace Chat.Tests.EndToEnd.Support;

/// <summary>A fresh folder, removed with all that is in it.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chat-e2e-").FullName;

    /// <summary>The path of something in it.</summary>
    public string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // The process that had it ends in a moment; the folder is the system's to clear.
        }
    }
}
