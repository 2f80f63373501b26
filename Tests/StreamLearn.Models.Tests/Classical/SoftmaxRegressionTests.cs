namespace StreamLearn.Models.Tests;

public sealed class SoftmaxRegressionTests
{
    private const int Features = 7;
    private const int Classes = 5;
    private const int Rows = 9;
    private readonly SoftmaxRegression _model = new(Features, Classes, seed: 3);
    private readonly RandomStream _random = new(5, "softmax-tests");
    private readonly Workspace _memory = new();

    [Fact]
    public void The_gradient_is_that_of_central_differences_in_float64()
    {
        var (weights, features, labels) = (Scaled(), Normal(Rows * Features), Labels(Rows));
        var gradients = new float[_model.Plan.Values];

        var loss = _model.Loss(weights, new(features, labels), gradients, _memory);

        var exact = Array.ConvertAll(weights, w => (double)w);
        Assert.Equal(Reference(exact, features, labels), loss, 1e-6);
        foreach (var slice in _model.Plan.Slices.Where(s => s.Kind == SliceKind.Trained))
        {
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                // differences are exact to about 1e-10; what is left is the float32 of the gradient
                Assert.Equal(LossCase.Difference(exact, i, () => Reference(exact, features, labels), 1e-5), gradients[i], 2e-6);
            }
        }
    }

    [Fact]
    public void Logit_offsets_are_part_of_the_scores_of_the_loss()
    {
        var (weights, features, labels) = (Scaled(), Normal(Rows * Features), Labels(Rows));
        float[] offsets = [0.5f, -1, 0, -30, 2], gradients = new float[weights.Length], expected = new float[weights.Length];
        var (biased, bias) = (weights.ToArray(), weights.Length - Classes);
        for (var o = 0; o < Classes; o++) { biased[bias + o] += offsets[o]; }
        var loss = _model.Loss(weights, new(features, labels) { LogitOffsets = offsets }, gradients, _memory);
        // an offset is a bias that is not trained: added at the end instead of in the sum of the scores
        Assert.Equal(_model.Loss(biased, new(features, labels), expected, _memory), loss, 1e-5f);
        for (var i = 2 * Features; i < weights.Length; i++) { Assert.Equal(expected[i], gradients[i], 1e-5f); }
    }

    [Fact]
    public void The_statistic_slices_of_a_gradient_hold_the_present_statistics()
    {
        var weights = Scaled();
        var gradients = new float[weights.Length];
        _model.Loss(weights, new(Normal(Features), [1]), gradients, _memory);
        Assert.Equal(weights[..(2 * Features)], gradients[..(2 * Features)]);
    }

    [Fact]
    public void Rows_together_give_the_bits_of_each_row_alone()
    {
        var (weights, features) = (Scaled(), Normal(Rows * Features));
        var together = new float[Rows * Classes];
        var alone = new float[Classes];
        _model.Infer(weights, new(features, Rows), together, _memory);
        for (var r = 0; r < Rows; r++)
        {
            _model.Infer(weights, new(features.AsSpan(r * Features, Features), 1), alone, _memory);
            Assert.Equal(alone.Select(BitConverter.SingleToInt32Bits),
                together.Skip(r * Classes).Take(Classes).Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory]
    [InlineData(0, float.PositiveInfinity)]
    [InlineData(0.9f, float.PositiveInfinity)]
    [InlineData(0.9f, 0.1f)]
    public void A_step_has_the_bits_of_a_gradient_and_an_optimizer(float momentum, float clip)
    {
        foreach (var (features, classes, rows) in ((int, int, int)[])[(561, 6, 1), (561, 6, 33), (7, 2, 1), (33, 40, 5)])
        {
            var model = new SoftmaxRegression(features, classes, seed: 3);
            var optimizer = new Sgd(0.1f, momentum, clip);
            float[] whole = [.. model.Initial.Values], parts = [.. model.Initial.Values], gradients = new float[whole.Length];
            float[] state = new float[whole.Length], other = new float[whole.Length];
            for (var step = 1; step <= 3; step++)
            {
                var random = new RandomStream(step, "step");
                var (x, labels) = (new float[rows * features], new int[rows]);
                foreach (ref var value in x.AsSpan()) { value = (float)random.NextGaussian(); }
                foreach (ref var label in labels.AsSpan()) { label = random.NextInt32(classes); }
                var loss = model.Step(whole, new(x, labels), optimizer, state, step, gradients, _memory);
                Assert.Equal(model.Loss(parts, new(x, labels), gradients, _memory), loss);
                optimizer.Step(model.Plan, parts, gradients, other, step);
                Assert.Equal(parts, whole);
                Assert.Equal(other, state);
            }
        }
    }

    [Fact]
    public void More_values_than_can_be_counted_are_refused() =>
        Assert.Throws<OverflowException>(() => new SoftmaxRegression(1 << 20, 1 << 20));

    [Fact]
    public void A_loss_that_is_no_number_changes_nothing()
    {
        var weights = Scaled();
        weights[^1] = float.MaxValue;
        weights[^2] = float.MaxValue;
        weights[^3] = float.PositiveInfinity;
        float[] before = [.. weights];
        var loss = _model.Step(weights, new(Normal(Features), [1]), new Sgd(1, 0, float.PositiveInfinity), [], 1, new float[weights.Length],
            _memory);
        Assert.False(float.IsFinite(loss));
        Assert.Equal(before, weights);
    }

    [Fact]
    public void The_loss_of_rows_is_the_mean_of_each_row_alone_in_row_order()
    {
        var (weights, features, labels) = (Scaled(), Normal(Rows * Features), Labels(Rows));
        var gradients = new float[weights.Length];
        double sum = 0;
        for (var r = 0; r < Rows; r++)
        {
            sum += _model.Loss(weights, new(features.AsSpan(r * Features, Features), labels.AsSpan(r, 1)), gradients, _memory);
        }
        // each row alone is rounded to float32
        Assert.Equal((float)(sum / Rows), _model.Loss(weights, new(features, labels), gradients, _memory), 1e-6f);
    }

    [Theory, InlineData(1, 2), InlineData(12, 6), InlineData(13, 31), InlineData(6, 33)]
    public void A_dense_layer_adds_in_the_stated_order(int inputs, int outputs)
    {
        var (x, w, b) = (Normal(inputs), Normal(inputs * outputs), Normal(outputs));
        var result = new float[outputs];

        var layer = new Dense(outputs);
        var scratch = new float[layer.Plan(new(inputs)).Scratch(1)];
        float[] weights = [.. w, .. b];
        layer.Forward(new() { Input = new(inputs), Rows = 1, Weights = weights, Inputs = x, Outputs = result, Scratch = scratch });

        for (var o = 0; o < outputs; o++)
        {
            var chains = new float[4];
            var straight = b[o];
            for (var k = 0; k < inputs; k++)
            {
                chains[k % 4] = MathF.FusedMultiplyAdd(x[k], w[(k * outputs) + o], chains[k % 4]);
                straight = MathF.FusedMultiplyAdd(x[k], w[(k * outputs) + o], straight);
            }
            var expected = outputs < 32 ? (chains[0] + chains[1]) + (chains[2] + chains[3]) + b[o] : straight;
            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(result[o]));
        }
    }

    [Fact]
    public void Probabilities_add_up_to_one_even_for_great_scores()
    {
        var outputs = new float[Classes];
        _model.Infer(Scaled(), new(Normal(Features).Select(x => x * 1e4f).ToArray(), 1), outputs, _memory);
        Assert.All(outputs, p => Assert.InRange(p, 0, 1));
        Assert.Equal(1, outputs.Sum(), 1e-6f);
    }

    [Fact]
    public void Models_are_equal_by_structure_and_seed_and_so_is_their_schema()
    {
        Assert.Equal(new SoftmaxRegression(Features, Classes, 3), _model);
        Assert.NotEqual(new SoftmaxRegression(Features, Classes, 4), _model);
        Assert.Equal(new SoftmaxRegression(Features, Classes, 4).Plan.SchemaHash, _model.Plan.SchemaHash);
        var (named, unnamed) = (new SoftmaxRegression([Field.Channel("a", Unit.One)], 2), new SoftmaxRegression(1, 2));
        Assert.NotEqual(named.Plan.SchemaHash, unnamed.Plan.SchemaHash);
        Assert.Equal("softmax 7→5 seed 3", _model.ToString());
        Assert.Equal(_model.Initial.Sha256(), new SoftmaxRegression(Features, Classes, 3).Initial.Sha256());
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxRegression(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxRegression(1, 1));
    }

    [Fact]
    public void Nothing_is_allocated_after_the_first_step()
    {
        var (weights, features, labels, gradients) = (Scaled(), Normal(Rows * Features), Labels(Rows), new float[_model.Plan.Values]);
        for (var i = 0; i < 3; i++) { _model.Loss(weights, new(features, labels), gradients, _memory); }
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++) { _model.Loss(weights, new(features, labels), gradients, _memory); }
        }));
    }

    private static double Reference(double[] weights, float[] features, int[] labels)
    {
        double loss = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var scores = new double[Classes];
            for (var o = 0; o < Classes; o++)
            {
                scores[o] = weights[(2 * Features) + (Features * Classes) + o];
                for (var k = 0; k < Features; k++)
                {
                    var scaled = (features[(r * Features) + k] - weights[k]) * weights[Features + k];
                    scores[o] += scaled * weights[(2 * Features) + (k * Classes) + o];
                }
            }

            loss += Math.Log(scores.Sum(s => Math.Exp(s))) - scores[labels[r]];
        }

        return loss / labels.Length;
    }

    private float[] Scaled()
    {
        float[] weights = [.. _model.Initial.Values];
        double[] mean = [.. Enumerable.Range(0, Features).Select(i => 0.1 * i)];
        double[] m2 = [.. Enumerable.Range(1, Features).Select(i => 9.0 * i)];
        _model.Plan.SetScale(new(10, [.. mean], [.. m2]), weights);
        return weights;
    }

    private float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)_random.NextGaussian())];
    private int[] Labels(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.NextInt32(Classes))];
}
