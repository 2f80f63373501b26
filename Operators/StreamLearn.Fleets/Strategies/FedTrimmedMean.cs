namespace StreamLearn.Fleets;

/// <summary>Federated training by the mean of the updates without the greatest and the least, value by value.</summary>
/// <remarks>Samples do not enter. It bears that share of the devices being wrong. Source: Yin et al. (2018).</remarks>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="Trimmed">Share left out at either end, 0 to below one half; default 0.2.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
public sealed record FedTrimmedMean(int Devices, double Trimmed = 0.2, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    private protected override Apply Apply => new TrimmedMean(Trimmed, LearningRate);
}
