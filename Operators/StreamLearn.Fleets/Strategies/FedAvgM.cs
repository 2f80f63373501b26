namespace StreamLearn.Fleets;

/// <summary>Federated averaging with momentum on the server: m ← β·m + d; w ← w + η·m; d: weighted mean of the updates.</summary>
/// <remarks>Source: Hsu, Qi, Brown (2019); Reddi et al. (2021).</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="LearningRate">Server rate η, above 0; default 1.</param>
/// <param name="Momentum">Momentum decay β, in [0, 1); default 0.9.</param>
public sealed record FedAvgM(int Devices, float LearningRate = 1, float Momentum = 0.9f) : SynchronousStrategy(Devices, LearningRate)
{
    /// <inheritdoc />
    protected override Apply Apply => new MomentumStep(LearningRate, Momentum);
}
