using System.Globalization;

namespace StreamLearn.Models;

/// <summary>Why no choice of thresholds can be promised.</summary>
public enum ExitRefusal
{
    /// <summary>One can be.</summary>
    None,

    /// <summary>There are too few rows to show so small a loss, even if not one of them was lost.</summary>
    TooFewRows,

    /// <summary>There are enough rows, but they do not show that the most accurate choice keeps to the bound.</summary>
    NotShown,

    /// <summary>The rows are of too few groups to show how much a new group may differ from them.</summary>
    TooFewGroups,
}

/// <summary>An answer of <see cref="ExitJudgement.CheapestWithin"/>: a choice of thresholds and what is promised of it, or a refusal.
/// Immutable.</summary>
public sealed record ExitPromise
{
    /// <summary>The choices.</summary>
    public required ExitCurve Curve { get; init; }

    /// <summary>The choice, from 0, the cheapest; null where none can be promised.</summary>
    public required int? Index { get; init; }

    /// <summary>Why none can be promised.</summary>
    public required ExitRefusal Refusal { get; init; }

    /// <summary>Accuracy that the choice loses against the whole network at most.</summary>
    public required double AccuracyDrop { get; init; }

    /// <summary>How often such a promise holds at least.</summary>
    public required double Confidence { get; init; }

    /// <summary>Rows that the promise rests on.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows below which nothing but the whole network can be promised, even if none of them is lost.</summary>
    public required int MinRows { get; init; }

    /// <summary>Groups, such as people or machines, that the promise rests on; 0: rows that are independent of each other.</summary>
    public int Groups { get; init; }

    /// <summary>A rule that loses no more than <see cref="AccuracyDrop"/>: the choice, or, where none can be promised, that nothing leaves
    /// early.</summary>
    public ExitRule Rule => Index is { } index ? Curve.RuleAt(index) : ExitRule.Never(Curve.Points[0].Thresholds.Length + 1);

    /// <inheritdoc />
    public override string ToString() => Refusal switch
    {
        ExitRefusal.TooFewRows => string.Create(CultureInfo.InvariantCulture,
            $"cannot promise to lose at most {AccuracyDrop:P2}: expected at least {MinRows} rows to judge by, got {Rows}"),
        ExitRefusal.TooFewGroups => string.Create(CultureInfo.InvariantCulture,
            $"cannot promise to lose at most {AccuracyDrop:P2}: expected at least {ExitJudgement.MinGroups} groups to judge by, "
                + $"got {Groups}"),
        ExitRefusal.NotShown => string.Create(CultureInfo.InvariantCulture,
            $"cannot promise to lose at most {AccuracyDrop:P2}: {Ground} do not show it of any choice"),
        _ => string.Create(CultureInfo.InvariantCulture,
            $"loses at most {AccuracyDrop:P2} with confidence {Confidence:P0}, by {Ground}: {Curve.Points[Index!.Value]}"),
    };

    private string Ground => Groups == 0 ? $"{Rows} rows" : $"{Rows} rows of {Groups} groups";
}
