namespace StreamLearn.Fleets;

/// <summary>Federated training by the coordinate-wise trimmed mean.</summary>
/// <remarks>Updates are unweighted; it tolerates that share of faulty devices. Source: Yin et al. (2018).</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="Trimmed">Share dropped at each end, in [0, 0.5); default 0.2.</param>
/// <param name="LearningRate">Server rate, above 0; default 1.</param>
public sealed record FedTrimmedMean(int Devices, double Trimmed = 0.2, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    /// <inheritdoc />
    protected override Apply Apply => new TrimmedMean(Trimmed, LearningRate);
}
