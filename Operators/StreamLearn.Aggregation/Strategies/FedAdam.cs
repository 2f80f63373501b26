namespace StreamLearn.Aggregation;

/// <summary>Federated averaging with Adam on the server: m ← β₁·m + (1 − β₁)·d; q ← β₂·q + (1 − β₂)·d²; w ← w + η·m / (√q + ε).</summary>
/// <remarks>d is the weighted mean of the updates. Source: Reddi et al. (2021).</remarks>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="LearningRate">The server's rate η, above 0; default 0.01.</param>
public sealed record FedAdam(int Devices, float LearningRate = 0.01f) : AdaptiveStrategy(Devices, LearningRate)
{
    private protected override Apply Apply => new AdamStep(Settings);
}
