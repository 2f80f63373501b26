namespace StreamLearn.Learning;

/// <summary>Settings of <c>Infer</c> with early exits.</summary>
public sealed record InferOptions
{
    /// <summary>The exit rule until a plan arrives; null: <see cref="Curve"/> decides.</summary>
    public ExitRule? Rule { get; init; }

    /// <summary>Threshold choices until a plan arrives. The budget selects one; without a budget, the most accurate. Null and no rule: no
    /// early exits.</summary>
    public ExitCurve? Curve { get; init; }

    /// <summary>Average budget of multiply-adds per row, above 0; null (default): none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The budget is not above 0 and finite.</exception>
    public double? MultiplyAddsPerRow
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerRow), value, "expected a budget above 0");
    }

    /// <summary>A loss to keep along the curve as the data changes; excludes a budget. Null, the default: none.</summary>
    public AdaptiveExits? Adaptive { get; init; }

    /// <summary>Rows whose confidence at the last exit is below this go to the side output, unanswered. 0 to 1; default 0: only rows with
    /// non-finite scores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a confidence.</exception>
    public float UnsureBelow
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(UnsureBelow), value, "expected a confidence from 0 to 1");
    }

    /// <summary>True: adds the probability of every class; default false.</summary>
    public bool Probabilities { get; init; }

    /// <summary>True: adds the column <c>version</c>, int64, with the model version; 0 before the first one. Default false.</summary>
    public bool Versions { get; init; }

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
        if (Adaptive is not null && Curve is null) { throw new ArgumentException("expected a curve for adaptive exits, got none"); }
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
