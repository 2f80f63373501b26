using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>Lets through what is above zero: max(x, 0).</summary>
/// <remarks>
/// Shape: any to the same. State: none. Cost: one comparison a value. The gradient at 0 is 0. Source: Nair, Hinton (2010).
/// </remarks>
public sealed record Relu : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => new(input);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => TensorPrimitives.Max(call.Inputs, 0f, call.Outputs);

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var outputs = call.Outputs;
        var from = call.OutputGradients;
        var to = call.InputGradients;
        var i = 0;
        for (; i + Vector512<float>.Count <= to.Length; i += Vector512<float>.Count)
        {
            var open = Vector512.GreaterThan(Vector512.Create<float>(outputs[i..]), Vector512<float>.Zero);
            (Vector512.Create(from[i..]) & open).CopyTo(to[i..]);
        }

        for (; i < to.Length; i++) { to[i] = outputs[i] > 0 ? from[i] : 0; }
    }

    /// <inheritdoc />
    public override string ToString() => "relu";
}
