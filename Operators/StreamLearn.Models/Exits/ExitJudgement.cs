namespace StreamLearn.Models;

/// <summary>Rows that only the whole network, and that only the choice got right.</summary>
internal readonly record struct ExitOutcome(int Lost, int Gained);

/// <summary>Results of a curve's choices on independent rows, from <see cref="ExitTuner"/>; the basis of a promise. Immutable.</summary>
/// <remarks>The curve's own figures are optimistic: the best of thousands.</remarks>
public sealed record ExitJudgement
{
    /// <summary>Minimum groups for a promise.</summary>
    public const int MinGroups = 15;

    /// <summary>The choices.</summary>
    public required ExitCurve Curve { get; init; }

    /// <summary>Number of test rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Of each choice, in the curve's order.</summary>
    internal ImmutableArray<ExitOutcome> Outcomes { get; init; } = [];

    /// <summary>Results in each group of rows; empty, the default: rows are independent.</summary>
    public ImmutableArray<ExitJudgement> Groups { get; init; } = [];

    /// <summary>Finds the cheapest choice promised to keep the accuracy bound, or the reason for a refusal.</summary>
    /// <remarks>Tests from the most accurate choice to the first failure, each at risk 1 − confidence, which bounds the total risk. Tests
    /// are one-sided, with continuity correction; rows must be independent and representative. Source: Tango (1998), the score test;
    /// Maurer, Hothorn, Lehmacher (1995), the fixed sequence.</remarks>
    /// <param name="accuracyDrop">Maximum accuracy lost against the whole network, 0 to 1.</param>
    /// <param name="confidence">Confidence of the promise, above 0.5 and below 1; default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public ExitPromise CheapestWithin(double accuracyDrop, double confidence = 0.95)
    {
        if (!ExitCurve.IsShare(accuracyDrop))
        {
            throw new ArgumentOutOfRangeException(nameof(accuracyDrop), accuracyDrop, "expected a share of rows, 0 to 1");
        }

        if (!(confidence is > 0.5 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "expected a confidence above 0.5 and below 1");
        }

        var (quantile, index) = (PairedDifference.Quantile(1 - confidence), Curve.Points.Length);
        var least = PairedDifference.MinRows(accuracyDrop, quantile);
        var isTooFew = Groups.Length is > 0 and < MinGroups;
        while (!isTooFew && index > 0 && (IsClosed(index - 1) || accuracyDrop == 1 || IsShown(index - 1, accuracyDrop, quantile)))
        {
            index--;
        }

        return new()
        {
            Curve = Curve,
            Index = index < Curve.Points.Length ? index : null,
            Refusal = index < Curve.Points.Length ? ExitRefusal.None
                : isTooFew ? ExitRefusal.TooFewGroups
                : Rows < least ? ExitRefusal.TooFewRows
                : ExitRefusal.NotShown,
            AccuracyDrop = accuracyDrop,
            Confidence = confidence,
            Rows = Rows,
            MinRows = least,
            Groups = Groups.Length,
        };
    }

    private bool IsShown(int index, double accuracyDrop, double quantile) =>
        PairedDifference.IsBelow(accuracyDrop, Outcomes[index], Rows, quantile)
        && (Groups.IsEmpty || GroupedDifference.IsBelow(accuracyDrop, Groups, index, quantile));

    /// <inheritdoc />
    public bool Equals(ExitJudgement? other) => other is not null && Rows == other.Rows && Curve == other.Curve
        && Outcomes.AsSpan().SequenceEqual(other.Outcomes.AsSpan()) && Groups.AsSpan().SequenceEqual(other.Groups.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Rows, Curve);

    /// <inheritdoc />
    public override string ToString() => $"{Curve}, judged on {Rows} rows{(Groups.IsEmpty ? "" : $" of {Groups.Length} groups")}";

    private bool IsClosed(int index)
    {
        foreach (var threshold in Curve.Points[index].Thresholds)
        {
            if (threshold != ExitRule.Closed(Curve.Measure)) { return false; }
        }

        return true;
    }
}
