using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// Federated averaging of devices that are held near the version they started from, and that may send as much work as they got done.
/// </summary>
/// <remarks>
/// <see cref="FedAvg"/> with the directive that devices add μ·(w − w_base) to their gradients. μ = 0 is FedAvg. Source: Li et al. (2020).
/// </remarks>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="Mu">Strength μ of the proximal term, 0 or more; default 0.01.</param>
/// <param name="LearningRate">The server's rate, above 0; default 1.</param>
public sealed record FedProx(int Devices, float Mu = 0.01f, float LearningRate = 1) : SynchronousStrategy(Devices, LearningRate)
{
    /// <summary>
    /// Time after which a device sends the steps it has done, at least one: partial work. Above 0; null (default): all steps.
    /// </summary>
    public TimeSpan? RoundTime { get; init; }

    private protected override Apply Apply => new WeightedMean(LearningRate);

    private protected override Directive Told => Directive with { Proximal = Mu, RoundTime = RoundTime ?? Directive.RoundTime };
}
