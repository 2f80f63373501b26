namespace StreamLearn.Models;

/// <summary>Forward data, in addition to the tape, that a backward pass reads.</summary>
[Flags]
public enum BackwardReads
{
    /// <summary>No values.</summary>
    None = 0,

    /// <summary>The inputs, always.</summary>
    Inputs = 1,

    /// <summary>The outputs.</summary>
    Outputs = 2,

    /// <summary>The inputs, only for gradients of slices <c>….weight</c>. They are empty if these slices are frozen; then write no such
    /// gradient.</summary>
    InputsForWeights = 4,
}

/// <summary>Output shape and memory of a layer.</summary>
public sealed class LayerPlan
{
    private const int MaxValues = 1 << 28;     // 1 GiB, so that the sizes in a call stay below the limit of a span

    /// <summary>Creates a plan.</summary>
    /// <param name="output">Shape of an output row.</param>
    /// <param name="multiplyAdds">Forward multiply-adds per row.</param>
    /// <param name="slices">Name (without the position of the layer), kind and length of each slice.</param>
    /// <exception cref="ArgumentException">The output has no values, or too many.</exception>
    public LayerPlan(Shape output, long multiplyAdds = 0, params ImmutableArray<(string Name, SliceKind Kind, int Length)> slices)
    {
        Check(output);
        (Output, MultiplyAdds, Slices) = (output, multiplyAdds, slices.IsDefault ? [] : slices);
        foreach (var (_, _, length) in Slices) { Values = checked(Values + length); }
        TrainsWeights = Slices.Any(IsTrainedWeight);
        RenewsStatistics = Slices.Any(static slice => ModelPlan.IsRenewed(slice.Name, slice.Kind));
    }

    /// <summary>Shape of an output row.</summary>
    public Shape Output { get; }

    /// <summary>Forward multiply-adds per row, without pure additions and comparisons.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Name, kind and length of each slice, in order.</summary>
    public ImmutableArray<(string Name, SliceKind Kind, int Length)> Slices { get; private set; }

    /// <summary>Number of values.</summary>
    public int Values { get; }

    /// <summary>Tape values per row; default 0.</summary>
    public int TapeValues { get; init; }

    /// <summary>Scratch values per call; default 0.</summary>
    public int ScratchValues { get; init; }

    /// <summary>Additional scratch values per row; default 0.</summary>
    public int ScratchValuesPerRow { get; init; }

    /// <summary>Data that <see cref="Layer.Backward"/> reads in addition to the tape; default inputs and outputs.</summary>
    public BackwardReads Reads { get; init; } = BackwardReads.Inputs | BackwardReads.Outputs;

    /// <summary>True if results in training depend on other rows or on the row's position; default false.</summary>
    public bool MixesRows { get; init; }

    /// <summary>True if the backward pass can move the weights without a gradient in memory.</summary>
    internal bool SupportsFusedUpdate { get => field && (Parts is not null || !Has(SliceKind.Frozen)); init; }

    /// <summary>The inner layers under a mask, which are passed to calls; otherwise null.</summary>
    internal RowBlocks? Parts { get; init; }

    /// <summary>True if the first inner layers run as inference, without input gradient.</summary>
    internal bool StopsInside => Parts is { LayerChain: var parts } && (parts.Inferred > 0 || parts.Plans[0].StopsInside);

    internal bool ReadsInputs =>
        !StopsInside && ((Reads & BackwardReads.Inputs) != 0 || ((Reads & BackwardReads.InputsForWeights) != 0 && TrainsWeights));

    internal bool ReadsOutputs => (Reads & BackwardReads.Outputs) != 0;

    internal bool RenewsStatistics { get; }

    private bool TrainsWeights { get; set; }

    /// <summary>Returns the forward count, once for the input gradient if it is needed, and again for trained weights.</summary>
    internal long BackwardMultiplyAdds(bool inputs)
    {
        if (Parts is { LayerChain: var parts }) { return parts.BackwardMultiplyAdds(inputs); }
        var weights = (Reads & BackwardReads.InputsForWeights) != 0 ? TrainsWeights : Has(SliceKind.Trained);
        return MultiplyAdds * ((inputs ? 1 : 0) + (weights ? 1 : 0));
    }

    internal bool Has(SliceKind kind)
    {
        foreach (var slice in Slices)
        {
            if (slice.Kind == kind) { return true; }
        }

        return false;
    }

    internal LayerPlan Masked(Func<string, bool> learns)
    {
        var copy = (LayerPlan)MemberwiseClone();
        copy.Slices = [.. Slices.Select(slice => slice.Kind is SliceKind.Trained or SliceKind.Frozen
            ? slice with { Kind = learns(slice.Name) ? SliceKind.Trained : SliceKind.Frozen }
            : slice)];
        copy.TrainsWeights = copy.Slices.Any(IsTrainedWeight);
        return copy;
    }

    /// <summary>True if two threads can each compute half of the outputs.</summary>
    internal bool Shares { get; init; }

    /// <summary>True if a batch may run a few rows at a time: there are few weights, and a tape per row.</summary>
    internal bool Streams { get; init; }

    internal bool NeedsBatchStatistics { get; init; }

    internal int BlockRows { get; init; }

    internal int ScratchValuesPerBlockRow { get; init; }

    internal int Scratch(int rows) =>
        checked(ScratchValues + (rows * ScratchValuesPerRow) + (Math.Min(rows, BlockRows) * ScratchValuesPerBlockRow));

    private static bool IsTrainedWeight((string Name, SliceKind Kind, int Length) slice) =>
        slice.Kind == SliceKind.Trained && slice.Name.EndsWith(".weight", StringComparison.Ordinal);

    internal static void Check(Shape shape)
    {
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1 || (Int128)shape.Channels * shape.Height * shape.Width > MaxValues)
        {
            throw new ArgumentException($"expected a shape of 1 to {MaxValues} values, got {shape}");
        }
    }
}
