using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>Weighs every input for every output, and adds a bias: x · W + b.</summary>
/// <remarks>
/// Shape: any to [outputs]. State: <c>dense.weight</c> [inputs, outputs] and <c>dense.bias</c>, uniform in ±1/√inputs at first.
/// Cost: inputs × outputs multiply-adds. Order: with 32 outputs or more the bias, then the inputs in order; with fewer, four chains over
/// inputs k, k+4, k+8, …, added as (0+1)+(2+3), then the bias. Backward: rows in order; for an input the outputs in order.
/// </remarks>
/// <param name="Outputs">Outputs, at least 1.</param>
public sealed record Dense(int Outputs) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(Outputs, 1);
        var weights = checked(input.Size * Outputs);
        return new(new(Outputs), weights, ("dense.weight", SliceKind.Trained, weights), ("dense.bias", SliceKind.Trained, Outputs))
        {
            ScratchValues = 4 * Outputs,
            Reads = BackwardReads.InputsForWeights,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => Uniform(values, input.Size, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var inputs = call.Input.Size;
        var weight = call.Weights[..(inputs * Outputs)];
        var bias = call.Weights[weight.Length..];
        for (var r = 0; r < call.Rows; r++)
        {
            Linear.Forward(call.Inputs.Slice(r * inputs, inputs), weight, bias, call.Outputs.Slice(r * Outputs, Outputs), call.Scratch);
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var inputs = call.Input.Size;
        var weight = call.Gradients[..(inputs * Outputs)];
        var bias = call.Gradients[weight.Length..];
        for (var r = 0; r < call.Rows; r++)
        {
            var gradient = call.OutputGradients.Slice(r * Outputs, Outputs);
            if (call.Inputs.IsEmpty) { TensorPrimitives.Add(bias, gradient, bias); }
            else { Linear.Backward(call.Inputs.Slice(r * inputs, inputs), gradient, weight, bias); }
            if (call.InputGradients.IsEmpty) { continue; }
            var target = call.InputGradients.Slice(r * inputs, inputs);
            for (var k = 0; k < inputs; k++)
            {
                float sum = 0;
                for (var o = 0; o < Outputs; o++) { sum = MathF.FusedMultiplyAdd(gradient[o], call.Weights[(k * Outputs) + o], sum); }
                target[k] = sum;
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"dense {Outputs}";
}
