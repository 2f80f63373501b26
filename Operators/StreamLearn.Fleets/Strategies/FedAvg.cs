namespace StreamLearn.Fleets;

/// <summary>Federated averaging: moves the model by the invited devices' mean update, weighted by samples.</summary>
/// <remarks>By default a round ends when all live devices have reported; with <see cref="FractionCohort"/>, when a share C has. One local
/// step over all rows is FedSGD. Sums are in device order, so arrival order does not matter. Source: McMahan et al. (2017).</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="LearningRate">Server rate, above 0; default 1.</param>
public sealed record FedAvg(int Devices, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    /// <inheritdoc />
    protected override Apply Apply => new WeightedMean(LearningRate);
}
