using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>How a choice of thresholds differed from the whole network, row by row.</summary>
/// <param name="Lost">Rows that the whole network got right, and the choice wrong.</param>
/// <param name="Gained">Rows that the whole network got wrong, and the choice right.</param>
public readonly record struct ExitOutcome(int Lost, int Gained);

/// <summary>
/// What the choices of a curve did on rows that had no part in choosing them: the ground for a promise about rows to come. Made by
/// <see cref="ExitTuner"/>. Immutable.
/// </summary>
/// <remarks>
/// The figures of the curve itself promise nothing: its choices are the winners of thousands, and owe part of that to luck with their rows.
/// </remarks>
public sealed record ExitJudgement
{
    /// <summary>Groups below which nothing is promised: fewer do not show how much groups differ.</summary>
    public const int MinGroups = 15;

    /// <summary>The choices.</summary>
    public required ExitCurve Curve { get; init; }

    /// <summary>Rows that they were judged on.</summary>
    public required int Rows { get; init; }

    /// <summary>What each choice did, in the order of the curve.</summary>
    public required ImmutableArray<ExitOutcome> Outcomes { get; init; }

    /// <summary>What the choices did in each group of rows; none, the default: the rows are independent of each other.</summary>
    public ImmutableArray<ExitJudgement> Groups { get; init; } = [];

    /// <summary>
    /// The cheapest choice of which it can be promised that it costs no more accuracy than allowed, or why none can be.
    /// </summary>
    /// <remarks>
    /// Choices are tested from the most accurate one down, each at the whole risk 1 − confidence, up to the first that fails; so the
    /// promise is broken at most that often, however many there are. A test is one-sided, on the differences row by row, with a correction
    /// for continuity. It counts on rows that are independent of each other and like those to come. Source: Tango (1998), the score test;
    /// Maurer, Hothorn, Lehmacher (1995), the fixed sequence.
    /// </remarks>
    /// <param name="accuracyDrop">Accuracy that may be lost against the whole network, 0 to 1; 0.005 is half a point.</param>
    /// <param name="confidence">How often the promise has to hold at least, above 0.5 and below 1; default 0.95.</param>
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
        while (!isTooFew && index > 0
            && (IsClosed(index - 1) || accuracyDrop == 1 || IsShown(index - 1, accuracyDrop, quantile)))
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

    /// <summary>Whether nothing leaves early: that is the whole network itself.</summary>
    private bool IsClosed(int index)
    {
        foreach (var threshold in Curve.Points[index].Thresholds)
        {
            if (threshold != ExitRule.Closed(Curve.Measure)) { return false; }
        }

        return true;
    }
}
