namespace Chat.Bench.Measures;

/// <summary>Percentiles by nearest rank: each is a value that was measured, none is made up between two.</summary>
public sealed class Percentiles
{
    private readonly double[] _sorted;

    /// <param name="values">At least one, in any order.</param>
    public Percentiles(IEnumerable<double> values)
    {
        _sorted = [.. values];
        if (_sorted.Length == 0)
            throw new ArgumentException("There is no percentile of nothing.", nameof(values));
        Array.Sort(_sorted);
    }

    /// <summary>How many values there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>The smallest.</summary>
    public double Min => _sorted[0];

    /// <summary>The largest.</summary>
    public double Max => _sorted[^1];

    /// <summary>The middle one; of an even number the lower of the two in the middle.</summary>
    public double Median => At(50);

    /// <summary>The smallest value that at least <paramref name="percent"/> of all are not above.</summary>
    public double At(double percent)
    {
        if (percent is not (>= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percent), percent, "A percentile is from 0 to 100.");
        // 99.9 percent of 1,000 is 999.0000000000001 in floating point, which isn't the thousandth.
        var rank = (int)Math.Ceiling(Math.Round(percent / 100 * _sorted.Length, 9));
        return _sorted[Math.Max(rank, 1) - 1];
    }
}
