namespace Chat.Tests.Client;

/// <summary>How long a test waits for what must happen, before it fails.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    /// <summary>The same task, but one that fails rather than hang.</summary>
    public static Task<T> For<T>(Task<T> task) => task.WaitAsync(Long);
}
