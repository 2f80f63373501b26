using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Logistic function: 1 / (1 + exp(−x)).</summary>
/// <remarks>Shape: any to the same. State: none. Cost: one exponential a value, not counted. Source: Rumelhart, Hinton, Williams
/// (1986).</remarks>
public sealed record Sigmoid : Layer
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
            TensorPrimitives.Sigmoid(call.Inputs, call.Outputs);
            return;
        }

        Span<float> whole = stackalloc float[Vectors.Lanes];        // a shorter span would use another function, with other bits
        whole.Clear();
        call.Inputs.CopyTo(whole);
        TensorPrimitives.Sigmoid(whole, whole);
        whole[..call.Outputs.Length].CopyTo(call.Outputs);
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (!call.InputGradients.IsEmpty) { GiveBack(call.OutputGradients, call.Outputs, call.InputGradients); }
    }

    /// <inheritdoc />
    public override string ToString() => "sigmoid";

    private static void GiveBack(ReadOnlySpan<float> gradients, ReadOnlySpan<float> outputs, Span<float> inputGradients)
    {
        var i = 0;
        for (; i + Vector512<float>.Count <= inputGradients.Length; i += Vector512<float>.Count)
        {
            var gradient = Vector512.Create(gradients[i..]);
            var output = Vector512.Create(outputs[i..]);
            (gradient * (output * (Vector512<float>.One - output))).CopyTo(inputGradients[i..]);
        }

        for (; i < inputGradients.Length; i++) { inputGradients[i] = gradients[i] * (outputs[i] * (1 - outputs[i])); }
    }
}
