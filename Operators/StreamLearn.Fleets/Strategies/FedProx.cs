namespace StreamLearn.Fleets;

/// <summary>Federated averaging with a proximal term, and partial work from slow devices.</summary>
/// <remarks><see cref="FedAvg"/>, with μ·(w − w_base) added to the devices' gradients; μ = 0 is FedAvg. Source: Li et al. (2020).</remarks>
/// <param name="Devices">Devices awaited initially, at least 1.</param>
/// <param name="Mu">Strength μ of the proximal term, at least 0; default 0.01.</param>
/// <param name="LearningRate">Server rate, above 0; default 1.</param>
public sealed record FedProx(int Devices, float Mu = 0.01f, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    /// <summary>Time after which a device sends the steps that it has done, at least one. Above 0; null (default): all steps.</summary>
    public TimeSpan? RoundTime { get; init; }

    /// <inheritdoc />
    public override bool AllowsSplit => false;

    /// <inheritdoc />
    protected override Apply Apply => new WeightedMean(LearningRate);

    /// <inheritdoc />
    protected override Directive Sent => Directive with { Proximal = Mu, RoundTime = RoundTime ?? Directive.RoundTime };
}
