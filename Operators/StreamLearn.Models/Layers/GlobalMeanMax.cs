using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Global average and max pooling over each channel's samples.</summary>
/// <remarks>Shape: [channels, samples] to [2 · channels], means before maxima. State: none. Cost: two operations per value; the tape keeps
/// the maximum's position. A maximum's gradient goes to the first of equal samples.</remarks>
public sealed record GlobalMeanMax : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        return new(new(checked(2 * input.Channels))) { TapeValues = input.Channels, Reads = BackwardReads.None };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        var places = MemoryMarshal.Cast<float, int>(call.Tape);
        for (var r = 0; r < call.Rows; r++)
        {
            var outputs = call.Outputs.Slice(r * 2 * channels, 2 * channels);
            for (var c = 0; c < channels; c++)
            {
                var channel = call.Inputs.Slice(((r * channels) + c) * samples, samples);
                (outputs[c], outputs[channels + c]) = (Pooling.Mean(channel), Pooling.Greatest(channel));
                if (!places.IsEmpty) { places[(r * channels) + c] = Pooling.First(channel, outputs[channels + c]); }
            }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        var places = MemoryMarshal.Cast<float, int>(call.Tape);
        for (var r = 0; r < call.Rows; r++)
        {
            var gradients = call.OutputGradients.Slice(r * 2 * channels, 2 * channels);
            for (var c = 0; c < channels; c++)
            {
                var at = ((r * channels) + c) * samples;
                var target = call.InputGradients.Slice(at, samples);
                target.Fill(gradients[c] / samples);
                target[places[(r * channels) + c]] += gradients[channels + c];
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => "global-mean-max";
}
