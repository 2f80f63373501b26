namespace StreamLearn.Fleets;

/// <summary>One-shot averaging: a single round makes the plain mean of all devices' models; later updates are refused.</summary>
/// <remarks>Each device trains from the initial model and sends one update. Source: Zinkevich et al. (2010), SimuParallelSGD.</remarks>
/// <param name="Devices">Devices to await, at least 1.</param>
public sealed record OneShot(int Devices) : Strategy
{
    /// <inheritdoc />
    public override bool AllowsSplit => false;

    /// <inheritdoc />
    public override Rules Rounds => new(
        Cohort.Everyone, new Once(new WhenAll(Devices)), new FirstRound(), new WeightedMean(1), Direct.Unchanged);
}
