using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What of a layer's forward pass its backward pass reads besides the tape.</summary>
[Flags]
public enum BackwardReads
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its inputs, whatever is wanted.</summary>
    Inputs = 1,

    /// <summary>Its outputs.</summary>
    Outputs = 2,

    /// <summary>
    /// Its inputs, but only for the gradient of slices named <c>….weight</c>: where these are frozen, the inputs come empty, and that
    /// gradient is not to be written.
    /// </summary>
    InputsForWeights = 4,
}

/// <summary>What a layer makes of rows of a shape, and what it needs for that.</summary>
public sealed class LayerPlan
{
    private const int MaxValues = 1 << 28;     // 1 GiB: all sizes of a call stay below the bound of a span

    /// <summary>Makes a plan.</summary>
    /// <param name="output">Shape of one row after the layer.</param>
    /// <param name="multiplyAdds">Multiply-adds of one row forward.</param>
    /// <param name="slices">Name, kind and length of each slice; the name without the layer's place in the network.</param>
    /// <exception cref="ArgumentException">The output has no values, or too many.</exception>
    public LayerPlan(Shape output, long multiplyAdds = 0, params ImmutableArray<(string Name, SliceKind Kind, int Length)> slices)
    {
        Check(output);
        (Output, MultiplyAdds, Slices) = (output, multiplyAdds, slices.IsDefault ? [] : slices);
        foreach (var (_, _, length) in Slices) { Values = checked(Values + length); }
        TrainsWeights = Slices.Any(IsTrainedWeight);
        RenewsStatistics = Slices.Any(static slice => ModelPlan.IsRenewed(slice.Name, slice.Kind));
    }

    /// <summary>Shape of one row after the layer.</summary>
    public Shape Output { get; }

    /// <summary>Multiply-adds of one row forward; additions and comparisons alone do not count.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Name, kind and length of each slice of the layer's values, in order.</summary>
    public ImmutableArray<(string Name, SliceKind Kind, int Length)> Slices { get; private set; }

    /// <summary>All values of the layer.</summary>
    public int Values { get; }

    /// <summary>Values that a row leaves on the tape besides inputs and outputs; default 0.</summary>
    public int TapeValues { get; init; }

    /// <summary>Scratch values of a call, whatever its rows; default 0.</summary>
    public int ScratchValues { get; init; }

    /// <summary>Scratch values of a call for each of its rows; default 0.</summary>
    public int ScratchValuesPerRow { get; init; }

    /// <summary>What <see cref="Layer.Backward"/> reads besides the tape; default inputs and outputs.</summary>
    public BackwardReads Reads { get; init; } = BackwardReads.Inputs | BackwardReads.Outputs;

    /// <summary>
    /// True if, in training, the result of a row depends on the rows beside it (batch statistics), or on its place among them (random
    /// numbers); default false.
    /// </summary>
    public bool MixesRows { get; init; }

    /// <summary>True if the backward pass can move the weights itself, without a gradient in memory; default false.</summary>
    internal bool SupportsFusedUpdate { get => field && (Parts is not null || !Has(SliceKind.Frozen)); init; }

    /// <summary>The layers that the layer is made of, under a mask; null where there are none, or no mask. Calls hand it back.</summary>
    internal RowBlocks? Parts { get; init; }

    /// <summary>True if layers that it is made of, the first ones, run as inference: it cannot give the gradient of its inputs.</summary>
    internal bool StopsInside => Parts is { LayerChain: var parts } && (parts.Inferred > 0 || parts.Plans[0].StopsInside);

    /// <summary>Whether a backward pass reads the inputs, with the slices that are trained.</summary>
    internal bool ReadsInputs =>
        !StopsInside && ((Reads & BackwardReads.Inputs) != 0 || ((Reads & BackwardReads.InputsForWeights) != 0 && TrainsWeights));

    /// <summary>Whether a backward pass reads the outputs.</summary>
    internal bool ReadsOutputs => (Reads & BackwardReads.Outputs) != 0;

    /// <summary>Whether a step may change statistics.</summary>
    internal bool RenewsStatistics { get; }

    private bool TrainsWeights { get; set; }

    /// <summary>
    /// Multiply-adds of one row backward: as many as forward for the gradient of the inputs, where it is wanted, and as many for that of
    /// the weights, where they are trained.
    /// </summary>
    internal long BackwardMultiplyAdds(bool inputs)
    {
        if (Parts is { LayerChain: var parts }) { return parts.BackwardMultiplyAdds(inputs); }
        var weights = (Reads & BackwardReads.InputsForWeights) != 0 ? TrainsWeights : Has(SliceKind.Trained);
        return MultiplyAdds * ((inputs ? 1 : 0) + (weights ? 1 : 0));
    }

    /// <summary>Whether there are slices of a kind.</summary>
    internal bool Has(SliceKind kind)
    {
        foreach (var slice in Slices)
        {
            if (slice.Kind == kind) { return true; }
        }

        return false;
    }

    /// <summary>The same plan, in which those of the trained slices that do not learn are frozen.</summary>
    internal LayerPlan Masked(Func<string, bool> learns)
    {
        var copy = (LayerPlan)MemberwiseClone();
        copy.Slices = [.. Slices.Select(slice => slice.Kind is SliceKind.Trained or SliceKind.Frozen
            ? slice with { Kind = learns(slice.Name) ? SliceKind.Trained : SliceKind.Frozen }
            : slice)];
        copy.TrainsWeights = copy.Slices.Any(IsTrainedWeight);
        return copy;
    }

    /// <summary>True if two threads can each compute half of the outputs of a call, in either direction; default false.</summary>
    internal bool Shares { get; init; }

    /// <summary>
    /// True if a batch may be taken a few rows at a time, because the layer has few weights, and keeps on the tape what belongs to a row
    /// with the row; default false.
    /// </summary>
    internal bool Streams { get; init; }

    /// <summary>True if in training the layer has to look at all rows before it can give the first result; default false.</summary>
    internal bool NeedsBatchStatistics { get; init; }

    /// <summary>Rows that layers inside this one take at a time, at most; default 0.</summary>
    internal int BlockRows { get; init; }

    /// <summary>Scratch values for each of those; default 0.</summary>
    internal int ScratchValuesPerBlockRow { get; init; }

    /// <summary>Scratch values of a call of some rows.</summary>
    internal int Scratch(int rows) =>
        checked(ScratchValues + (rows * ScratchValuesPerRow) + (Math.Min(rows, BlockRows) * ScratchValuesPerBlockRow));

    private static bool IsTrainedWeight((string Name, SliceKind Kind, int Length) slice) =>
        slice.Kind == SliceKind.Trained && slice.Name.EndsWith(".weight", StringComparison.Ordinal);

    /// <summary>Throws unless rows of a shape have values, and not too many.</summary>
    internal static void Check(Shape shape)
    {
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1 || (Int128)shape.Channels * shape.Height * shape.Width > MaxValues)
        {
            throw new ArgumentException($"expected a shape of 1 to {MaxValues} values, got {shape}");
        }
    }
}
