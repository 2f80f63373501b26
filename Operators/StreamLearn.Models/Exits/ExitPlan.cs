namespace StreamLearn.Models;

/// <summary>
/// Thresholds for the early exits of one model: a control message of <c>Infer</c>, as data that can be published. Immutable.
/// </summary>
public sealed record ExitPlan : ISized, IReplaceable
{
    /// <summary>Hash of features, classes and slices of the model: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The model version that the thresholds were chosen on; 0 if they were not chosen on one.</summary>
    public long ModelVersion { get; init; }

    /// <summary>The choices, at least one.</summary>
    public required ExitCurve Curve { get; init; }

    /// <summary>The choice in use while no budget is followed, from 0, the cheapest.</summary>
    public int Chosen { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128 + Curve.Points.Sum(p => 64 + (12L * p.Shares.Length));

    /// <inheritdoc />
    public string ReplacementKey => "exits";

    /// <summary>A plan of one choice, of which nothing was measured.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rule">The rule.</param>
    /// <exception cref="ArgumentException">The rule has not a threshold for each exit but the last.</exception>
    public static ExitPlan Of(Network network, ExitRule rule)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rule);
        EarlyExits.Check(network, rule);
        var shares = new double[network.Exits.Length];
        shares[^1] = 1;
        return new()
        {
            SchemaHash = network.Plan.SchemaHash,
            Curve = new()
            {
                Measure = rule.Measure,
                Temperature = rule.Temperature,
                FullAccuracy = 0,
                Points = [new(rule.Thresholds, 0, 1, [.. shares])],
            },
        };
    }

    /// <summary>True if the plan is for a network.</summary>
    /// <param name="network">The network.</param>
    public bool Fits(Network network) => SchemaHash == network.Plan.SchemaHash && IsValid
        && Curve.Points[0].Thresholds.Length == network.Exits.Length - 1;

    /// <summary>True if the choices can be followed.</summary>
    public bool IsValid => Curve.IsValid && Chosen >= 0 && Chosen < Curve.Points.Length && ModelVersion >= 0;

    /// <inheritdoc />
    public override string ToString() => $"exits of version {ModelVersion}: choice {Chosen} of {Curve}";
}
