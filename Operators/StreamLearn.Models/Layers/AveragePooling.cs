using System.Numerics.Tensors;

namespace StreamLearn.Models;

internal static class AveragePooling
{
    internal static LayerPlan Plan(Shape input, in Windows windows)
    {
        var outputs = windows.OutputHeight * windows.OutputWidth;
        var work = Math.Max(windows.IsDirect ? 0 : windows.LaidOut, checked(outputs + Correlation.BackValues(windows)));
        return new(windows.Output(input.Channels))
        {
            ScratchValues = checked((windows.Tall * windows.Wide) + work),
            Reads = BackwardReads.None,
            Streams = true,
        };
    }

    internal static void Forward(in LayerCall call, in Windows windows)
    {
        var (samples, outputs) = (call.Input.Samples, windows.OutputHeight * windows.OutputWidth);
        var ones = Ones(call, windows);
        for (var i = 0; i < call.Rows * call.Input.Channels; i++)
        {
            var plane = call.Inputs.Slice(i * samples, samples);
            if (!windows.IsDirect) { plane = windows.LayOut(plane, call.Scratch[ones.Length..], 0); }
            var means = call.Outputs.Slice(i * outputs, outputs);
            Correlation.Forward(plane, windows.IsDirect ? windows.Width : windows.Length, windows, ones, 0, means);
            Divide(windows, means);
        }
    }

    internal static void Backward(in LayerCall call, in Windows windows)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var (samples, outputs) = (call.Input.Samples, windows.OutputHeight * windows.OutputWidth);
        var ones = Ones(call, windows);
        var shares = call.Scratch.Slice(ones.Length, outputs);
        for (var i = 0; i < call.Rows * call.Input.Channels; i++)
        {
            call.OutputGradients.Slice(i * outputs, outputs).CopyTo(shares);
            Divide(windows, shares);
            Correlation.GiveBack(shares, windows, ones, call.InputGradients.Slice(i * samples, samples),
                call.Scratch[(ones.Length + outputs)..]);
        }
    }

    private static void Divide(in Windows windows, Span<float> values)
    {
        var first = Math.Min(windows.OutputWidth, (windows.Left + windows.Stride - 1) / windows.Stride);
        var last = windows.Left + windows.Width < windows.Wide ? first
            : Math.Clamp(((windows.Left + windows.Width - windows.Wide) / windows.Stride) + 1, first, windows.OutputWidth);
        for (var y = 0; y < windows.OutputHeight; y++)
        {
            var line = values.Slice(y * windows.OutputWidth, windows.OutputWidth);
            var lines = Seen((y * windows.Down) - windows.Top, windows.Tall, windows.Height);
            for (var x = 0; x < first; x++) { line[x] /= lines * Seen((x * windows.Stride) - windows.Left, windows.Wide, windows.Width); }
            var whole = line[first..last];
            TensorPrimitives.Divide(whole, lines * windows.Wide, whole);
            for (var x = last; x < line.Length; x++)
            {
                line[x] /= lines * Seen((x * windows.Stride) - windows.Left, windows.Wide, windows.Width);
            }
        }
    }

    private static int Seen(int from, int size, int values) => Math.Min(from + size, values) - Math.Max(from, 0);

    private static Span<float> Ones(in LayerCall call, in Windows windows)
    {
        var ones = call.Scratch[..(windows.Tall * windows.Wide)];
        ones.Fill(1);
        return ones;
    }
}
