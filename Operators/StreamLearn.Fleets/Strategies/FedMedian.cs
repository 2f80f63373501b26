namespace StreamLearn.Fleets;

/// <summary>Federated training by the coordinate-wise median, which tolerates faults in fewer than half of the devices.</summary>
/// <remarks>Updates are unweighted. Source: Yin et al. (2018).</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="LearningRate">Server rate, above 0; default 1.</param>
public sealed record FedMedian(int Devices, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    /// <inheritdoc />
    protected override Apply Apply => new CoordinateMedian(LearningRate);
}
