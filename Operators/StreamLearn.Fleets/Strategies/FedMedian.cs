namespace StreamLearn.Fleets;

/// <summary>Federated training by the median of the updates, value by value: it bears fewer than half of the devices being wrong.</summary>
/// <remarks>Samples do not enter. Source: Yin et al. (2018).</remarks>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
public sealed record FedMedian(int Devices, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    private protected override Apply Apply => new CoordinateMedian(LearningRate);
}
