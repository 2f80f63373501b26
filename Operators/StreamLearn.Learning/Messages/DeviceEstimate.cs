using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>
/// What a device measured at the version that a round started from, on the first batch of that round, which is the last one of the round
/// before: an aggregator that asks for it (<see cref="Directive.Estimates"/>) knows how far apart its devices run. Immutable.
/// </summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019.</remarks>
public sealed record DeviceEstimate
{
    /// <summary>Rows that the device learns from: what it weighs. At least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>The loss of the version.</summary>
    public required float Loss { get; init; }

    /// <summary>The loss of <see cref="Directive.Best"/>; null if the device does not hold that.</summary>
    public float? BestLoss { get; init; }

    /// <summary>How the loss bends between the device's own model, at the end of its last round, and the version; null in its first
    /// round.</summary>
    public Curvature? Curvature { get; init; }

    /// <summary>The gradient of the loss at the version, in the order of the model plan's slices; zero for statistics. Where fewer values
    /// are asked for than there are (<see cref="Directive.GradientValues"/>), its <see cref="GradientSketch"/>.</summary>
    public required ImmutableArray<float> Gradient { get; init; }

    /// <summary>The gradient of the round's second step, as long as <see cref="Gradient"/>; empty, the default: it was not asked for
    /// (<see cref="Directive.LocalSteps"/>), or the round has one step.</summary>
    public ImmutableArray<float> Early { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>That of its last step but one, whose rows are not those that the next round begins with; empty, the default, as
    /// before.</summary>
    public ImmutableArray<float> Late { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Values of all that it says of gradients.</summary>
    internal int Values => Gradient.Length + Early.Length + Late.Length;

    internal bool IsValid => Rows >= 1 && !Gradient.IsDefaultOrEmpty && (Early.IsEmpty || Early.Length == Gradient.Length)
        && (Late.IsEmpty || Late.Length == Gradient.Length);
}
