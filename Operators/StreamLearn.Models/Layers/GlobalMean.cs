namespace StreamLearn.Models;

/// <summary>Global average pooling over each channel's samples.</summary>
/// <remarks>Shape: [channels, samples] to [channels]. State: none. Cost: one addition per value. Source: Lin, Chen, Yan (2014).</remarks>
public sealed record GlobalMean : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => new(new(input.Channels)) { Reads = BackwardReads.None };

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        for (var i = 0; i < call.Outputs.Length; i++)
        {
            call.Outputs[i] = Pooling.Mean(call.Inputs.Slice(i * call.Input.Samples, call.Input.Samples));
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        for (var i = 0; i < call.OutputGradients.Length; i++)
        {
            call.InputGradients.Slice(i * call.Input.Samples, call.Input.Samples).Fill(call.OutputGradients[i] / call.Input.Samples);
        }
    }

    /// <inheritdoc />
    public override string ToString() => "global-mean";
}
