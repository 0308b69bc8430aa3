using Chat.Tests.EndToEnd.Support;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Terminal.Support;

/// <summary>Looks again and again at what tells nobody that it changed: a terminal's picture, a file.</summary>
internal static class Watch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until it is as it should be; gives what was seen then.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isIt, string awaited, Func<T, string> known)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isIt(seen))
                return seen;
            if (TimeProvider.System.GetElapsedTime(started) > Patience.Limit)
                throw new XunitException($"Watched {Patience.Limit.TotalSeconds} s for {awaited}.\n{known(seen)}");
            await Task.Delay(Pause);
        }
    }
}
