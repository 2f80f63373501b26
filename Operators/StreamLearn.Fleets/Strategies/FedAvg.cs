namespace StreamLearn.Fleets;

/// <summary>
/// Federated averaging: the model moves by the mean of the updates of the invited devices, weighted by samples.
/// </summary>
/// <remarks>
/// By default a round ends when every device that is alive has reported; with <see cref="FractionCohort"/> a share C of them. With one
/// local step over all rows of a device it is synchronous gradient descent, FedSGD. The sum runs in the order of the devices, so that the
/// order of arrival does not change a bit. Source: McMahan et al. (2017).
/// </remarks>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
public sealed record FedAvg(int Devices, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    private protected override Apply Apply => new WeightedMean(LearningRate);
}
