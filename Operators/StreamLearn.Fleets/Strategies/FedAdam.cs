namespace StreamLearn.Fleets;

/// <summary>Federated averaging with Adam on the server: m ← β₁·m + (1 − β₁)·d; q ← β₂·q + (1 − β₂)·d²; w ← w + η·m / (√q + ε).</summary>
/// <remarks>d is the weighted mean of the updates. Source: Reddi et al. (2021).</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="LearningRate">Server rate η, above 0; default 0.01.</param>
public sealed record FedAdam(int Devices, float LearningRate = 0.01f) : SynchronousStrategy(Devices, LearningRate)
{
    /// <summary>First-moment decay β₁, in [0, 1); default 0.9.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Second-moment decay β₂, in [0, 1); default 0.99.</summary>
    public float Beta2 { get; init; } = 0.99f;

    /// <summary>Denominator term ε, above 0; default 0.001.</summary>
    public float Epsilon { get; init; } = 1e-3f;

    /// <inheritdoc />
    protected override Apply Apply => new AdamStep(new(LearningRate, Beta1, Beta2, Epsilon));
}
