namespace StreamLearn.Tables;

/// <summary>Finds a column with one value of its own for each class, such as <c>activity_id</c> next to <c>activity</c>.</summary>
internal sealed class SecondLabels
{
    private const double MaxWidth = 0.02;       // of the values of a class, relative to the distance to the next class

    private const int MinRows = 8;              // per class, since few rows repeat the label by chance

    private (double Low, double High)[] _values = [];       // by class
    private long _rows;

    private List<(double Low, double High)> Groups =>
        [.. _values.Where(static v => v.Low <= v.High).OrderBy(static v => v.Low)];

    /// <summary>Returns true if each class has a value of its own, to within noise. A sensor varies more within a class.</summary>
    internal bool IsSecondLabel => Groups is { Count: >= 2 } groups && _rows >= MinRows * groups.Count && AreTight(groups);

    /// <summary>Returns true if no two classes have the same values.</summary>
    internal bool TellsClass => Groups is { Count: >= 2 } groups
        && groups.Zip(groups.Skip(1)).All(static g => g.First.High < g.Second.Low);

    /// <summary>NaN counts as no value.</summary>
    internal void Add(int label, double value)
    {
        if (double.IsNaN(value)) { return; }
        for (var known = _values.Length; known <= label; known++)
        {
            Array.Resize(ref _values, known + 1);
            _values[known] = (double.PositiveInfinity, double.NegativeInfinity);
        }

        _rows++;
        ref var range = ref _values[label];
        range = (Math.Min(range.Low, value), Math.Max(range.High, value));
    }

    /// <summary>Returns true if the values are few, and farther apart than they vary.</summary>
    internal static bool AreFew(IEnumerable<double> values, int classes)
    {
        double[] sorted = [.. values.Where(static v => !double.IsNaN(v))];
        Array.Sort(sorted);
        if (sorted.Length == 0) { return false; }
        List<(double Low, double High)> groups = [(sorted[0], sorted[0])];
        var least = MaxWidth * Math.Max(sorted[^1] - sorted[0], Math.Abs(sorted[0]));
        foreach (var value in sorted)
        {
            if (value - groups[^1].High <= least) { groups[^1] = groups[^1] with { High = value }; }
            else if (groups.Count == classes) { return false; }
            else { groups.Add((value, value)); }
        }

        return groups.Count == 1 ? groups[0].High - groups[0].Low <= MaxWidth * Math.Abs(groups[0].Low) : AreTight(groups);
    }

    private static bool AreTight(List<(double Low, double High)> groups) =>
        MaxWidth * groups.Zip(groups.Skip(1), static (a, b) => b.Low - a.High).Min() is > 0 and var most
            && groups.TrueForAll(g => g.High - g.Low <= most);
}
