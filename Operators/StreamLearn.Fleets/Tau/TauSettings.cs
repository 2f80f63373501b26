namespace StreamLearn.Fleets;

/// <summary>Settings for choosing local steps per round.</summary>
public sealed record TauSettings
{
    /// <summary>eta: the devices' learning rate, above 0; default .01.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>phi: replaces an unknown constant of the paper; a larger value means fewer steps. Above 0; published: .025 for support
    /// vectors, regression and k-means, 5e-5 for convolutional networks. Null (default): by measured <see cref="LocalWorth"/>, or .025 if
    /// not measured.</summary>
    public double? Phi { get; init; }

    /// <summary>gamma: maximum growth factor of steps per round. At least 1; default 10.</summary>
    public int Growth { get; init; } = 10;

    /// <summary>Maximum steps, at least 1; default 100.</summary>
    public int MaxSteps { get; init; } = 100;

    /// <summary>Fixed steps for comparison, except in the last round, at least 1; null (default): adaptive.</summary>
    public int? FixedSteps { get; init; }

    /// <summary>Gradient values that devices report, at least 1; default 1,024. Larger gradients are sketched
    /// (<see cref="GradientSketch"/>) at little cost; delta is then off by some 2 %.</summary>
    public int GradientValues { get; init; } = 1024;

    /// <summary>True: plans the end with the mean cost plus two standard deviations, so that the budget also holds if costs vary; false
    /// (default): with the cost of the last round.</summary>
    public bool IsSafe { get; init; }

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
