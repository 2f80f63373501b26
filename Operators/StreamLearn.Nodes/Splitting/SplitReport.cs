namespace StreamLearn.Nodes;

/// <summary>Progress of one side of a split model. Immutable.</summary>
public sealed record SplitReport : ISized
{
    /// <summary>Name of the reporting pipeline.</summary>
    public required string Source { get; init; }

    /// <summary>The first layer of this side.</summary>
    public required int First { get; init; }

    /// <summary>The layer after the last.</summary>
    public required int End { get; init; }

    /// <summary>Mean loss since the last report: of all exits on a device, of this side's on the edge.</summary>
    public required float Loss { get; init; }

    /// <summary>Steps since the last report skipped or rolled back for non-finite losses, gradients or weights. Default 0.</summary>
    public long RolledBack { get; init; }

    /// <summary>Test-then-train results of this side's last exit since the last report; null without an exit.</summary>
    public required Evaluation? Evaluation { get; init; }

    /// <summary>All model values; only this side's layers are current. The version counts this side's optimizer steps, rolled-back ones
    /// included.</summary>
    public required Weights Weights { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + Weights.SizeBytes + (Evaluation?.SizeBytes ?? 0);

    /// <summary>Assembles a model from the reports of its sides.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sides">Reports that cover every layer once, in order.</param>
    /// <exception cref="ArgumentException">A layer is missing or duplicated, or a report is of another model.</exception>
    public static Weights Join(ISplitModel model, params ReadOnlySpan<SplitReport> sides)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (values, version, next) = (new float[model.Plan.Values], 0L, 0);
        foreach (var side in sides)
        {
            if (side.Weights.SchemaHash != model.Plan.SchemaHash || side.First != next || side.End < next)
            {
                throw new ArgumentException($"expected layers of {model.Structure} from {next}, got {side}", nameof(sides));
            }

            foreach (var slice in model.Slices(next, side.End)) { slice.Of(side.Weights.Values.AsSpan()).CopyTo(slice.Of(values)); }
            (version, next) = (Math.Max(version, side.Weights.Version), side.End);
        }

        return next == model.PartCount
            ? new() { Version = version, SchemaHash = model.Plan.SchemaHash, Values = [.. values] }
            : throw new ArgumentException($"expected layers up to {model.PartCount}, got them up to {next}", nameof(sides));
    }

    /// <inheritdoc />
    public override string ToString() => $"{Source}: layers {First} to {End}, {Weights.Version} steps, loss {Loss:0.000}";
}
