using System.Globalization;

namespace StreamLearn.Models;

/// <summary>Reason why no thresholds can be promised.</summary>
public enum ExitRefusal
{
    /// <summary>There is a promise.</summary>
    None,

    /// <summary>There are too few rows for this limit.</summary>
    TooFewRows,

    /// <summary>Not even the most accurate choice is shown to keep the limit.</summary>
    NotShown,

    /// <summary>There are too few groups for this promise.</summary>
    TooFewGroups,
}

/// <summary>Result of <see cref="ExitJudgement.CheapestWithin"/>: a promised choice of thresholds, or a refusal. Immutable.</summary>
public sealed record ExitPromise
{
    /// <summary>The choices.</summary>
    public required ExitCurve Curve { get; init; }

    /// <summary>The index of the choice, from 0, the cheapest; null: none can be promised.</summary>
    public required int? Index { get; init; }

    /// <summary>Reason for a refusal.</summary>
    public required ExitRefusal Refusal { get; init; }

    /// <summary>Maximum loss of accuracy compared with the whole network.</summary>
    public required double AccuracyDrop { get; init; }

    /// <summary>Confidence of the promise.</summary>
    public required double Confidence { get; init; }

    /// <summary>Number of test rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Minimum number of rows for promising an early exit, even without losses.</summary>
    public required int MinRows { get; init; }

    /// <summary>Number of groups, such as people or machines; 0: rows are independent.</summary>
    public int Groups { get; init; }

    /// <summary>The rule that loses at most <see cref="AccuracyDrop"/>; without a promise, no row exits early.</summary>
    public ExitRule Rule => Index is { } index ? Curve.RuleAt(index) : ExitRule.Never(Curve.Points[0].Thresholds.Length + 1);

    /// <inheritdoc />
    public override string ToString() => Refusal switch
    {
        ExitRefusal.TooFewRows => string.Create(CultureInfo.InvariantCulture,
            $"cannot guarantee a loss of at most {AccuracyDrop:P2}: expected at least {MinRows} rows to measure it, got {Rows}"),
        ExitRefusal.TooFewGroups => string.Create(CultureInfo.InvariantCulture,
            $"cannot guarantee a loss of at most {AccuracyDrop:P2}: expected at least {ExitJudgement.MinGroups} groups to measure it, "
                + $"got {Groups}"),
        ExitRefusal.NotShown => string.Create(CultureInfo.InvariantCulture,
            $"cannot guarantee a loss of at most {AccuracyDrop:P2}: {Ground} do not prove it for any choice"),
        _ => string.Create(CultureInfo.InvariantCulture,
            $"loses at most {AccuracyDrop:P2} with confidence {Confidence:P0}, measured on {Ground}: {Curve.Points[Index!.Value]}"),
    };

    private string Ground => Groups == 0 ? $"{Rows} rows" : $"{Rows} rows of {Groups} groups";
}
