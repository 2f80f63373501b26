namespace StreamLearn.Models;

/// <summary>Weights are stored as [channels, taps], followed by biases.</summary>
internal static class Depthwise
{
    internal static LayerPlan Plan(Shape input, in Windows windows, string name)
    {
        var taps = windows.Tall * windows.Wide;
        var output = windows.Output(input.Channels);
        return new(output, (long)output.Size * taps,
            ($"{name}.weight", SliceKind.Trained, checked(input.Channels * taps)), ($"{name}.bias", SliceKind.Trained, input.Channels))
        {
            ScratchValues = Math.Max(checked(windows.LaidOut + Gradients(windows)), Correlation.BackValues(windows)),
            Reads = BackwardReads.InputsForWeights,
        };
    }

    internal static void Forward(in LayerCall call, in Windows windows)
    {
        var (channels, samples, taps) = (call.Input.Channels, call.Input.Samples, windows.Tall * windows.Wide);
        var (outputs, length) = (windows.OutputHeight * windows.OutputWidth, windows.IsDirect ? windows.Width : windows.Length);
        for (var i = 0; i < call.Rows * channels; i++)
        {
            var plane = call.Inputs.Slice(i * samples, samples);
            var c = i % channels;
            if (!windows.IsDirect) { plane = windows.LayOut(plane, call.Scratch, 0); }
            Correlation.Forward(plane, length, windows, call.Weights.Slice(c * taps, taps), call.Weights[(channels * taps) + c],
                call.Outputs.Slice(i * outputs, outputs));
        }
    }

    internal static void Backward(in LayerCall call, in Windows windows)
    {
        var (channels, samples, taps) = (call.Input.Channels, call.Input.Samples, windows.Tall * windows.Wide);
        var (outputs, rounded) = (windows.OutputHeight * windows.OutputWidth, Windows.Round(windows.OutputWidth));
        for (var i = 0; i < call.Rows * channels; i++)
        {
            var given = call.OutputGradients.Slice(i * outputs, outputs);
            var c = i % channels;
            if (!call.Gradients.IsEmpty)
            {
                var whole = call.Scratch.Slice(windows.LaidOut, Gradients(windows));
                whole.Clear();
                for (var y = 0; y < windows.OutputHeight; y++)
                {
                    given.Slice(y * windows.OutputWidth, windows.OutputWidth).CopyTo(whole[(y * rounded)..]);
                }

                var laid = call.Inputs.IsEmpty ? [] : windows.LayOut(call.Inputs.Slice(i * samples, samples), call.Scratch, 0);
                Correlation.AddGradients(laid, windows, whole, call.Inputs.IsEmpty ? [] : call.Gradients.Slice(c * taps, taps),
                    ref call.Gradients[(channels * taps) + c]);
            }

            if (call.InputGradients.IsEmpty) { continue; }
            Correlation.GiveBack(given, windows, call.Weights.Slice(c * taps, taps), call.InputGradients.Slice(i * samples, samples),
                call.Scratch);
        }
    }

    private static int Gradients(in Windows windows) => checked(windows.OutputHeight * Windows.Round(windows.OutputWidth));
}
