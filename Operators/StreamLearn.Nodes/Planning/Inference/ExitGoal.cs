using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>A goal of <see cref="ExitSplit"/>. A value.</summary>
/// <remarks>With a bound, it keeps the candidates that meet it; otherwise, or if none does, those within the tolerance of the best. Source:
/// Laskaridis et al. (2020), SPINN.</remarks>
internal sealed record ExitGoal(ExitFigure Figure, double? Bound = null)
{
    /// <summary>Share by which a kept candidate may be worse than the best, 0 or more; default 0.</summary>
    public double Tolerance
    {
        get;
        init => field = value >= 0
            ? value : throw new ArgumentOutOfRangeException(nameof(Tolerance), value, $"expected 0 or more, got {value}");
    }

    public override string ToString() =>
        Bound is { } bound ? string.Create(CultureInfo.InvariantCulture, $"{Figure} {bound}") : $"{Figure}";

    internal ImmutableArray<ExitSplitChoice> Keep(ImmutableArray<ExitSplitChoice> candidates)
    {
        if (Bound is { } bound)
        {
            ImmutableArray<ExitSplitChoice> met = [.. candidates.Where(c => IsWithin(c[Figure], bound))];
            if (!met.IsEmpty) { return met; }
        }

        var best = candidates[0][Figure];
        foreach (var candidate in candidates) { best = IsWithin(candidate[Figure], best) ? candidate[Figure] : best; }
        var limit = Figure == ExitFigure.Accuracy ? best * (1 - Tolerance) : best * (1 + Tolerance);
        return [.. candidates.Where(c => IsWithin(c[Figure], limit))];
    }

    private bool IsWithin(double value, double limit) => Figure == ExitFigure.Accuracy ? value >= limit : value <= limit;
}
