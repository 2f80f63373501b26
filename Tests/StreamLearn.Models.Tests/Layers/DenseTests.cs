namespace StreamLearn.Models.Tests;

/// <summary>Dense layers of many widths and batches: every kernel behind them has to give the stated order.</summary>
public sealed class DenseTests
{
    public static TheoryData<int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int>();
            foreach (var outputs in new[] { 1, 2, 3, 5, 6, 8, 9, 10, 13, 16, 17, 20, 22, 25, 31, 32, 33, 48, 100 })
            {
                foreach (var inputs in new[] { 1, 3, 7, 21, 64, 561 })
                {
                    foreach (var rows in new[] { 1, 3, 8, 33 }) { cases.Add(inputs, outputs, rows); }
                }
            }
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_dense_layer_adds_in_the_stated_order(int inputs, int outputs, int rows)
    {
        var it = new LayerCase(new Dense(outputs), new(inputs), rows);
        var (sums, gradients, inputGradients) = (new float[rows * outputs], new float[it.Weights.Length], new float[rows * inputs]);
        var known = it.Normal(gradients.Length);
        known.CopyTo(gradients, 0);
        for (var i = 0; i < sums.Length; i++)
        {
            var (r, o) = (i / outputs, i % outputs);
            var (chains, straight, bias) = (new float[4], it.Weights[(inputs * outputs) + o], it.Weights[(inputs * outputs) + o]);
            for (var k = 0; k < inputs; k++)
            {
                var (value, weight) = (it.Inputs[(r * inputs) + k], it.Weights[(k * outputs) + o]);
                chains[k % 4] = MathF.FusedMultiplyAdd(value, weight, chains[k % 4]);
                straight = MathF.FusedMultiplyAdd(value, weight, straight);
                ref var gradient = ref gradients[(k * outputs) + o];
                gradient = MathF.FusedMultiplyAdd(value, it.OutputGradients[i], gradient);
                ref var back = ref inputGradients[(r * inputs) + k];
                back = MathF.FusedMultiplyAdd(it.OutputGradients[i], weight, back);
            }

            sums[i] = outputs < 32 ? (chains[0] + chains[1]) + (chains[2] + chains[3]) + bias : straight;
            gradients[(inputs * outputs) + o] += it.OutputGradients[i];
        }

        Same(sums, it.Forward(0, rows).Outputs);
        Same(inputGradients, it.Backward(0, rows, known));
        Same(gradients, known);
    }

    [Theory, InlineData(1, 0), InlineData(1, 0.9f), InlineData(9, 0), InlineData(9, 0.9f)]
    public void A_step_that_layers_take_themselves_has_the_bits_of_gradient_and_optimizer(int rows, float momentum)
    {
        var network = new Network(
            new(7, 5), 6, [new Conv1d(5, 3), new Relu(), new Dense(33), new Relu(), new Dense(7)],
            [new(1, new Sequential(new GlobalMean(), new Dense(6))), new(4, new Dense(6))], seed: 3);
        var random = new RandomStream(4, "dense-tests");
        float[] features = [.. Enumerable.Range(0, rows * 35).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, rows).Select(r => r % 6)];
        var optimizer = new Sgd(0.05f, momentum, float.PositiveInfinity);
        var (apart, together) = (network.Initial.Values.ToArray(), network.Initial.Values.ToArray());
        var (apartState, togetherState, gradients) = (new float[apart.Length], new float[apart.Length], new float[apart.Length]);
        var memory = new Workspace();
        for (var step = 1; step <= 3; step++)
        {
            var loss = network.Loss(apart, new(features, labels), gradients, memory);
            optimizer.Step(network.Plan, apart, gradients, apartState, step);
            gradients.AsSpan().Fill(float.NaN);     // of undefined content
            Assert.Equal(loss, network.Step(together, new(features, labels), optimizer, togetherState, step, gradients, memory));
            Same(apart, together);
            if (momentum > 0) { Same(apartState, togetherState); }
        }
    }

    [Fact]
    public void A_loss_that_is_not_finite_changes_nothing()
    {
        var network = new Network(new(3), 2, [new Dense(4), new Relu()], [new(1, new Dense(2))]);
        var weights = network.Initial.Values.ToArray();
        var loss = network.Step(weights, new([1, float.PositiveInfinity, 1], [0]),
            new Sgd(1, 0, float.PositiveInfinity), new float[weights.Length], 1, new float[weights.Length], new());
        Assert.False(float.IsFinite(loss));
        Same(network.Initial.Values.ToArray(), weights);
    }
}
