namespace StreamLearn.Models;

/// <summary>Fully connected layer: x · W + b.</summary>
/// <remarks> Shape: any to [outputs]. State: <c>dense.weight</c> [inputs, outputs] and <c>dense.bias</c>, uniform in ±1/√inputs at first.
/// Cost: inputs × outputs multiply-adds. Order: with 32 outputs or more the bias, then inputs in order; with fewer, four chains over inputs
/// k, k+4, k+8, …, added as (0+1)+(2+3), then the bias. Backward: rows in order; for an input the outputs in order. </remarks>
/// <param name="Outputs">Outputs, at least 1.</param>
public sealed record Dense(int Outputs) : Layer
{
    private readonly Memo<(int Inputs, int Outputs), DenseProducts> _memo = new(static key => new(key.Inputs, key.Outputs));

    /// <summary>Weight initialization; default null: uniform.</summary>
    public Initial? Initial { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(Outputs, 1);
        var weights = checked(input.Size * Outputs);
        return new(new(Outputs), weights, ("dense.weight", SliceKind.Trained, weights), ("dense.bias", SliceKind.Trained, Outputs))
        {
            ScratchValues = _memo[(input.Size, Outputs)].ScratchValues,
            ScratchValuesPerRow = DenseProducts.ScratchValuesPerRow,
            Reads = BackwardReads.InputsForWeights,
            SupportsFusedUpdate = true,
            Shares = true,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Start(Initial, values, input.Size, Outputs, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => _memo[(call.Input.Size, Outputs)].Forward(call);

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => _memo[(call.Input.Size, Outputs)].Backward(call);

    /// <inheritdoc />
    public override string ToString() => $"dense {Outputs}{(Initial is null ? "" : $" {Initial}")}";
}
