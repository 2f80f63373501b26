namespace StreamLearn.Models.Tests;

/// <summary>Weight decay spares biases and the gains of norms, unless told otherwise.</summary>
public sealed class DecayTests
{
    private static readonly ModelPlan Plan = new(new(1), 2, 1,
    [
        ("0.dense.weight", SliceKind.Trained, 7), ("0.dense.bias", SliceKind.Trained, 3), ("1.batch-norm.gain", SliceKind.Trained, 3),
        ("1.batch-norm.bias", SliceKind.Trained, 3), ("1.batch-norm.mean", SliceKind.Statistic, 3),
        ("exit0.dense.weight", SliceKind.Trained, 5), ("exit0.dense.bias", SliceKind.Trained, 2),
    ]);

    [Theory]
    [InlineData(false, 0, false), InlineData(false, 0.9f, false), InlineData(true, 0.9f, false)]
    [InlineData(false, 0, true), InlineData(true, 0.8f, true)]
    public void Gradient_descent_is_that_of_a_loop_by_hand(bool nesterov, float momentum, bool all)
    {
        var optimizer = new Sgd(0.1f, momentum, float.PositiveInfinity) { WeightDecay = 0.3f, Nesterov = nesterov, DecaysAll = all };
        AssertMoves(optimizer, all, (ref double w, double g, ref double v, ref double _, double decay, int _) =>
        {
            g += 0.3 * decay * w;
            v = (momentum * v) + g;
            w -= 0.1 * (nesterov ? g + (momentum * v) : v);
        });
    }

    [Theory, InlineData(false), InlineData(true)]
    public void AdamW_is_that_of_a_loop_by_hand(bool all) =>
        AssertMoves(new AdamW(0.1f, WeightDecay: 0.3f) { DecaysAll = all }, all,
            static (ref double w, double g, ref double m, ref double v, double decay, int t) =>
            {
                w *= 1 - (0.1 * 0.3 * decay);
                m = (0.9 * m) + (0.1 * g);
                v = (0.999 * v) + (0.001 * g * g);
                w -= 0.1 * m / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-8);
            });

    /// <summary>Without decay the layers may take the step themselves; whatever the settings, the bits are those of a gradient and a
    /// step.</summary>
    [Theory, InlineData(0, false), InlineData(0, true), InlineData(0.2f, false), InlineData(0.2f, true)]
    public void A_step_of_a_network_has_the_bits_of_its_gradient_and_the_optimizer(float decay, bool all)
    {
        var network = new Network(new(3), 2, [new Dense(5), new LayerNorm(), new Relu()], [new(2, new Dense(2))], seed: 3);
        var optimizer = new Sgd(0.1f, 0.9f, float.PositiveInfinity) { WeightDecay = decay, DecaysAll = all };
        Assert.Equal(decay == 0, optimizer.FusedUpdate is not null);
        float[] plain = [.. network.Initial.Values], whole = [.. plain], gradients = new float[plain.Length];
        float[] stateOfPlain = new float[plain.Length], stateOfWhole = new float[plain.Length];
        var (random, memory) = (new RandomStream(5, "decay"), new Workspace());
        for (var step = 1; step <= 4; step++)
        {
            var batch = new Sample(Normal(random, 12), (int[])[0, 1, 1, 0]);
            network.Loss(plain, batch, gradients, memory);
            optimizer.Step(network.Plan, plain, gradients, stateOfPlain, step);
            network.Step(whole, batch, optimizer, stateOfWhole, step, gradients, memory);
        }

        Assert.Equal(plain, whole);
        Assert.Equal(stateOfPlain, stateOfWhole);
    }

    [Fact]
    public void It_prints_and_compares()
    {
        Assert.Equal(
            "SGD 0.1, momentum 0.9, clip 2, decay 0.01 of all", new Sgd(0.1f) { WeightDecay = 0.01f, DecaysAll = true }.ToString());
        Assert.Equal("AdamW 0.1, β 0.9 0.999, ε 1E-08, decay 0.01 of all", new AdamW(0.1f) { DecaysAll = true }.ToString());
        Assert.NotEqual(new AdamW(0.1f), new AdamW(0.1f) { DecaysAll = true });
    }

    private delegate void Move(ref double weight, double gradient, ref double first, ref double second, double decay, int step);

    private static void AssertMoves(Optimizer optimizer, bool all, Move move)
    {
        var random = new RandomStream(1, "decay");
        float[] weights = Normal(random, Plan.Values), state = new float[2 * Plan.Values];
        double[] expected = [.. weights.Select(static w => (double)w)], first = new double[Plan.Values], second = new double[Plan.Values];
        for (var step = 1; step <= 5; step++)
        {
            var gradients = Normal(random, Plan.Values);
            optimizer.Step(Plan, weights, gradients, state, step);
            foreach (var slice in Plan.Slices.Where(static s => s.Kind == SliceKind.Trained))
            {
                var decay = all || slice.Name is "0.dense.weight" or "exit0.dense.weight" ? 1 : 0;
                for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
                {
                    move(ref expected[i], gradients[i], ref first[i], ref second[i], decay, step);
                }
            }
        }

        for (var i = 0; i < weights.Length; i++) { Assert.Equal(expected[i], weights[i], 1e-5); }      // five steps in float32
    }

    private static float[] Normal(RandomStream random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
}
