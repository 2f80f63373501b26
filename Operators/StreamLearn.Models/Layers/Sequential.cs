namespace StreamLearn.Models;

/// <summary>A chain of layers as one layer.</summary>
/// <remarks>Shape: input of the first layer to output of the last. State: the slices of the layers, each named with its position:
/// <c>1.dense.weight</c>. Cost: the sum. Training uses <see cref="RowBlocks"/>.</remarks>
/// <param name="Layers">The layers, at least one.</param>
public sealed record Sequential(params ImmutableArray<Layer> Layers) : Layer
{
    private readonly Memo<(ImmutableArray<Layer> Layers, Shape Input), RowBlocks> _memo =
        new(static key => new(new(key.Input, key.Layers)));

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => Plan(On(input), null);

    internal override LayerPlan Masked(LayerPlan plan, Shape input, Func<string, bool> learns, bool isLowest)
    {
        var parts = new RowBlocks((plan.Parts ?? On(input)).LayerChain.Masked((layer, name) => learns($"{layer}.{name}"), isLowest));
        return Plan(parts, parts);
    }

    private static LayerPlan Plan(RowBlocks stages, RowBlocks? parts)
    {
        var (plans, slices) = (stages.LayerChain.Plans, ImmutableArray.CreateBuilder<(string Name, SliceKind Kind, int Length)>());
        for (var i = 0; i < plans.Length; i++)
        {
            foreach (var (name, kind, length) in plans[i].Slices) { slices.Add(($"{i}.{name}", kind, length)); }
        }

        var ofInputs = parts is null ? plans[0].Reads & ~BackwardReads.Outputs
            : plans[0].ReadsInputs ? BackwardReads.Inputs : BackwardReads.None;
        return new(plans[^1].Output, plans.Sum(p => p.MultiplyAdds), slices.ToImmutable())
        {
            TapeValues = stages.TapeValues,
            ScratchValues = stages.ScratchValues,
            ScratchValuesPerRow = stages.ScratchValuesPerRow,
            BlockRows = stages.BlockRows,
            ScratchValuesPerBlockRow = stages.ScratchValuesPerBlockRow,
            MixesRows = plans.Any(p => p.MixesRows),
            Reads = ofInputs | (plans[^1].Reads & BackwardReads.Outputs),
            SupportsFusedUpdate = true,
            Parts = parts,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        On(input).LayerChain.Initialize(values, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var stages = call.Parts ?? On(call.Input);
        if (call.Training) { stages.Forward(call); }
        else { stages.LayerChain.Infer(call.Weights, 0, Layers.Length, call.Inputs, call.Rows, call.Outputs, call.Scratch); }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var stages = call.Parts ?? On(call.Input);
        stages.Backward(call, call.InputGradients.IsEmpty ? stages.LayerChain.FirstTrained(0, Layers.Length) : 0);
    }

    internal override int SharedScratch(LayerPlan plan, Shape input, int rows) => (plan.Parts ?? On(input)).SharedScratch(rows);

    /// <inheritdoc />
    public bool Equals(Sequential? other) => other is not null && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var layer in Layers.AsSpan()) { hash.Add(layer); }
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public override string ToString() => $"({(Layers.IsDefault ? "" : string.Join(", ", Layers))})";

    internal bool ReadsOutputs(Shape input) => (On(input).LayerChain.Plans[^1].Reads & BackwardReads.Outputs) != 0;

    private RowBlocks On(Shape input) => _memo[(Layers, input)];
}
