using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>How the number of local steps between aggregations is chosen.</summary>
public sealed record TauSettings
{
    /// <summary>eta: the learning rate of the devices. Above 0; default .01.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>phi: stands for a constant of the source that nobody knows; the larger, the fewer steps. Above 0; .025 is published for
    /// support vectors, regression and k-means, 5e-5 for convolutional networks. Null, the default: steps are chosen by what is measured of
    /// them (<see cref="LocalWorth"/>), and no constant is needed; .025 where devices measure nothing of the kind.</summary>
    public double? Phi { get; init; }

    /// <summary>gamma: the steps are at most so many times those of the round before. At least 1; default 10.</summary>
    public int Growth { get; init; } = 10;

    /// <summary>The most steps. At least 1; default 100.</summary>
    public int MaxSteps { get; init; } = 100;

    /// <summary>The steps of every round but the last, to compare with; null, the default: they are chosen anew for each. At least
    /// 1.</summary>
    public int? FixedSteps { get; init; }

    /// <summary>Values of the gradient that devices tell of, at least 1; default 1,024. The gradient of a larger model is sketched:
    /// delta is off by some 2 %, and an update costs little more than without an estimate (<see cref="GradientSketch"/>).</summary>
    public int GradientValues { get; init; } = 1024;

    /// <summary>True: the end is planned with the mean of all costs and twice their standard deviation, so that the budget holds where
    /// costs vary; false, the default: with the costs of the last round.</summary>
    public bool IsSafe { get; init; }

    /// <summary>True if devices have to tell what their local steps are worth.</summary>
    internal bool UsesWorth => Phi is null && FixedSteps is null;

    internal void Check()
    {
        CheckAboveZero(LearningRate, nameof(LearningRate));
        if (Phi is { } phi) { CheckAboveZero(phi, nameof(Phi)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(Growth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSteps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(GradientValues, 1);
        if (FixedSteps is { } steps) { ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1, nameof(FixedSteps)); }
    }

    private static void CheckAboveZero(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value))) { throw new ArgumentOutOfRangeException(name, value, "expected more than 0"); }
    }
}
