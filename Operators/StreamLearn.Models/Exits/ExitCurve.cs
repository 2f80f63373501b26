using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What one choice of thresholds did on the validation rows. Immutable.</summary>
/// <param name="Thresholds">A threshold for each exit but the last.</param>
/// <param name="Accuracy">Share of rows answered with their label.</param>
/// <param name="WorkFraction">Mean multiply-adds of a row over those of the whole network, above 0 and at most 1.</param>
/// <param name="Shares">Share of rows that left at each exit.</param>
public sealed record ExitPoint(ImmutableArray<float> Thresholds, double Accuracy, double WorkFraction, ImmutableArray<double> Shares)
{
    /// <summary>True if the figures are possible ones.</summary>
    internal bool IsValid
    {
        get
        {
            if (Thresholds.IsDefault || Shares.IsDefault || Shares.Length != Thresholds.Length + 1) { return false; }
            foreach (var threshold in Thresholds)
            {
                if (float.IsNaN(threshold)) { return false; }
            }

            foreach (var share in Shares)
            {
                if (!ExitCurve.IsShare(share)) { return false; }
            }

            return ExitCurve.IsShare(Accuracy) && ExitCurve.IsShare(WorkFraction);
        }
    }

    /// <inheritdoc />
    public bool Equals(ExitPoint? other) => other is not null && Accuracy.Equals(other.Accuracy) && WorkFraction.Equals(other.WorkFraction)
        && Thresholds.AsSpan().SequenceEqual(other.Thresholds.AsSpan()) && Shares.AsSpan().SequenceEqual(other.Shares.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Accuracy, WorkFraction, Thresholds.Length);

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"work {WorkFraction:P1}, accuracy {Accuracy:P1}, thresholds [{string.Join(", ", Thresholds.Select(
            t => t.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)))}]");
}

/// <summary>
/// Choices of thresholds none of which is both cheaper and more accurate than another, from the cheapest to the most accurate. Immutable.
/// </summary>
/// <remarks>Accuracies are those on the rows that chose: too good for rows to come. For a bound that holds, see
/// <see cref="ExitTuner"/>.</remarks>
public sealed record ExitCurve
{
    /// <summary>What the thresholds are compared with.</summary>
    public required ExitMeasure Measure { get; init; }

    /// <summary>What logits are divided by; above 0, default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Accuracy on the validation rows when every row goes to the last exit.</summary>
    public required double FullAccuracy { get; init; }

    /// <summary>The choices, at least one; work and accuracy rise.</summary>
    public required ImmutableArray<ExitPoint> Points { get; init; }

    /// <summary>The rule of a choice.</summary>
    /// <param name="index">The choice, from 0, the cheapest.</param>
    public ExitRule RuleAt(int index) => new(Measure, Points[index].Thresholds) { Temperature = Temperature };

    /// <summary>The most accurate choice that works no more than allowed; the cheapest one if none does.</summary>
    /// <param name="workFraction">Mean multiply-adds of a row over those of the whole network.</param>
    /// <returns>Its index.</returns>
    public int BestWithin(double workFraction)
    {
        var best = 0;
        while (best + 1 < Points.Length && Points[best + 1].WorkFraction <= workFraction) { best++; }
        return best;
    }

    /// <summary>Keeps so many choices at most, evenly spread over their work, so that one step along them is worth taking.</summary>
    /// <param name="points">Choices to keep, at least 2; the cheapest and the most accurate are among them.</param>
    public ExitCurve Thin(int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        if (Points.Length <= points) { return this; }
        var (first, last) = (Points[0].WorkFraction, Points[^1].WorkFraction);
        var kept = ImmutableArray.CreateBuilder<ExitPoint>(points);
        kept.Add(Points[0]);
        foreach (var point in Points)
        {
            if (point.WorkFraction - first >= kept.Count * (last - first) / (points - 1) && kept.Count < points - 1) { kept.Add(point); }
        }

        kept.Add(Points[^1]);
        return this with { Points = kept.ToImmutable() };
    }

    /// <summary>True if there are choices, all for the same exits, from the cheapest to the most accurate, of possible figures.</summary>
    internal bool IsValid
    {
        get
        {
            if (Points.IsDefaultOrEmpty || !Enum.IsDefined(Measure) || !(Temperature > 0 && float.IsFinite(Temperature))) { return false; }
            if (!IsShare(FullAccuracy)) { return false; }
            for (var i = 0; i < Points.Length; i++)
            {
                if (!Points[i].IsValid || Points[i].Thresholds.Length != Points[0].Thresholds.Length) { return false; }
                if (i > 0 && !(Points[i].WorkFraction > Points[i - 1].WorkFraction)) { return false; }
            }

            return true;
        }
    }

    /// <inheritdoc />
    public bool Equals(ExitCurve? other) => other is not null && Measure == other.Measure && Temperature.Equals(other.Temperature)
        && FullAccuracy.Equals(other.FullAccuracy) && Points.AsSpan().SequenceEqual(other.Points.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Measure, Temperature, FullAccuracy, Points.Length);

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Points.Length} choices by {Measure.ToString().ToLowerInvariant()}, "
            + $"work {Points[0].WorkFraction:P0} to {Points[^1].WorkFraction:P0}, "
            + $"accuracy {Points[0].Accuracy:P1} to {Points[^1].Accuracy:P1}, all {FullAccuracy:P1}");

    internal static bool IsShare(double value) => value is >= 0 and <= 1;
}
