namespace StreamLearn.Learning.Tests;

/// <summary>Layers whose windows slide over each channel, by their formulas.</summary>
internal static class NaiveWindows
{
    internal static double[] Forward(Layer layer, Shape input, double[] w, double[] x)
    {
        var output = layer.Plan(input).Output;
        var (size, stride, padding, signal) = Settings(layer);
        var (top, left) = (signal ? 0 : Before(input.Height, output.Height), Before(input.Width, output.Width));
        var result = new double[output.Size];
        for (var i = 0; i < result.Length; i++)
        {
            var (c, y, t) = (i / output.Samples, i / output.Width % output.Height, i % output.Width);
            List<(int Tap, double Value)> seen = [];
            for (var tap = 0; tap < (signal ? size : size * size); tap++)
            {
                var (line, column) = ((y * (signal ? 1 : stride)) + (tap / size) - top, (t * stride) + (tap % size) - left);
                if (line < 0 || line >= input.Height || column < 0 || column >= input.Width) { continue; }
                seen.Add((tap, x[(((c * input.Height) + line) * input.Width) + column]));
            }

            result[i] = layer switch
            {
                MaxPool1d or MaxPool2d => seen.Max(s => s.Value),
                _ => throw new ArgumentException($"no formula for {layer}"),
            };
        }

        return result;

        int Before(int values, int outputs) =>
            padding == Padding.Same ? Math.Max(0, ((outputs - 1) * stride) + size - values) / 2 : padding;
    }

    internal static (int Size, int Stride, int Padding, bool Signal) Settings(Layer layer) => layer switch
    {
        MaxPool1d(var size, var stride, var padding) => (size, stride == 0 ? size : stride, padding, true),
        MaxPool2d(var size, var stride, var padding) => (size, stride == 0 ? size : stride, padding, false),
        _ => throw new ArgumentException($"no windows in {layer}"),
    };
}
