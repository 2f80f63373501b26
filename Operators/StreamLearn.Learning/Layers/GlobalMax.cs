namespace StreamLearn.Learning;

/// <summary>Takes the greatest sample of every channel.</summary>
/// <remarks>
/// Shape: [channels, samples] to [channels]. State: none. Cost: one comparison a value. The gradient goes to the first of equal samples.
/// </remarks>
public sealed record GlobalMax : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => new(new(input.Channels));

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        for (var i = 0; i < call.Outputs.Length; i++)
        {
            call.Outputs[i] = Pooling.Greatest(call.Inputs.Slice(i * call.Input.Samples, call.Input.Samples));
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        call.InputGradients.Clear();
        for (var i = 0; i < call.OutputGradients.Length; i++)
        {
            var channel = call.Inputs.Slice(i * call.Input.Samples, call.Input.Samples);
            call.InputGradients[(i * call.Input.Samples) + Pooling.First(channel, call.Outputs[i])] = call.OutputGradients[i];
        }
    }

    /// <inheritdoc />
    public override string ToString() => "global-max";
}
