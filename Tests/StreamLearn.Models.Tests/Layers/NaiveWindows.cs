namespace StreamLearn.Models.Tests;

/// <summary>Layers whose windows slide over each channel, by their formulas.</summary>
internal static class NaiveWindows
{
    internal static double[] Forward(Layer layer, Shape input, double[] w, double[] x)
    {
        var output = layer.Plan(input).Output;
        var (size, stride, padding, signal) = Settings(layer);
        var top = signal ? 0 : Naive.Before(padding, input.Height, size, stride);
        var left = Naive.Before(padding, input.Width, size, stride);
        var taps = signal ? size : size * size;
        var result = new double[output.Size];
        for (var i = 0; i < result.Length; i++)
        {
            var (c, y, t) = (i / output.Samples, i / output.Width % output.Height, i % output.Width);
            List<(int Tap, double Value)> seen = [];
            for (var tap = 0; tap < taps; tap++)
            {
                var (line, column) = ((y * (signal ? 1 : stride)) + (tap / size) - top, (t * stride) + (tap % size) - left);
                if (line < 0 || line >= input.Height || column < 0 || column >= input.Width) { continue; }
                seen.Add((tap, x[(((c * input.Height) + line) * input.Width) + column]));
            }

            result[i] = layer switch
            {
                MaxPool1d or MaxPool2d => seen.Max(s => s.Value),
                AveragePool1d or AveragePool2d => seen.Average(s => s.Value),
                DepthwiseConv1d or DepthwiseConv2d => seen.Sum(s => s.Value * w[(c * taps) + s.Tap]) + w[(input.Channels * taps) + c],
                _ => throw new ArgumentException($"no formula for {layer}"),
            };
        }

        return result;
    }

    internal static (int Size, int Stride, int Padding, bool Signal) Settings(Layer layer) => layer switch
    {
        MaxPool1d(var size, var stride, var padding) => (size, stride == 0 ? size : stride, padding, true),
        MaxPool2d(var size, var stride, var padding) => (size, stride == 0 ? size : stride, padding, false),
        AveragePool1d(var size, var stride, var padding) => (size, stride == 0 ? size : stride, padding, true),
        AveragePool2d(var size, var stride, var padding) => (size, stride == 0 ? size : stride, padding, false),
        DepthwiseConv1d(var size, var stride, var padding) => (size, stride, padding, true),
        DepthwiseConv2d(var size, var stride, var padding) => (size, stride, padding, false),
        _ => throw new ArgumentException($"no windows in {layer}"),
    };
}
