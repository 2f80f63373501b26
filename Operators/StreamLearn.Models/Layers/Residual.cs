using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Adds the input to the result of a chain of layers.</summary>
/// <remarks>Shape: any to the same, which the layers must produce. State: the slices of the layers, each named with its position:
/// <c>1.dense.weight</c>. Cost: the sum. It runs layer by layer over all rows. Source: He, Zhang, Ren, Sun (2016).</remarks>
/// <param name="Layers">The layers, at least one.</param>
public sealed record Residual(params ImmutableArray<Layer> Layers) : Layer
{
    private Sequential? _body;      // recreated if it does not fit, because a copy may have other layers

    private Sequential Body
    {
        get
        {
            var body = _body;
            if (body is null || body.Layers != Layers) { _body = body = new(Layers); }
            return body;
        }
    }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => Around(Body.Plan(input), input);

    internal override LayerPlan Masked(LayerPlan plan, Shape input, Func<string, bool> learns, bool isLowest) =>
        Around(Body.Masked(plan, input, learns, isLowest), input);

    internal override int SharedScratch(LayerPlan plan, Shape input, int rows) => Body.SharedScratch(plan, input, rows);

    private LayerPlan Around(LayerPlan plan, Shape input)
    {
        if (plan.Output != input) { throw new ArgumentException($"expected layers with the output {input}, got {plan.Output}"); }
        return new(input, plan.MultiplyAdds, plan.Slices)
        {
            TapeValues = checked(plan.TapeValues + Kept(input)),
            ScratchValues = plan.ScratchValues,
            ScratchValuesPerRow = plan.ScratchValuesPerRow,
            BlockRows = plan.BlockRows,
            ScratchValuesPerBlockRow = plan.ScratchValuesPerBlockRow,
            MixesRows = plan.MixesRows,
            Reads = plan.Reads & ~BackwardReads.Outputs,
            SupportsFusedUpdate = true,
            Parts = plan.Parts,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => Body.Initialize(input, values, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var kept = call.Training ? call.Rows * Kept(call.Input) : 0;
        var outputs = kept == 0 ? call.Outputs : call.Tape[^kept..];
        Body.Forward(call with { Outputs = outputs, Tape = call.Training ? call.Tape[..^kept] : [] });
        TensorPrimitives.Add(outputs, call.Inputs, call.Outputs);
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var kept = call.Rows * Kept(call.Input);
        Body.Backward(call with { Outputs = kept == 0 ? call.Outputs : call.Tape[^kept..], Tape = call.Tape[..^kept] });
        if (!call.InputGradients.IsEmpty) { TensorPrimitives.Add(call.InputGradients, call.OutputGradients, call.InputGradients); }
    }

    /// <inheritdoc />
    public bool Equals(Residual? other) => other is not null && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(nameof(Residual), Body);

    /// <inheritdoc />
    public override string ToString() => $"residual {new Sequential(Layers)}";

    /// <summary>Returns the number of tape values per row for the outputs of the last inner layer, which the sum replaces.</summary>
    private int Kept(Shape shape) => Body.ReadsOutputs(shape) ? shape.Size : 0;
}
