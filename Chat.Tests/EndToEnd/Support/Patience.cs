using System.Diagnostics;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>Every wait has an end. It is far beyond what anything takes, so that only what never comes fails.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a task, and fails with what was waited for and what is known otherwise.</summary>
    public static async Task<T> OfAsync<T>(Task<T> task, string awaited, Func<string> known)
    {
        await OfAsync((Task)task, awaited, known);
        return await task;
    }

    /// <summary>Asks again and again, until it is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isIt, string awaited, Func<string>? known = null)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await isIt())
        {
            if (Stopwatch.GetElapsedTime(since) > Limit)
                throw new XunitException($"Waited {Limit.TotalSeconds} s for {awaited}.\n{known?.Invoke()}");
            await Task.Delay(50);
        }
    }

    /// <summary>The same, where nothing comes of it.</summary>
    public static async Task OfAsync(Task task, string awaited, Func<string> known)
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new XunitException($"Waited {Limit.TotalSeconds} s for {awaited}.\n{known()}");
        }
    }
}
