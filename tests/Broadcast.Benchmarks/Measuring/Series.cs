namespace Broadcast.Benchmarks.Measuring;

/// <summary>One measured value over the rounds of a run.</summary>
internal sealed class Series(string name, string unit)
{
    private readonly List<double> _values = [];

    public string Name => name;

    public string Unit => unit;

    public IReadOnlyList<double> Values => _values;

    public void Add(double value) => _values.Add(value);

    public double Median => Percentile(_values, 0.5);

    public double Min => _values.Min();

    public double Max => _values.Max();

    /// <summary>The value that <paramref name="share"/> of all are not above; between two of them, the line between.</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) return double.NaN;
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
