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
    public override void Forward(in LayerCall call)
    {
        var inputs = call.Inputs;
        var outputs = call.Outputs;
        for (var i = 0; i < outputs.Length; i++) { outputs[i] = inputs[i] > 0 ? inputs[i] : 0; }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var outputs = call.Outputs;
        var from = call.OutputGradients;
        var to = call.InputGradients;
        for (var i = 0; i < to.Length; i++) { to[i] = outputs[i] > 0 ? from[i] : 0; }
    }

    /// <inheritdoc />
    public override string ToString() => "relu";
}
