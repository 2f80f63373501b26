using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Logistic function: 1 / (1 + exp(−x)).</summary>
/// <remarks>Shape: any to the same. State: none. Cost: one exponential per value, not counted. Source: Rumelhart, Hinton, Williams
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
    public override void Forward(in LayerCall call) => Vectors.Map(call.Inputs, call.Outputs, TensorPrimitives.Sigmoid);

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var gradients = call.InputGradients;
        var outputs = call.Outputs[..gradients.Length];
        TensorPrimitives.Subtract(1f, outputs, gradients);
        TensorPrimitives.Multiply(outputs, gradients, gradients);
        TensorPrimitives.Multiply(call.OutputGradients[..gradients.Length], gradients, gradients);
    }

    /// <inheritdoc />
    public override string ToString() => "sigmoid";
}
