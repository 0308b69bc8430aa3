using System.Globalization;
using Chat.Actors.History;

namespace Chat.Gateway.Hosting;

/// <summary>
/// How many connections the system's limit on open files leaves room for. Where they ran out, nothing could be accepted, nor stored, and each
/// attempt would be made again at once.
/// </summary>
internal static class FileLimit
{
    // Of the runtime: its own libraries, each mapped twice, pipes, event queues. About 200 are open at the start.
    private const int OfRuntime = 300;
    private const int LeastLogs = 8;
    private const int LeastHandshakes = 16;
    private const int MostHandshakes = 20_000;
    private const int LeastConnections = 16;

    /// <summary>What may be open: WebSockets (0 for no limit), connections of any kind, and logs.</summary>
    public readonly record struct Shares(int Connections, int Sockets, int Logs);

    /// <summary>Shares out what the process may open.</summary>
    /// <param name="wanted">WebSockets that are asked for; 0 for no limit.</param>
    /// <param name="limit">The files that may be open; null for no limit.</param>
    public static Shares Share(int wanted, long? limit)
    {
        var all = new Shares(wanted, wanted > 0 ? wanted + MostHandshakes : int.MaxValue, FileHistoryOptions.DefaultOpenLogs);
        if (limit is not { } files || files >= (long)all.Sockets + all.Logs + OfRuntime)
            return all;
        // An append that finds no open log costs an opening, but a connection that finds no place is refused: so the logs get less.
        var free = Math.Max(LeastConnections + LeastHandshakes + LeastLogs, files - OfRuntime);
        var logs = (int)Math.Clamp(free / 8, LeastLogs, all.Logs);
        var sockets = (int)Math.Min(all.Sockets, free - logs);
        // Some are kept free, so that whoever finds no place can be told.
        var connections = sockets - Math.Clamp(sockets / 8, LeastHandshakes, MostHandshakes);
        return new Shares(wanted > 0 ? Math.Min(wanted, connections) : connections, sockets, logs);
    }

    /// <summary>The limit in force; null where there is none, or the system doesn't tell.</summary>
    public static long? InForce()
    {
        const string Name = "Max open files";
        try
        {
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
            return long.TryParse(
                line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
