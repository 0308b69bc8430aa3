using System.Globalization;

namespace Chat.Protocol;

/// <summary>Times on the wire: UTC, ISO 8601 with milliseconds and <c>Z</c>.</summary>
public static class Timestamps
{
    private const string Pattern = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The time as it stands on the wire, cut to milliseconds.</summary>
    public static string Format(DateTime utc) => utc.ToString(Pattern, CultureInfo.InvariantCulture);

    /// <summary>Reads what <see cref="Format"/> writes, and nothing else.</summary>
    public static bool TryParse(string? text, out DateTime utc) => DateTime.TryParseExact(
        text, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out utc);

    /// <summary>The time cut to the milliseconds that the wire carries.</summary>
    public static DateTime ToMilliseconds(DateTime utc) => new(utc.Ticks - utc.Ticks % TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);
}
