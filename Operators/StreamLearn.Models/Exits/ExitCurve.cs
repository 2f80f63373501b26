namespace StreamLearn.Models;

/// <summary>Results of one choice of thresholds on the validation rows. Immutable.</summary>
/// <param name="Thresholds">A threshold for each exit except the last.</param>
/// <param name="Accuracy">Share of rows answered correctly.</param>
/// <param name="WorkFraction">Mean multiply-adds relative to the whole network, above 0 and at most 1.</param>
/// <param name="Shares">Share of rows that left at each exit.</param>
public sealed record ExitPoint(ImmutableArray<float> Thresholds, double Accuracy, double WorkFraction, ImmutableArray<double> Shares)
{
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

/// <summary>Pareto-optimal choices of thresholds, from the cheapest to the most accurate. Immutable.</summary>
/// <remarks>Accuracies are optimistic, because they are measured on the rows that were used to choose. For a guarantee, see
/// <see cref="ExitTuner"/>.</remarks>
public sealed record ExitCurve
{
    /// <summary>The measure compared with the thresholds.</summary>
    public required ExitMeasure Measure { get; init; }

    /// <summary>Divides the logits; above 0, default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Validation accuracy of the whole network.</summary>
    public required double FullAccuracy { get; init; }

    /// <summary>The choices, at least one; work and accuracy rise.</summary>
    public required ImmutableArray<ExitPoint> Points { get; init; }

    /// <summary>Returns the rule of a choice.</summary>
    /// <param name="index">The index of the choice, from 0, the cheapest.</param>
    public ExitRule RuleAt(int index) => new(Measure, Points[index].Thresholds) { Temperature = Temperature };

    /// <summary>Finds the most accurate choice within a work limit, or the cheapest if none is.</summary>
    /// <param name="workFraction">Mean multiply-adds relative to the whole network.</param>
    /// <returns>Its index.</returns>
    public int BestWithin(double workFraction)
    {
        var best = 0;
        while (best + 1 < Points.Length && Points[best + 1].WorkFraction <= workFraction) { best++; }
        return best;
    }

    /// <summary>Keeps at most this many choices, evenly spread over their work.</summary>
    /// <param name="points">Choices to keep, at least 2; includes the cheapest and the most accurate.</param>
    public ExitCurve Thin(int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        if (Points.Length <= points) { return this; }
        var (first, last) = (Points[0].WorkFraction, Points[^1].WorkFraction);
        var kept = ImmutableArray.CreateBuilder<ExitPoint>(points);
        kept.Add(Points[0]);
        foreach (var point in Points.AsSpan()[1..^1])
        {
            if (point.WorkFraction - first >= kept.Count * (last - first) / (points - 1) && kept.Count < points - 1) { kept.Add(point); }
        }

        kept.Add(Points[^1]);
        return this with { Points = kept.ToImmutable() };
    }

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
