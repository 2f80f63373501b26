using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Hyperbolic tangent: tanh x.</summary>
/// <remarks>Shape: any to the same. State: none. Cost: one exponential per value, not counted. Source: LeCun et al. (1998).</remarks>
public sealed record Tanh : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        return new(input) { Reads = BackwardReads.Outputs };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => Vectors.Map(call.Inputs, call.Outputs, TensorPrimitives.Tanh);

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var gradients = call.InputGradients;
        var outputs = call.Outputs[..gradients.Length];
        TensorPrimitives.Negate(outputs, gradients);
        TensorPrimitives.FusedMultiplyAdd(gradients, outputs, 1f, gradients);
        TensorPrimitives.Multiply(call.OutputGradients[..gradients.Length], gradients, gradients);
    }

    /// <inheritdoc />
    public override string ToString() => "tanh";
}
