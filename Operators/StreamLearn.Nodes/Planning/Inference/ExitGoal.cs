using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>One of the goals that <see cref="ExitSplit"/> goes by, in their order. A value.</summary>
/// <remarks>
/// With a bound, the candidates that meet it are kept. Without one, or if none meets it, those are kept that are within the tolerance of
/// the best. Source: Laskaridis et al. (2020), SPINN, for goals in order of importance.
/// </remarks>
/// <param name="Figure">What it is about.</param>
/// <param name="Bound">The least accuracy, or the most of another figure; null, the default: as good as can be.</param>
public sealed record ExitGoal(ExitFigure Figure, double? Bound = null)
{
    /// <summary>The share by which a candidate may be worse than the best and is kept, 0 or more; default 0.</summary>
    public double Tolerance
    {
        get;
        init => field = value >= 0
            ? value : throw new ArgumentOutOfRangeException(nameof(Tolerance), value, $"expected 0 or more, got {value}");
    }

    /// <summary>The goal, such as <c>Accuracy 0.9</c>.</summary>
    public override string ToString() =>
        Bound is { } bound ? string.Create(CultureInfo.InvariantCulture, $"{Figure} {bound}") : $"{Figure}";

    /// <summary>The candidates that are kept; at least one of those that there are.</summary>
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
