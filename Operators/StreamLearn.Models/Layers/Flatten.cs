namespace StreamLearn.Models;

/// <summary>Flattens rows to features.</summary>
/// <remarks>Shape: any to [values]. State: none. Cost: a copy.</remarks>
public sealed record Flatten : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        return new(new(input.Size)) { Reads = BackwardReads.None };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => call.Inputs.CopyTo(call.Outputs);

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (!call.InputGradients.IsEmpty) { call.OutputGradients.CopyTo(call.InputGradients); }
    }

    /// <inheritdoc />
    public override string ToString() => "flatten";
}
