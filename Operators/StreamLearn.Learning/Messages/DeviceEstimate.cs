namespace StreamLearn.Learning;

/// <summary>Measurements of a device at a round's base version, on the last batch of the round before. An aggregator requests them
/// (<see cref="Directive.Estimates"/>) to learn how much devices diverge. Immutable.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019.</remarks>
public sealed record DeviceEstimate
{
    /// <summary>Rows that the device learns from: its weight. At least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>The loss of the version.</summary>
    public required float Loss { get; init; }

    /// <summary>The loss of <see cref="Directive.Best"/>; null if the device lacks it.</summary>
    public float? BestLoss { get; init; }

    /// <summary>Curvature between the device's model at the end of its last round and the version; null in the first round.</summary>
    public Curvature? Curvature { get; init; }

    /// <summary>Gradient of the loss at the version, in slice order; zero for statistics. If fewer values are requested
    /// (<see cref="Directive.GradientValues"/>), its <see cref="GradientSketch"/>.</summary>
    public required ImmutableArray<float> Gradient { get; init; }

    /// <summary>Gradient of the round's second step, as long as <see cref="Gradient"/>; empty, the default: not requested
    /// (<see cref="Directive.LocalSteps"/>), or a one-step round.</summary>
    public ImmutableArray<float> Early { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Gradient of the last step but one, whose rows do not begin the next round; empty, the default, as for the early
    /// one.</summary>
    public ImmutableArray<float> Late { get; init => field = value.IsDefault ? [] : value; } = [];

    internal int Values => Gradient.Length + Early.Length + Late.Length;

    internal bool IsValid => Rows >= 1 && !Gradient.IsDefaultOrEmpty && (Early.IsEmpty || Early.Length == Gradient.Length)
        && (Late.IsEmpty || Late.Length == Gradient.Length);
}
