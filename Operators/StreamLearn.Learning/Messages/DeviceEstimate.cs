namespace StreamLearn.Learning;

/// <summary>Measurements by a device at the base version of a round, on the last batch of the previous round. An aggregator requests them
/// (<see cref="Directive.Estimates"/>) to learn how much devices diverge. Immutable.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019.</remarks>
public sealed record DeviceEstimate
{
    /// <summary>Number of rows that the device learns from, which is its weight. At least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>The loss of the version.</summary>
    public required float Loss { get; init; }

    /// <summary>The loss of <see cref="Directive.Best"/>; null if the device does not have it.</summary>
    public float? BestLoss { get; init; }

    /// <summary>Curvature between the device's model at the end of its last round and the version; null in the first round.</summary>
    public Curvature? Curvature { get; init; }

    /// <summary>Gradient of the loss at the version, in slice order; zero for statistics. If fewer values are requested
    /// (<see cref="Directive.GradientValues"/>), its <see cref="GradientSketch"/>.</summary>
    public required ImmutableArray<float> Gradient { get; init; }

    /// <summary>Gradient of the second step in the round, as long as <see cref="Gradient"/>; empty (default): not requested
    /// (<see cref="Directive.LocalSteps"/>), or the round had one step.</summary>
    public ImmutableArray<float> Early { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Gradient of the second-to-last step, whose rows are not those of the first step in the next round; empty (default) as for
    /// the early one.</summary>
    public ImmutableArray<float> Late { get; init => field = value.IsDefault ? [] : value; } = [];

    internal int Values => Gradient.Length + Early.Length + Late.Length;

    internal bool IsValid => Rows >= 1 && !Gradient.IsDefaultOrEmpty && (Early.IsEmpty || Early.Length == Gradient.Length)
        && (Late.IsEmpty || Late.Length == Gradient.Length);

    internal static DeviceEstimate? Fields(ref FrameFields f, DeviceEstimate? e)
    {
        var (rows, loss, best) = (f.Int(e?.Rows), f.Single(e?.Loss), f.Single(e?.BestLoss ?? float.NaN));
        var curvature = new Curvature(f.Double(e?.Curvature?.Rho ?? double.NaN), f.Double(e?.Curvature?.Beta ?? double.NaN));
        var (gradient, early, late) = (f.Values(e?.Gradient), f.Values(e?.Early), f.Values(e?.Late));
        return !f.HasRead() ? e : new()
        {
            Rows = rows,
            Loss = loss,
            BestLoss = float.IsNaN(best) ? null : best,
            Curvature = double.IsNaN(curvature.Beta) ? null : curvature,
            Gradient = gradient,
            Early = early,
            Late = late,
        };
    }
}
