namespace StreamLearn.Models.Tests;

public sealed class LowBitDenseTests
{
    [Fact]
    public void Values_of_few_bits_are_those_of_the_formulas()
    {
        Assert.Equal([1f, -1, 1, 1], Activations(1, 0.3f, -0.1f, 0, 5));
        Assert.Equal([0, 1 / 3f, 2 / 3f, 1, 0], Activations(2, 0.1f, 0.4f, 0.6f, 1.7f, -3));
        var most = Math.Tanh(1.5);
        var results = new float[3];
        LowBits.Weights(3, [1.5f, -0.4f, 0], results);
        double Level(double w) => Math.Round(7 * ((Math.Tanh(w) / (2 * most)) + 0.5), MidpointRounding.AwayFromZero) / 7;
        Assert.Equal(
            new[] { 1.5, -0.4, 0 }.Select(w => (2 * Level(w)) - 1),
            results.Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-6);
        var scales = new float[2];
        LowBits.Scales(1, [1, -2, -3, 5], scales);
        Assert.Equal([2f, 3.5f], scales);
        Assert.Throws<ArgumentException>(() => Activations(9, 1));
    }

    [Theory, InlineData(1, 1), InlineData(2, 1), InlineData(1, 4)]
    public void Outputs_are_products_of_values_of_few_bits_and_gradients_pass_straight_through(int weightBits, int inputBits)
    {
        const int outputs = 33;
        var it = new LayerCase(new LowBitDense(outputs, weightBits, inputBits), new(70));
        for (var i = 0; i < it.Weights.Length; i += 9) { it.Weights[i] *= 40; }        // some beyond 1
        float[] weights = new float[it.Weights.Length], inputs = new float[it.Inputs.Length], scales = new float[outputs];
        LowBits.Weights(weightBits, it.Weights, weights);
        LowBits.Activations(inputBits, it.Inputs, inputs);
        LowBits.Scales(weightBits, it.Weights, scales);
        var (expected, ofWeights, ofInputs) = (new double[it.Count * outputs], new double[weights.Length], new double[inputs.Length]);
        for (var r = 0; r < it.Count; r++)
        {
            for (var (k, at) = (0, r * 70); k < 70; k++, at++)
            {
                for (var (o, to) = (0, r * outputs); o < outputs; o++, to++)
                {
                    expected[to] += (double)inputs[at] * weights[(k * outputs) + o] * scales[o];
                    var gradient = (double)it.OutputGradients[to] * scales[o];
                    var isCut = weightBits == 1 && Math.Abs(it.Weights[(k * outputs) + o]) > 1;
                    ofWeights[(k * outputs) + o] += isCut ? 0 : gradient * inputs[at];
                    var passes = it.Inputs[at] <= 1 && it.Inputs[at] >= (inputBits == 1 ? -1 : 0);
                    ofInputs[at] += passes ? gradient * weights[(k * outputs) + o] : 0;
                }
            }
        }

        var given = new float[weights.Length];
        var inputGradients = it.Backward(0, it.Count, given);

        Assert.Equal(expected, it.Forward(0, it.Count, taped: false).Outputs.Select(v => (double)v), Near);
        Assert.Equal(ofWeights, given.Select(v => (double)v), Near);
        Assert.Equal(ofInputs, inputGradients.Select(v => (double)v), Near);
    }

    /// <summary>float32 sums of up to 70 products.</summary>
    private static bool Near(double a, double b) => Math.Abs(a - b) <= 2e-5 * (1 + Math.Abs(a));

    private static float[] Activations(int bits, params float[] values)
    {
        var results = new float[values.Length];
        LowBits.Activations(bits, values, results);
        return results;
    }
}
