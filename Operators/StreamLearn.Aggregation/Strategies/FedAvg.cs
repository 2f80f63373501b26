namespace StreamLearn.Aggregation;

/// <summary>
/// Federated averaging behind a barrier: a round ends when every device that has not left has reported; weights are samples.
/// </summary>
/// <remarks>
/// Source: McMahan et al. (2017). The sum runs in the order of the devices, so that the order of arrival does not change a bit.
/// </remarks>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
public sealed record FedAvg(int Devices, float LearningRate = 1) : Strategy
{
    /// <inheritdoc />
    public override Rounds Rounds => new(
        Selection.Everyone,
        (in RoundView round) => round.Known >= Devices && round.Devices >= round.Invited ? TimeSpan.Zero : null,
        (in UpdateHeader update, in RoundView round) => update.Samples,
        new WeightedMean(LearningRate),
        Directives.Unchanged);

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
        CheckRate(LearningRate, nameof(LearningRate));
    }
}
