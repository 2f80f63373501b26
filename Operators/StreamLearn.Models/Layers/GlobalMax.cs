using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Global max pooling over each channel's samples.</summary>
/// <remarks>Shape: [channels, samples] to [channels]. State: none. Cost: one comparison per value; the tape keeps the maximum's position.
/// The gradient goes to the first of equal samples.</remarks>
public sealed record GlobalMax : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => new(new(input.Channels)) { TapeValues = input.Channels, Reads = BackwardReads.None };

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var places = MemoryMarshal.Cast<float, int>(call.Tape);
        for (var i = 0; i < call.Outputs.Length; i++)
        {
            var channel = call.Inputs.Slice(i * call.Input.Samples, call.Input.Samples);
            call.Outputs[i] = Pooling.Greatest(channel);
            if (!places.IsEmpty) { places[i] = Pooling.First(channel, call.Outputs[i]); }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        call.InputGradients.Clear();
        var places = MemoryMarshal.Cast<float, int>(call.Tape);
        for (var i = 0; i < call.OutputGradients.Length; i++)
        {
            call.InputGradients[(i * call.Input.Samples) + places[i]] = call.OutputGradients[i];
        }
    }

    /// <inheritdoc />
    public override string ToString() => "global-max";
}
