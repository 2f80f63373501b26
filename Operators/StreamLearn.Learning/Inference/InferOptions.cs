using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>Infer</c> with early exits.</summary>
public sealed record InferOptions
{
    /// <summary>When a row leaves early, until a plan comes; null: see <see cref="Curve"/>.</summary>
    public ExitRule? Rule { get; init; }

    /// <summary>
    /// Choices of thresholds, of which the budget decides, until a plan comes; without a budget the most accurate one is in use. Null, and
    /// no rule: nothing leaves early.
    /// </summary>
    public ExitCurve? Curve { get; init; }

    /// <summary>Multiply-adds of a row to stay within on average, above 0; null, the default: no budget.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and finite.</exception>
    public double? MultiplyAddsPerRow
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerRow), value, "expected a budget above 0");
    }

    /// <summary>
    /// A loss to keep to, along the curve, whatever the rows become; it has no budget beside it. Null, the default: none.
    /// </summary>
    public AdaptiveExits? Adaptive { get; init; }

    /// <summary>
    /// A row that comes to the last exit and is given no class with this confidence goes to the side output, unanswered. 0 to 1; default
    /// 0: all are answered, except for those whose scores are not numbers.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a confidence.</exception>
    public float UnsureBelow
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(UnsureBelow), value, "expected a confidence from 0 to 1");
    }

    /// <summary>True: the probability of every class stands beside the answer; default false.</summary>
    public bool Probabilities { get; init; }

    /// <summary>True: the version of the model stands beside the answer, <c>version</c> int64; 0 before the first one. Default
    /// false.</summary>
    public bool Versions { get; init; }

    /// <summary>The plan that they come to.</summary>
    internal ExitPlan PlanFor(IStagedModel model) => Curve is null
        ? ExitPlan.Of(model, Rule ?? ExitRule.Never(model.ExitCount))
        : new()
        {
            SchemaHash = model.Plan.SchemaHash,
            Curve = Curve,
            Chosen = Curve.Points.IsDefaultOrEmpty ? 0 : Curve.Points.Length - 1,
        };

    internal void Check(IStagedModel model)
    {
        if (Rule is not null && Curve is not null) { throw new ArgumentException("expected a rule or a curve, got both"); }
        if (Adaptive is not null && Curve is null) { throw new ArgumentException("expected a curve to adapt along, got none"); }
        if (Adaptive is not null && MultiplyAddsPerRow is not null)
        {
            throw new ArgumentException("expected a bound of the loss or of the multiply-adds, got both");
        }

        if (!PlanFor(model).Fits(model))
        {
            throw new ArgumentException("expected a curve with a threshold for each exit but the last, from cheap to accurate");
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Curve?.ToString() ?? Rule?.ToString() ?? "no early exit"}"
            + $"{(MultiplyAddsPerRow is { } budget ? $", {budget} multiply-adds per row" : "")}"
            + $"{(Adaptive is { } adaptive ? $", {adaptive}" : "")}"
            + $"{(UnsureBelow > 0 ? $", unsure below {UnsureBelow}" : "")}");
}
