namespace StreamLearn.Models.Tests;

public sealed class LayerTests
{
    public static TheoryData<int> Places => LayerCase.Places;

    [Fact]
    public void Every_layer_of_the_library_is_checked_here() =>
        Assert.Equal(
            typeof(Layer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Layer)))
                .Except([typeof(RoundedActivations), typeof(RoundedWeights)])      // steps have no central differences: RoundedLayerTests
                .OrderBy(t => t.Name),
            LayerCase.All.Select(c => c.Layer.GetType()).Distinct().OrderBy(t => t.Name));

    [Theory, MemberData(nameof(Places))]
    public void Outputs_are_those_of_the_formula(int place)
    {
        var it = LayerCase.At(place);
        var outputs = it.Forward(0, it.Count).Outputs;
        var rows = Enumerable.Range(0, it.Count).Select(r => Exact(it.Row(r))).ToArray();
        var expected = Naive.Batch(it.Layer, it.Input, Exact(it.Weights), rows).SelectMany(row => row).ToArray();
        Assert.Equal(it.Count * it.Plan.Output.Size, expected.Length);
        // float32 sums of up to 144 products of about 1: some units in the seventh digit
        for (var i = 0; i < expected.Length; i++) { Assert.Equal(expected[i], outputs[i], 3e-6 * (1 + Math.Abs(expected[i]))); }
    }

    [Theory, MemberData(nameof(Places))]
    public void The_gradient_of_every_weight_is_that_of_central_differences_in_float64(int place)
    {
        var it = Checked(place);
        var gradients = new float[it.Weights.Length];
        Array.Fill(gradients, 1);       // gradients are added to
        it.Backward(0, it.Count, gradients);
        var (rows, weights, at) = (Enumerable.Range(0, it.Count).Select(r => Exact(it.Row(r))).ToArray(), Exact(it.Weights), 0);
        foreach (var (_, kind, length) in it.Plan.Slices)
        {
            for (var i = at; i < at + length; i += 1 + (length / 400))
            {
                if (kind == SliceKind.Statistic && it.Plan.MixesRows) { continue; }      // new statistics: BatchNormTests
                var expected = kind == SliceKind.Trained ? LossCase.Difference(weights, i, () => Value(it, weights, rows)) : 0;
                Assert.Equal(expected, gradients[i] - 1, Tolerance(expected));
            }
            at += length;
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void The_gradient_of_every_input_is_that_of_central_differences_in_float64(int place)
    {
        var it = Checked(place);
        var inputGradients = it.Backward(0, it.Count, new float[it.Weights.Length]);
        var (rows, weights) = (Enumerable.Range(0, it.Count).Select(r => Exact(it.Row(r))).ToArray(), Exact(it.Weights));
        for (var i = 0; i < inputGradients.Length; i += 1 + (inputGradients.Length / 400))
        {
            var expected = LossCase.Difference(rows[i / it.Input.Size], i % it.Input.Size, () => Value(it, weights, rows));
            Assert.Equal(expected, inputGradients[i], Tolerance(expected));
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void Rows_together_give_the_bits_of_one_row_after_the_other(int place)
    {
        var it = LayerCase.At(place);
        if (it.Plan.MixesRows) { return; }      // BatchNormTests, DropoutTests
        var (together, apart) = (new float[it.Weights.Length], new float[it.Weights.Length]);
        var (outputs, tape) = it.Forward(0, it.Count);
        var inputGradients = it.Backward(0, it.Count, together);
        var rows = Enumerable.Range(0, it.Count).Select(r => (Forward: it.Forward(r, 1), Backward: it.Backward(r, 1, apart))).ToArray();
        Same(rows.SelectMany(r => r.Forward.Outputs), outputs);
        var laidOutByLayer = it.Layer is Sequential or Residual;
        if (!laidOutByLayer) { Same(rows.SelectMany(r => r.Forward.Tape), tape); }
        Same(rows.SelectMany(r => r.Backward), inputGradients);
        Same(apart, together);
    }

    [Theory, MemberData(nameof(Places))]
    public void Without_a_tape_outputs_have_the_same_bits(int place)
    {
        var it = LayerCase.At(place);
        var inferred = it.Forward(0, it.Count, taped: false).Outputs;
        if (!it.Plan.MixesRows) { Same(it.Forward(0, it.Count).Outputs, inferred); }
        Same(Enumerable.Range(0, it.Count).SelectMany(r => it.Forward(r, 1, taped: false).Outputs), inferred);
    }

    [Theory, MemberData(nameof(Places))]
    public void The_gradient_of_the_weights_is_the_same_where_that_of_the_inputs_is_not_wanted(int place)
    {
        var it = LayerCase.At(place);
        var (with, without) = (new float[it.Weights.Length], new float[it.Weights.Length]);
        it.Backward(0, it.Count, with);
        it.Backward(0, it.Count, without, wanted: false);
        Same(with, without);
    }

    [Theory, MemberData(nameof(Places))]
    public void Nothing_is_allocated_in_a_call(int place)
    {
        var it = LayerCase.At(place);
        var (outputs, inputGradients) = (new float[it.Count * it.Plan.Output.Size], new float[it.Inputs.Length]);
        var (tape, gradients, scratch) =
            (new float[it.Count * it.Plan.TapeValues], new float[it.Weights.Length], new float[it.Plan.Scratch(it.Count)]);
        void Step()
        {
            LayerCall call = new()
            {
                Input = it.Input,
                Rows = it.Count,
                Training = true,
                Weights = it.Weights,
                Inputs = it.Inputs,
                Outputs = outputs,
                Tape = tape,
                Scratch = scratch,
                OutputGradients = it.OutputGradients,
                InputGradients = inputGradients,
                Gradients = gradients,
            };
            it.Layer.Forward(call);
            it.Layer.Backward(call);
        }

        Step();
        Assert.Equal(0, Allocations.Least(() => Step()));
    }

    [Theory, MemberData(nameof(Places))]
    public void Seeded_values_are_uniform_in_the_root_of_the_inputs_and_the_same_for_one_seed(int place)
    {
        var (layer, input) = LayerCase.All[place];
        var plan = layer.Plan(input);
        float[] Seeded(long seed)
        {
            var values = new float[plan.Values];
            layer.Initialize(input, values, new(seed, "layer-tests"));
            return values;
        }

        Same(Seeded(1), Seeded(1));
        if (layer is Dense or Conv1d or Conv2d)
        {
            var taps = layer switch { Conv1d it => it.Kernel, Conv2d it => it.Kernel * it.Kernel, _ => input.Samples };
            var bound = 1 / Math.Sqrt(input.Channels * taps);
            Assert.All(Seeded(1), v => Assert.InRange(v, -bound, bound));
            Assert.NotEqual(Seeded(1), Seeded(2));
            if (plan.Values > 500) { Assert.InRange(Seeded(1).Max(), 0.95 * bound, bound); }
        }

        if (layer is GroupNorm)
        {
            Assert.Equal([.. Enumerable.Repeat(1f, input.Channels), .. Enumerable.Repeat(0f, input.Channels)], Seeded(1));
        }

        if (layer is Scale)
        {
            Assert.Equal([.. Enumerable.Repeat(0f, input.Channels), .. Enumerable.Repeat(1f, input.Channels)], Seeded(1));
        }
    }

    [Fact]
    public void Of_equal_samples_the_first_takes_the_gradient()
    {
        (Layer, int[])[] cases = [(new GlobalMax(), [1]), (new MaxPool1d(3), [1, 3]), (new GlobalMeanMax(), [1])];
        foreach (var (layer, taken) in cases)
        {
            var it = new LayerCase(layer, new(1, 6), rows: 1) { Inputs = [0, 2, 2, 2, 1, 2] };
            var even = layer is GlobalMeanMax ? it.OutputGradients[0] / 6 : 0;
            var inputGradients = it.Backward(0, 1, []);
            Assert.Equal(taken, Enumerable.Range(0, 6).Where(t => inputGradients[t] != even));
        }

        foreach (var first in new[] { 0, 3, 15, 16, 30, 34 })        // in a whole vector and after the last
        {
            var it = new LayerCase(new GlobalMax(), new(1, 38), rows: 1);
            for (var t = 0; t < 38; t++) { it.Inputs[t] = t == first || t >= 35 || (t > first && t % 2 == 0) ? 9 : -t; }
            Assert.Equal(first, it.Backward(0, 1, []).AsSpan().IndexOfAnyExcept(0));
            Assert.Single(it.Backward(0, 1, []), gradient => gradient != 0);
        }
    }

    [Fact]
    public void Layers_compare_and_print_by_their_settings()
    {
        Assert.Equal(new Conv1d(16, 9, 2, 4), new Conv1d(16, 9, Stride: 2, Padding: 4));
        Assert.NotEqual(new Conv1d(16, 9, 2, 4), new Conv1d(16, 9, 2, 3));
        var sequence = new Sequential(new GlobalMeanMax(), new Dense(6));
        sequence.Plan(new(3, 4));       // what it learns of a shape does not count
        Assert.Equal(new Sequential(new GlobalMeanMax(), new Dense(6)), sequence);
        Assert.Equal(new Sequential(new GlobalMeanMax(), new Dense(6)).GetHashCode(), sequence.GetHashCode());
        Assert.NotEqual(new Sequential(new GlobalMeanMax(), new Dense(7)), sequence);
        Assert.Equal(new Shape(5), (sequence with { Layers = [new Dense(5)] }).Plan(new(3, 4)).Output);
        Assert.Equal(
            "(scale, dense 6, conv1d 16 kernel 9 stride 2 padding 4, group-norm 2, relu, max-pool 2, global-mean, global-max, "
                + "(global-mean-max, dense 6))",
            new Sequential(new Scale(), new Dense(6), new Conv1d(16, 9, 2, 4), new GroupNorm(2), new Relu(), new MaxPool1d(2),
                new GlobalMean(), new GlobalMax(), sequence).ToString());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        foreach (var (layer, input) in new (Layer, Shape)[]
        {
            (new Dense(0), new(3)), (new Conv1d(0, 3), new(2, 9)), (new Conv1d(2, 0), new(2, 9)), (new Conv1d(2, 3, 0), new(2, 9)),
            (new Conv1d(2, 3, 1, -2), new(2, 9)), (new Conv1d(2, 3), new(2, 3, 3)), (new Conv2d(2, 3), new(2, 9)),
            (new Conv1d(2, 3, 1, 3), new(2, 9)), (new Conv1d(2, 9, 1, 2), new(2, 4)),
            (new GroupNorm(0), new(4, 2)), (new GroupNorm(3), new(4, 2)), (new MaxPool1d(0), new(2, 4)), (new MaxPool1d(5), new(2, 4)),
            (new MaxPool1d(2), new(1, 2, 2)), (new MaxPool1d(2, 1, 2), new(1, 4)), (new MaxPool1d(2, 1, -2), new(1, 4)),
            (new MaxPool1d(2, -1), new(1, 4)), (new MaxPool2d(3), new(1, 2, 9)), (new AveragePool2d(0), new(1, 2, 9)),
            (new DepthwiseConv1d(3), new(1, 2)), (new DepthwiseConv2d(2, 0), new(1, 4, 4)), (new BatchNorm(0), new(3)),
            (new BatchNorm(0.1f, 0), new(3)), (new BatchNorm(float.NaN), new(3)), (new LayerNorm(-1), new(3)),
            (new LocalResponseNorm(-1), new(3)), (new LocalResponseNorm(1, 0), new(3)), (new LocalResponseNorm(1, 1, -1), new(3)),
            (new LocalResponseNorm(1, 1, 1, 0), new(3)), (new LeakyRelu(1), new(3)), (new LeakyRelu(-0.1f), new(3)),
            (new Dropout(1), new(3)), (new Dropout(-0.1f), new(3)), (new Dropout(float.NaN), new(3)), (new Flatten(), new(0, 4)),
            (new Residual(new Dense(3)), new(4)), (new Residual(), new(4)),
            (new Relu(), new(0, 4)), (new Relu(), new(1 << 20, 1 << 20)), (new Sequential(), new(2)),
            (new Sequential(new Relu(), null!), new(2)),
            (new Sequential(new Dense(4), new MaxPool1d(2)), new(2)), (new Scale(), new(2, 0)), (new Dense(2), default),
        })
        {
            Assert.ThrowsAny<ArgumentException>(() => layer.Plan(input));
        }

        var problem = Assert.Throws<ArgumentException>(() => new Sequential(new Dense(4), new MaxPool1d(2)).Plan(new(3)));
        Assert.Equal("layer 1 (max-pool 2) on [4]: expected at least 2 samples with padding, got 1", problem.Message);
    }

    /// <summary>Two rows suffice, but not for batch statistics: those of two equal values have no finite slope.</summary>
    private static LayerCase Checked(int place) => LayerCase.At(place).Plan.MixesRows ? LayerCase.At(place, 7) : LayerCase.At(place, 2);
    private static double[] Exact(float[] values) => Array.ConvertAll(values, v => (double)v);

    private static void Same(IEnumerable<float> expected, IEnumerable<float> actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));

    /// <summary>A number whose gradient by the outputs are the case's output gradients.</summary>
    private static double Value(LayerCase it, double[] weights, double[][] rows)
    {
        double sum = 0;
        var all = Naive.Batch(it.Layer, it.Input, weights, rows);
        for (var r = 0; r < rows.Length; r++)
        {
            var outputs = all[r];
            for (var o = 0; o < outputs.Length; o++) { sum += outputs[o] * it.OutputGradients[(r * outputs.Length) + o]; }
        }
        return sum;
    }

    /// <summary>Differences are exact to about 1e-8; the gradient is a float32 sum of up to some hundred products of about 1.</summary>
    private static double Tolerance(double expected) => 1e-5 * (1 + Math.Abs(expected));
}
