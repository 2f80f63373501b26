namespace StreamLearn.Nodes;

/// <summary>Progress of one side of a split model. Immutable.</summary>
public sealed record SplitReport : ISized
{
    /// <summary>The name of the pipeline that reports.</summary>
    public required string Source { get; init; }

    /// <summary>The first layer of this side.</summary>
    public required int First { get; init; }

    /// <summary>One past the last layer.</summary>
    public required int End { get; init; }

    /// <summary>Mean loss since the last report: over all exits on a device, over this side's exits on the edge.</summary>
    public required float Loss { get; init; }

    /// <summary>Steps since the last report that were skipped or rolled back for non-finite losses, gradients or weights. Default
    /// 0.</summary>
    public long RolledBack { get; init; }

    /// <summary>Test-then-train results of the last exit on this side since the last report; null if it has no exit.</summary>
    public required Evaluation? Evaluation { get; init; }

    /// <summary>All values of the model; only the layers of this side are current. The version counts the optimizer steps of this side,
    /// including those rolled back.</summary>
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
            : throw new ArgumentException($"expected layers up to {model.PartCount}, got layers up to {next}", nameof(sides));
    }

    /// <inheritdoc />
    public override string ToString() => $"{Source}: layers {First} to {End}, {Weights.Version} steps, loss {Loss:0.000}";
}
