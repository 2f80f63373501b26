using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What one side of a split model has come to. Immutable.</summary>
public sealed record SplitReport : ISized
{
    /// <summary>Who reports: the name of the pipeline.</summary>
    public required string Source { get; init; }

    /// <summary>The first layer of this side.</summary>
    public required int First { get; init; }

    /// <summary>The layer after the last.</summary>
    public required int End { get; init; }

    /// <summary>Mean loss of the steps since the last report: of all exits on a device, of this side's exits on the edge.</summary>
    public required float Loss { get; init; }

    /// <summary>
    /// Steps since the last report that were not applied, because a loss or gradient was not finite, or were taken back, because weights
    /// were not. Default 0.
    /// </summary>
    public long RolledBack { get; init; }

    /// <summary>
    /// Answers of this side's last exit to the rows since the last report, given before these were learned from; null if it has no exit.
    /// </summary>
    public required Evaluation? Evaluation { get; init; }

    /// <summary>
    /// All values of the model; those of this side's layers are current, the others as they were last here. The version is the number of
    /// this side's optimizer steps, those that were taken back too.
    /// </summary>
    public required Weights Weights { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + Weights.SizeBytes + (Evaluation?.SizeBytes ?? 0);

    /// <summary>Puts a model together from the reports of its sides.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sides">Reports that hold every layer once, in order.</param>
    /// <exception cref="ArgumentException">A layer is missing or doubled, or a report is of another model.</exception>
    public static Weights Join(ISplitModel model, params ReadOnlySpan<SplitReport> sides)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (values, version, next) = (new float[model.Plan.Values], 0L, 0);
        foreach (var side in sides)
        {
            if (side.Weights.SchemaHash != model.Plan.SchemaHash || side.First != next || side.End < next)
            {
                throw new ArgumentException($"expected layers of {model.Structure} from {next} on, got {side}", nameof(sides));
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
