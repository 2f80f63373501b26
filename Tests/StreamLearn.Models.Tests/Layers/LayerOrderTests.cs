namespace StreamLearn.Models.Tests;

/// <summary>The stated order of every sum, one value at a time: vectors of any width have to give these bits.</summary>
public sealed class LayerOrderTests
{
    public static TheoryData<int> Denses => Where(layer => layer is Dense);
    public static TheoryData<int> Norms => Where(layer => layer is GroupNorm);
    public static TheoryData<int> BatchNorms => Where(layer => layer is BatchNorm);
    public static TheoryData<int> Means => Where(layer => layer is GlobalMean or GlobalMeanMax);

    [Theory, MemberData(nameof(Denses))]
    public void A_dense_layer_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (inputs, classes) = (it.Input.Size, it.Plan.Output.Size);
        var (outputs, gradients, inputGradients) = (Zeros(it.OutputGradients), Zeros(it.Weights), Zeros(it.Inputs));
        for (var i = 0; i < outputs.Length; i++)
        {
            var (row, o) = (it.Row(i / classes), i % classes);
            var (chains, straight, bias) = (new float[4], it.Weights[(inputs * classes) + o], it.Weights[(inputs * classes) + o]);
            for (var k = 0; k < inputs; k++)
            {
                var weight = (k * classes) + o;
                chains[k % 4] = MathF.FusedMultiplyAdd(row[k], it.Weights[weight], chains[k % 4]);
                straight = MathF.FusedMultiplyAdd(row[k], it.Weights[weight], straight);
                gradients[weight] = MathF.FusedMultiplyAdd(row[k], it.OutputGradients[i], gradients[weight]);
                var back = (i / classes * inputs) + k;
                inputGradients[back] = MathF.FusedMultiplyAdd(it.OutputGradients[i], it.Weights[weight], inputGradients[back]);
            }

            outputs[i] = classes < 32 ? (chains[0] + chains[1]) + (chains[2] + chains[3]) + bias : straight;
            gradients[(inputs * classes) + o] += it.OutputGradients[i];
        }

        Same(it, outputs, gradients, inputGradients);
    }

    [Theory, MemberData(nameof(Norms))]
    public void A_group_norm_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (groups, channels, samples) = (((GroupNorm)it.Layer).Groups, it.Input.Channels, it.Input.Samples);
        var (outputs, gradients, inputGradients) = (Zeros(it.OutputGradients), Zeros(it.Weights), Zeros(it.Inputs));
        var width = it.Input.Size / groups;
        for (var g = 0; g < it.Count * groups; g++)
        {
            var (from, first) = (g * width, g % groups * (channels / groups));
            var mean64 = Chains(it.Inputs, it.Inputs, from, width, false) / width;
            var squares = Chains(it.Inputs, it.Inputs, from, width, true) / width;
            var (mean, inverse) = ((float)mean64, (float)(1 / Math.Sqrt(Math.Max(0, squares - (mean64 * mean64)) + 1e-5)));
            double sum = 0, product = 0;
            for (var c = first; c < first + (channels / groups); c++)
            {
                var at = from + ((c - first) * samples);
                var given = Chains(it.OutputGradients, it.Inputs, at, samples, false);
                var normal = inverse * (Chains(it.OutputGradients, it.Inputs, at, samples, true) - (mean * given));
                gradients[c] += (float)normal;
                gradients[channels + c] += (float)given;
                sum += it.Weights[c] * given;
                product += it.Weights[c] * normal;
            }

            for (var i = from; i < from + width; i++)
            {
                var c = first + ((i - from) / samples);
                outputs[i] = MathF.FusedMultiplyAdd((it.Inputs[i] - mean) * inverse, it.Weights[c], it.Weights[channels + c]);
                var (level, slope) = ((float)(inverse * sum / width), (float)(inverse * inverse * product / width));
                var common = MathF.FusedMultiplyAdd(it.Inputs[i] - mean, -slope, -level);
                inputGradients[i] = MathF.FusedMultiplyAdd(it.OutputGradients[i], inverse * it.Weights[c], common);
            }
        }

        Same(it, outputs, gradients, inputGradients);
    }

    [Theory, MemberData(nameof(BatchNorms))]
    public void A_batch_norm_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (channels, samples, count) = (it.Input.Channels, it.Input.Samples, it.Count * it.Input.Samples);
        var (outputs, gradients, inputGradients) = (Zeros(it.OutputGradients), Zeros(it.Weights), Zeros(it.Inputs));
        var (momentum, epsilon) = ((double)((BatchNorm)it.Layer).Momentum, (double)((BatchNorm)it.Layer).Epsilon);
        for (var c = 0; c < channels; c++)
        {
            double[] sums = [0, 0, 0, 0];
            for (var r = 0; r < it.Count; r++)
            {
                var at = ((r * channels) + c) * samples;
                sums[0] += Chains(it.Inputs, it.Inputs, at, samples, false);
                sums[1] += Chains(it.Inputs, it.Inputs, at, samples, true);
                sums[2] += Chains(it.OutputGradients, it.Inputs, at, samples, false);
                sums[3] += Chains(it.OutputGradients, it.Inputs, at, samples, true);
            }

            var mean64 = sums[0] / count;
            var (mean, variance) = ((float)mean64, (float)Math.Max(0, (sums[1] / count) - (mean64 * mean64)));
            var inverse = 1 / Math.Sqrt(variance + epsilon);
            var (gain, bias, normal) = (it.Weights[c], it.Weights[channels + c], inverse * (sums[3] - (mean * sums[2])));
            var (level, slope) = ((float)(inverse * gain * sums[2] / count), (float)(inverse * inverse * gain * normal / count));
            gradients[c] = (float)normal;
            gradients[channels + c] = (float)sums[2];
            gradients[(2 * channels) + c] = (float)(((1 - momentum) * it.Weights[(2 * channels) + c]) + (momentum * mean));
            gradients[(3 * channels) + c] = (float)(((1 - momentum) * it.Weights[(3 * channels) + c])
                + (momentum * (variance * (double)count / (count - 1.0))));
            for (var i = 0; i < count; i++)
            {
                var at = (((i / samples * channels) + c) * samples) + (i % samples);
                outputs[at] = MathF.FusedMultiplyAdd((it.Inputs[at] - mean) * (float)inverse, gain, bias);
                var common = MathF.FusedMultiplyAdd(it.Inputs[at] - mean, -slope, -level);
                inputGradients[at] = MathF.FusedMultiplyAdd(it.OutputGradients[at], (float)(inverse * gain), common);
            }
        }

        Same(it, outputs, gradients, inputGradients);
    }

    [Theory, MemberData(nameof(Means))]
    public void A_mean_over_time_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (channels, samples, width) = (it.Input.Channels, it.Input.Samples, it.Plan.Output.Size);
        var outputs = it.Forward(0, it.Count).Outputs;
        for (var i = 0; i < it.Count * channels; i++)
        {
            var mean = (float)(Chains(it.Inputs, it.Inputs, i * samples, samples, false) / samples);
            var output = outputs[(i / channels * width) + (i % channels)];
            Assert.Equal(BitConverter.SingleToInt32Bits(mean), BitConverter.SingleToInt32Bits(output));
        }
    }

    [Fact]
    public void Sums_over_samples_go_in_sixteen_chains()
    {
        var random = new RandomStream(17, "sums");
        for (var count = 0; count <= 70; count++)
        {
            float[] values = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
            float[] others = [.. values.Select(v => 3 - (v * v))];
            var (sum, product) = Sums.Of(values, others);
            Assert.Equal(BitConverter.DoubleToInt64Bits(Chains(values, others, 0, count, false)), BitConverter.DoubleToInt64Bits(sum));
            Assert.Equal(BitConverter.DoubleToInt64Bits(Chains(values, others, 0, count, true)), BitConverter.DoubleToInt64Bits(product));
            Assert.Equal(BitConverter.DoubleToInt64Bits(sum), BitConverter.DoubleToInt64Bits(Sums.Of(values)));
        }
    }

    internal static TheoryData<int> Where(Func<Layer, bool> isOne) =>
        [.. Enumerable.Range(0, LayerCase.All.Count).Where(place => isOne(LayerCase.All[place].Layer))];

    internal static float[] Zeros(float[] like) => new float[like.Length];

    /// <summary>Sixteen chains in float64, added in halves.</summary>
    internal static double Chains(float[] values, float[] others, int from, int count, bool products)
    {
        var chains = new double[16];
        for (var i = 0; i < count; i++) { chains[i % 16] += products ? (double)values[from + i] * others[from + i] : values[from + i]; }
        for (var half = 8; half > 0; half /= 2)
        {
            for (var j = 0; j < half; j++) { chains[j] += chains[j + half]; }
        }
        return chains[0];
    }

    internal static void Same(LayerCase it, float[] outputs, float[] gradients, float[] inputGradients)
    {
        var actual = new float[it.Weights.Length];
        Same(outputs, it.Forward(0, it.Count).Outputs);
        Same(inputGradients, it.Backward(0, it.Count, actual));
        Same(gradients, actual);
    }

    private static void Same(float[] expected, float[] actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
}
