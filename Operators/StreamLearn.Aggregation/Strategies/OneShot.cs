namespace StreamLearn.Aggregation;

/// <summary>One-shot averaging: one round, whose version is the plain mean of all devices' models; what comes later is refused.</summary>
/// <remarks>
/// Each device trains alone from the initial model and sends one update. Source: Zinkevich, Weimer, Smola, Li (2010), SimuParallelSGD.
/// </remarks>
/// <param name="Devices">Devices to wait for, at least 1.</param>
public sealed record OneShot(int Devices) : Strategy
{
    /// <inheritdoc />
    public override Rounds Rounds
    {
        get
        {
            var all = Barrier.All(Devices);
            return new(
                Selection.Everyone,
                (in RoundView round) => round.First ? all(round) : null,
                static (in UpdateHeader update, in RoundView round) => round.First ? 1 : 0,
                new WeightedMean(1),
                Directives.Unchanged);
        }
    }

    /// <inheritdoc />
    public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
}
