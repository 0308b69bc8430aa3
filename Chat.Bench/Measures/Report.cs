using System.Globalization;

namespace Chat.Bench.Measures;

/// <summary>How figures are written: one a line, its name first.</summary>
public static class Report
{
    /// <summary>A name and its value.</summary>
    public static void Line(TextWriter output, string name, string value) => output.WriteLine($"  {name,-22} {value}");

    /// <summary>Milliseconds with two decimals.</summary>
    public static string Milliseconds(double value) => value.ToString("0.00", CultureInfo.InvariantCulture) + " ms";

    /// <summary>Whole milliseconds.</summary>
    public static string WholeMilliseconds(double value) => value.ToString("#,0", CultureInfo.InvariantCulture) + " ms";

    /// <summary>A count.</summary>
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Mebibytes with one decimal.</summary>
    public static string Megabytes(long bytes) => (bytes / 1024.0 / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " MiB";

    /// <summary>Kibibytes with one decimal.</summary>
    public static string Kilobytes(double bytes) => (bytes / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " KiB";
}
