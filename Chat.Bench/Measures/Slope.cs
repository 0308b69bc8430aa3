namespace Chat.Bench.Measures;

/// <summary>How much a value grows with time, by least squares, and how sure that is.</summary>
/// <param name="PerUnit">Growth for each unit of time.</param>
/// <param name="HalfWidth">
/// Half of its 95 % confidence interval, as if the deviations were independent of each other and normal; where each lasts for some
/// samples, it is wider in truth.
/// </param>
public readonly record struct Slope(double PerUnit, double HalfWidth)
{
    // Of the normal distribution, which Student's is near enough with the samples that are asked for.
    private const double At95Percent = 1.96;

    /// <summary>The fewest samples.</summary>
    public const int LeastSamples = 30;

    /// <summary>Whether it can't be told from zero.</summary>
    public bool IsIndistinguishableFromZero => Math.Abs(PerUnit) <= HalfWidth;

    /// <summary>Of samples at times that aren't all the same. Throws an <see cref="ArgumentException"/> where there are fewer than <see cref="LeastSamples"/>.</summary>
    public static Slope Of(IReadOnlyList<(double Time, double Value)> samples)
    {
        if (samples.Count < LeastSamples)
            throw new ArgumentException($"A slope takes at least {LeastSamples} samples.", nameof(samples));
        var (meanTime, meanValue) = (samples.Average(sample => sample.Time), samples.Average(sample => sample.Value));
        var spread = samples.Sum(sample => Square(sample.Time - meanTime));
        var slope = samples.Sum(sample => (sample.Time - meanTime) * (sample.Value - meanValue)) / spread;
        var residuals = samples.Sum(sample => Square(sample.Value - meanValue - (slope * (sample.Time - meanTime))));
        return new Slope(slope, At95Percent * Math.Sqrt(residuals / (samples.Count - 2) / spread));
    }

    private static double Square(double value) => value * value;
}
