namespace StreamLearn.Nodes;

/// <summary>Settings of proximal policy optimization; defaults as in FedAdapt's code.</summary>
/// <remarks> The loss is −min(ratio · A, clip · A) + ½ (V − R)² − 0.01 · entropy, where the entropy of a fixed deviation has no gradient
/// and is omitted. Source: Schulman et al. (2017); Wu et al. (2022), FedAdapt, for the code. </remarks>
internal sealed record PpoSettings
{
    public ImmutableArray<int> Hidden { get; init; } = [64, 32];

    public double Deviation { get; init; } = 0.5;

    /// <summary>Updates before the deviation shrinks, 0 or more; default 20.</summary>
    public int SteadyUpdates { get; init; } = 20;

    /// <summary>Factor of the deviation per later update, above 0 and at most 1; default 0.9.</summary>
    public double Decay { get; init; } = 0.9;

    public float LearningRate { get; init; } = 3e-4f;

    public double Discount { get; init; } = 0.9;

    /// <summary>Clipping distance of the probability ratio from 1, above 0; default 0.2.</summary>
    public double Clip { get; init; } = 0.2;

    public int Epochs { get; init; } = 50;

    public int UpdateSteps { get; init; } = 10;

    public int MaxUpdates { get; init; } = 50;

    public double DeviationAfter(int updates)
    {
        var deviation = Deviation;
        for (var i = SteadyUpdates; i < updates; i++) { deviation *= Decay; }
        return deviation;
    }

    internal void Check()
    {
        if (Hidden.IsDefault) { throw new ArgumentException("expected hidden layers, got none", nameof(Hidden)); }
        foreach (var values in Hidden) { ArgumentOutOfRangeException.ThrowIfLessThan(values, 1, nameof(Hidden)); }
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Deviation);
        ArgumentOutOfRangeException.ThrowIfNegative(SteadyUpdates);
        if (Decay is not (> 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(Decay), Decay, "expected above 0, at most 1"); }
        if (Discount is not (>= 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(Discount), Discount, "expected 0 to 1"); }
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Clip);
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(UpdateSteps, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUpdates, 1);
    }

    public bool Equals(PpoSettings? other) =>
        other is not null && Hidden.AsSpan().SequenceEqual(other.Hidden.AsSpan())
        && (Deviation, SteadyUpdates, Decay) == (other.Deviation, other.SteadyUpdates, other.Decay)
        && (LearningRate, Discount, Clip) == (other.LearningRate, other.Discount, other.Clip)
        && (Epochs, UpdateSteps, MaxUpdates) == (other.Epochs, other.UpdateSteps, other.MaxUpdates);

    public override int GetHashCode() => HashCode.Combine(Hidden.Length, Deviation, LearningRate, Discount, Epochs, UpdateSteps);
}
