namespace StreamLearn.Models;

/// <summary>Early-exit thresholds of a model: a control message of <c>Infer</c> that can be published. Immutable.</summary>
public sealed record ExitPlan : ISized, IReplaceable
{
    /// <summary>Hash of features, classes and slices of the model: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The model version with which the thresholds were chosen; 0: none.</summary>
    public long ModelVersion { get; init; }

    /// <summary>The choices, at least one.</summary>
    public required ExitCurve Curve { get; init; }

    /// <summary>The choice used without a budget, from 0, the cheapest.</summary>
    public int Chosen { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128 + Curve.Points.Sum(p => 64 + (12L * p.Shares.Length));

    /// <inheritdoc />
    public string ReplacementKey => "exits";

    /// <summary>Creates a plan with one choice that was not measured.</summary>
    /// <exception cref="ArgumentException">The rule has too few or too many thresholds.</exception>
    public static ExitPlan Of(IStagedModel model, ExitRule rule)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rule);
        EarlyExits.Check(model, rule);
        var shares = new double[model.ExitCount];
        shares[^1] = 1;
        return new()
        {
            SchemaHash = model.Plan.SchemaHash,
            Curve = new()
            {
                Measure = rule.Measure,
                Temperature = rule.Temperature,
                FullAccuracy = 0,
                Points = [new(rule.Thresholds, 0, 1, [.. shares])],
            },
        };
    }

    /// <summary>Returns whether the plan is for a model.</summary>
    public bool Fits(IStagedModel model) => SchemaHash == model.Plan.SchemaHash && IsValid
        && Curve.Points[0].Thresholds.Length == model.ExitCount - 1;

    /// <summary>True if the choices are usable.</summary>
    public bool IsValid => Curve.IsValid && Chosen >= 0 && Chosen < Curve.Points.Length && ModelVersion >= 0;

    /// <inheritdoc />
    public override string ToString() => $"exits of version {ModelVersion}: choice {Chosen} of {Curve}";
}
