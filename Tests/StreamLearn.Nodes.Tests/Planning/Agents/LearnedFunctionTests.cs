namespace StreamLearn.Nodes.Tests;

/// <summary>The networks of agents beside dense layers, tanh, sigmoid and Adam written out in float64.</summary>
public sealed class LearnedFunctionTests
{
    private const int Rows = 4;
    private static readonly int[] Sizes = [2, 5, 3, 2];

    [Theory, InlineData(true), InlineData(false)]
    public void Twenty_steps_along_given_gradients_are_those_of_plain_formulas(bool isShare)
    {
        var function = new LearnedFunction(Sizes[0], [Sizes[1], Sizes[2]], Sizes[3], isShare, learningRate: 0.01f, seed: 5);
        var random = new RandomStream(6, "rows");
        float[] inputs = [.. Enumerable.Range(0, Rows * Sizes[0]).Select(_ => (float)random.NextGaussian())];
        double[] weights = [.. function.Network.Initial.Values.Select(static w => (double)w)];
        var (first, second, gradient) = (new double[weights.Length], new double[weights.Length], new float[Rows * Sizes[3]]);
        for (var step = 1; step <= 20; step++)
        {
            var outputs = function.Of(inputs, Rows).ToArray();
            var (expected, change) = Pass(weights, inputs, isShare, target: 0.25);
            for (var i = 0; i < outputs.Length; i++)
            {
                Assert.Equal(expected[i], outputs[i], 1e-5);         // float32 beside float64 after at most 20 steps of 0.01
                gradient[i] = outputs[i] - 0.25f;
            }

            function.Move(gradient);
            for (var i = 0; i < weights.Length; i++)
            {
                first[i] = (0.9 * first[i]) + (0.1 * change[i]);
                second[i] = (0.999 * second[i]) + (0.001 * change[i] * change[i]);
                weights[i] -= 0.01 * first[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
        }
    }

    /// <summary>The outputs, and the gradient of the mean over the rows of half the squared distance to a target.</summary>
    private static (double[] Outputs, double[] Gradient) Pass(double[] weights, float[] inputs, bool isShare, double target)
    {
        var (outputs, gradient) = (new double[Rows * Sizes[3]], new double[weights.Length]);
        for (var r = 0; r < Rows; r++)
        {
            List<double[]> values = [[.. inputs.Skip(r * Sizes[0]).Take(Sizes[0]).Select(static x => (double)x)]];
            var at = 0;
            for (var l = 0; l < 3; at += (Sizes[l] + 1) * Sizes[l + 1], l++)
            {
                var (n, o) = (Sizes[l], Sizes[l + 1]);
                var before = values[l];
                double Sum(int j) => weights[at + (n * o) + j] + Enumerable.Range(0, n).Sum(i => before[i] * weights[at + (i * o) + j]);
                values.Add([.. Enumerable.Range(0, o).Select(j =>
                    l < 2 ? Math.Tanh(Sum(j)) : isShare ? 1 / (1 + Math.Exp(-Sum(j))) : Sum(j))]);
            }

            values[3].CopyTo(outputs, r * Sizes[3]);
            double[] slope = [.. values[3].Select(y => (y - target) * (isShare ? y * (1 - y) : 1) / Rows)];
            for (var l = 2; l >= 0; l--)
            {
                var (n, o) = (Sizes[l], Sizes[l + 1]);
                at -= (n + 1) * o;
                var (from, back) = (at, values[l]);
                for (var j = 0; j < o; j++)
                {
                    gradient[from + (n * o) + j] += slope[j];
                    for (var i = 0; i < n; i++) { gradient[from + (i * o) + j] += back[i] * slope[j]; }
                }
                slope = [.. Enumerable.Range(0, n).Select(i =>
                    Enumerable.Range(0, o).Sum(j => slope[j] * weights[from + (i * o) + j]) * (1 - (back[i] * back[i])))];
            }
        }

        return (outputs, gradient);
    }
}
