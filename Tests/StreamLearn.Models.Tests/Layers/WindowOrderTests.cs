using static StreamLearn.Models.Tests.LayerOrderTests;

namespace StreamLearn.Models.Tests;

/// <summary>The stated order of sums in windows and over neighbors, one value at a time: any width of vectors gives these bits.</summary>
public sealed class WindowOrderTests
{
    public static TheoryData<int> Depthwise => Where(layer => layer is DepthwiseConv1d or DepthwiseConv2d);
    public static TheoryData<int> Averages => Where(layer => layer is AveragePool1d or AveragePool2d);
    public static TheoryData<int> Responses => Where(layer => layer is LocalResponseNorm);
    public static TheoryData<int> LayerNorms => Where(layer => layer is LayerNorm);

    [Theory, MemberData(nameof(Depthwise))]
    public void A_depthwise_convolution_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (channels, output, taps) = (it.Input.Channels, it.Plan.Output, (it.Weights.Length / it.Input.Channels) - 1);
        var (outputs, gradients, inputGradients) = (Zeros(it.OutputGradients), Zeros(it.Weights), Zeros(it.Inputs));
        for (var i = 0; i < outputs.Length; i++)
        {
            var c = i / output.Samples % channels;
            outputs[i] = it.Weights[(channels * taps) + c];
            foreach (var (tap, from) in Seen(it, i))
            {
                outputs[i] = MathF.FusedMultiplyAdd(it.Inputs[from], it.Weights[(c * taps) + tap], outputs[i]);
            }
        }

        for (var tap = 0; tap < taps; tap++)
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                foreach (var (_, from) in Seen(it, i).Where(seen => seen.Tap == tap))
                {
                    var weight = it.Weights[(i / output.Samples % channels * taps) + tap];
                    inputGradients[from] = MathF.FusedMultiplyAdd(it.OutputGradients[i], weight, inputGradients[from]);
                }
            }
        }

        for (var plane = 0; plane < it.Count * channels; plane++)
        {
            for (var tap = 0; tap <= taps; tap++)
            {
                var chains = new float[8];
                for (var i = plane * output.Samples; i < (plane + 1) * output.Samples; i++)
                {
                    ref var chain = ref chains[i % output.Samples % output.Width % 8];
                    if (tap == taps) { chain += it.OutputGradients[i]; }
                    foreach (var (_, from) in Seen(it, i).Where(seen => seen.Tap == tap))
                    {
                        chain = MathF.FusedMultiplyAdd(it.Inputs[from], it.OutputGradients[i], chain);
                    }
                }

                gradients[tap == taps ? (channels * taps) + (plane % channels) : (plane % channels * taps) + tap] +=
                    (chains[0] + chains[4] + (chains[2] + chains[6])) + (chains[1] + chains[5] + (chains[3] + chains[7]));
            }
        }

        Same(it, outputs, gradients, inputGradients);
    }

    [Theory, MemberData(nameof(Averages))]
    public void An_average_pool_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (outputs, inputGradients) = (Zeros(it.OutputGradients), Zeros(it.Inputs));
        List<(int Tap, int From, float Share)> all = [];
        for (var i = 0; i < outputs.Length; i++)
        {
            var seen = Seen(it, i).ToArray();
            foreach (var (_, from) in seen) { outputs[i] += it.Inputs[from]; }
            outputs[i] /= seen.Length;
            all.AddRange(seen.Select(s => (s.Tap, s.From, it.OutputGradients[i] / seen.Length)));
        }

        foreach (var (_, from, share) in all.OrderBy(tap => tap.Tap)) { inputGradients[from] += share; }
        Same(it, outputs, [], inputGradients);
    }

    [Theory, MemberData(nameof(Responses))]
    public void A_local_response_norm_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (norm, samples) = ((LocalResponseNorm)it.Layer, it.Input.Samples);
        var (outputs, shares, inputGradients) = (Zeros(it.Inputs), Zeros(it.Inputs), Zeros(it.Inputs));
        for (var i = 0; i < outputs.Length; i++)
        {
            float sum = 0;
            foreach (var n in Neighbors(i)) { sum = MathF.FusedMultiplyAdd(it.Inputs[n], it.Inputs[n], sum); }
            var divisor = MathF.FusedMultiplyAdd(norm.Alpha, sum, norm.Bias);
            var power = norm.Beta switch
            {
                0.75f => 1 / (MathF.Sqrt(divisor) * MathF.Sqrt(MathF.Sqrt(divisor))),
                0.5f => 1 / MathF.Sqrt(divisor),
                1 => 1 / divisor,
                _ => (float)Math.Exp(-(double)norm.Beta * Math.Log(divisor)),
            };
            outputs[i] = it.Inputs[i] * power;
            inputGradients[i] = it.OutputGradients[i] * power;
            shares[i] = inputGradients[i] * it.Inputs[i] / divisor;
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            float sum = 0;
            foreach (var n in Neighbors(i)) { sum += shares[n]; }
            inputGradients[i] = MathF.FusedMultiplyAdd(it.Inputs[i] * (-2 * norm.Alpha * norm.Beta), sum, inputGradients[i]);
        }

        Same(it, outputs, [], inputGradients);

        IEnumerable<int> Neighbors(int i) => Enumerable.Range(0, it.Input.Channels)
            .Where(c => Math.Abs(c - (i % it.Input.Size / samples)) <= norm.Size)
            .Select(c => (i / it.Input.Size * it.Input.Size) + (c * samples) + (i % samples));
    }

    [Theory, MemberData(nameof(LayerNorms))]
    public void A_layer_norm_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (size, epsilon) = (it.Input.Size, ((LayerNorm)it.Layer).Epsilon);
        var (outputs, gradients, inputGradients) = (Zeros(it.Inputs), Zeros(it.Weights), Zeros(it.Inputs));
        for (var r = 0; r < it.Count; r++)
        {
            var row = it.Row(r);
            var given = it.OutputGradients[(r * size)..((r + 1) * size)];
            float[] weighted = [.. given.Select((g, i) => g * it.Weights[i])];
            var mean64 = Chains(row, row, 0, size, false) / size;
            var squares = Chains(row, row, 0, size, true) / size;
            var (mean, inverse) = ((float)mean64, (float)(1 / Math.Sqrt(Math.Max(0, squares - (mean64 * mean64)) + epsilon)));
            var sum = Chains(weighted, row, 0, size, false);
            var normal = inverse * (Chains(weighted, row, 0, size, true) - (mean * sum));
            var (level, slope) = ((float)(inverse * sum / size), (float)((double)inverse * inverse * normal / size));
            for (var i = 0; i < size; i++)
            {
                var x = (row[i] - mean) * inverse;
                outputs[(r * size) + i] = MathF.FusedMultiplyAdd(x, it.Weights[i], it.Weights[size + i]);
                gradients[i] = MathF.FusedMultiplyAdd(x, given[i], gradients[i]);
                gradients[size + i] += given[i];
                inputGradients[(r * size) + i] =
                    MathF.FusedMultiplyAdd(weighted[i], inverse, MathF.FusedMultiplyAdd(row[i] - mean, -slope, -level));
            }
        }

        Same(it, outputs, gradients, inputGradients);
    }

    /// <summary>The taps of an output that lie on its plane, in order, with the place of the input each sees.</summary>
    private static IEnumerable<(int Tap, int From)> Seen(LayerCase it, int output)
    {
        var (size, stride, padding, signal) = NaiveWindows.Settings(it.Layer);
        var (input, shape) = (it.Input, it.Plan.Output);
        var top = signal ? 0 : Naive.Before(padding, input.Height, size, stride);
        var left = Naive.Before(padding, input.Width, size, stride);
        for (var tap = 0; tap < (signal ? size : size * size); tap++)
        {
            var line = (output % shape.Samples / shape.Width * (signal ? 1 : stride)) + (tap / size) - top;
            var column = (output % shape.Width * stride) + (tap % size) - left;
            if (line < 0 || line >= input.Height || column < 0 || column >= input.Width) { continue; }
            yield return (tap, (((output / shape.Samples * input.Height) + line) * input.Width) + column);
        }
    }
}
