using System.Globalization;

namespace Chat.Bench.Measures;

/// <summary>What the system itself holds for a server: bytes that it sent and its clients' systems haven't taken. No process's memory counts them.</summary>
public static class KernelQueue
{
    private const string Connections = "/proc/net/tcp";

    /// <summary>Of all connections of a server on this machine (IPv4); null where the system doesn't tell.</summary>
    public static long? Bytes(int port)
    {
        try
        {
            return Bytes(File.ReadLines(Connections), port);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The same from the lines of <c>/proc/net/tcp</c>: <c>sl local_address rem_address st tx_queue:rx_queue …</c>, in hexadecimal.</summary>
    public static long Bytes(IEnumerable<string> lines, int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return lines
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 4 && fields[1].EndsWith(suffix, StringComparison.Ordinal))
            .Sum(fields => long.TryParse(fields[4].Split(':')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0);
    }
}
