using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Hyperbolic tangent: tanh x.</summary>
/// <remarks>Shape: any to the same. State: none. Cost: one exponential a value, not counted. Source: LeCun et al. (1998).</remarks>
public sealed record Tanh : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        return new(input) { Reads = BackwardReads.Outputs };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        if (call.Inputs.Length >= Vectors.Lanes)
        {
            TensorPrimitives.Tanh(call.Inputs, call.Outputs);
            return;
        }

        Span<float> whole = stackalloc float[Vectors.Lanes];        // a shorter span would use another function, with other bits
        whole.Clear();
        call.Inputs.CopyTo(whole);
        TensorPrimitives.Tanh(whole, whole);
        whole[..call.Outputs.Length].CopyTo(call.Outputs);
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (!call.InputGradients.IsEmpty) { GiveBack(call.OutputGradients, call.Outputs, call.InputGradients); }
    }

    /// <inheritdoc />
    public override string ToString() => "tanh";

    private static void GiveBack(ReadOnlySpan<float> gradients, ReadOnlySpan<float> outputs, Span<float> inputGradients)
    {
        var i = 0;
        for (; i + Vector512<float>.Count <= inputGradients.Length; i += Vector512<float>.Count)
        {
            var gradient = Vector512.Create(gradients[i..]);
            var output = Vector512.Create(outputs[i..]);
            (gradient * Vector512.FusedMultiplyAdd(-output, output, Vector512<float>.One)).CopyTo(inputGradients[i..]);
        }

        for (; i < inputGradients.Length; i++) { inputGradients[i] = gradients[i] * MathF.FusedMultiplyAdd(-outputs[i], outputs[i], 1); }
    }
}
