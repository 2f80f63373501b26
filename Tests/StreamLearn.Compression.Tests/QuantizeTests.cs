namespace StreamLearn.Compression.Tests;

/// <summary>Ranges of activations, what is refused, and training with rounded layers.</summary>
public sealed class QuantizeTests
{
    [Theory]
    [InlineData(Calibration.MinMax), InlineData(Calibration.Average), InlineData(Calibration.Percentile)]
    [InlineData(Calibration.Entropy)]
    public void Every_calibration_gives_answers_near_those_of_float32(Calibration calibration)
    {
        var (model, rows, count) = Int8Tests.Made("conv1d");
        var exact = Int8Tests.Answers(model.Model, model, rows, count);
        var small = model.Quantize(new Sample(rows, count), new() { Calibration = calibration, CalibrationRows = 100 });
        var answers = Int8Tests.Answers(small.Model, small, rows, count);
        Assert.InRange(answers.Zip(exact, static (a, b) => Math.Abs(a - b)).Average(), 0, 0.01);
    }

    [Fact]
    public void A_percentile_leaves_out_a_value_in_a_hundred_thousand_and_the_greatest_does_not()
    {
        var histogram = new MagnitudeHistogram(1000);
        histogram.Add([.. Enumerable.Range(1, 100_000).Select(static i => i / 100_000f), 1000]);
        Assert.InRange(histogram.Holding(0.9999), 0.9f, 1.5f);        // a bin is half wide
        Assert.Equal(1000, histogram.Holding(1));
    }

    [Fact]
    public void Entropy_clamps_a_long_tail_and_keeps_what_is_even()
    {
        var (tailed, even) = (new MagnitudeHistogram(100), new MagnitudeHistogram(1));
        var random = new RandomStream(1, "tail");
        tailed.Add([.. Enumerable.Range(0, 50_000).Select(_ => (float)random.NextGaussian()), 100]);
        even.Add([.. Enumerable.Range(0, 50_000).Select(static i => i / 50_000f)]);
        Assert.InRange(tailed.MinLoss(128), 3, 15);
        Assert.InRange(even.MinLoss(256), 0.95f, 1);
        Assert.Equal(5, new MagnitudeHistogram(5).MinLoss(128));
    }

    [Fact]
    public void A_row_with_NaN_is_answered_with_NaN_and_its_neighbors_as_ever()
    {
        var (model, rows, count) = Int8Tests.Made("conv1d");
        var small = model.Quantize(new Sample(rows, count));
        var expected = Int8Tests.Answers(small.Model, small, rows, count);
        rows[(3 * 150) + 7] = float.NaN;
        var answers = Int8Tests.Answers(small.Model, small, rows, count);
        var simulated = Int8Tests.Answers(((Int8Network)small.Model).Rounded, small, rows, count);
        Assert.All(answers[12..16].Concat(simulated[12..16]), static value => Assert.True(float.IsNaN(value)));
        Assert.Equal([.. expected[..12], .. expected[16..]], (float[])[.. answers[..12], .. answers[16..]]);
    }

    [Theory, InlineData(0), InlineData(2.5f), InlineData(-1e-30f), InlineData(1e-44f)]
    public void Constant_rows_calibrate_and_are_answered(float value)
    {
        var (model, rows, _) = Int8Tests.Made("dense");
        rows = [.. Enumerable.Repeat(value, 10 * 37)];
        var small = model.Quantize(new Sample(rows, 10));
        var (answers, exact) = (Int8Tests.Answers(small.Model, small, rows, 10), Int8Tests.Answers(model.Model, model, rows, 10));
        for (var i = 0; i < exact.Length; i++) { Assert.Equal(exact[i], answers[i], 0.05f); }
    }

    /// <summary>Of weights that a norm or decay has made tiny, the bias is all that is left.</summary>
    [Theory, InlineData(0), InlineData(1e-12f), InlineData(-1e-39f)]
    public void Weights_of_nearly_nothing_answer_with_biases(float weight)
    {
        var (model, rows, count) = Int8Tests.Made("one");
        var zeros = model with { Weights = model.Weights with { Values = [weight, 0.3f, weight, weight, 1, 2] } };
        var small = zeros.Quantize(new Sample(rows, count));
        Assert.Equal(1 / (1 + Math.Exp(-1)), Int8Tests.Answers(small.Model, small, rows, count)[1], 1e-6);
    }

    [Fact]
    public void What_has_no_integers_is_refused_by_name()
    {
        var rows = new float[16];
        var around = new Network(new(4), 2, [new Residual(new Dense(4))], [new(0, new Dense(2))]);
        var bare = new Network(new(4), 4, [new Relu()], [new(0, new Flatten())]);
        var regression = new SoftmaxRegression(4, 2);
        var good = new Network(new(4), 2, [new Relu()], [new(0, new Dense(2))]);
        var once = Of(good).Quantize(new Sample(rows, 4));

        Assert.Contains("residual",
            Assert.Throws<NotSupportedException>(() => Of(around).Quantize(new Sample(rows, 4))).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Of(bare).Quantize(new Sample(rows, 4)));
        Assert.Throws<NotSupportedException>(() => Of(regression).Quantize(new Sample(rows, 4)));
        Assert.Throws<NotSupportedException>(() => once.Quantize(new Sample(rows, 4)));
        Assert.Throws<NotSupportedException>(() => (once with { Model = ((Int8Network)once.Model).Rounded }).Quantize(new Sample(rows, 4)));
        Assert.Throws<ArgumentException>(() => Of(good).Quantize(new Sample([], 0)));
        Assert.Throws<ArgumentException>(() => Of(good).Quantize(new Sample([.. rows[1..], float.NaN], 4)));
        Assert.Throws<ArgumentException>(() => new Int8Network(good));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(good).Quantize(new Sample(rows, 4), new() { CalibrationRows = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(good).QuantizeAware(new Sample(rows, new int[4]), new() { Delay = 1.1 }));

        static LoadedModel Of(IModel model) => new(model, model.Initial, ModelCard.Empty);
    }

    /// <summary>An exit takes what a layer gives before its norm.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void A_norm_is_folded_into_the_layer_before_unless_an_exit_comes_between(bool hasExit)
    {
        Exit last = new(3, new Dense(2));
        Network network = new(new(4), 2, [new Dense(4), new Dropout(0.5f), new BatchNorm(), new Relu()],
            hasExit ? [new(0, new Dense(2)), last] : [last]);
        var small = new LoadedModel(network, network.Initial, ModelCard.Empty).Quantize(new Sample(new float[16], 4));
        var rounded = ((Int8Network)small.Model).Rounded;
        Assert.Equal(network.Exits.Length, rounded.Exits.Length);
        Assert.Equal(hasExit, rounded.Layers.Any(static layer => layer is BatchNorm));
    }

    [Fact]
    public void Training_on_lowers_the_loss_of_the_rounded_network_and_moves_its_ranges()
    {
        var (model, rows, count) = Int8Tests.Made("conv1d");
        int[] labels = [.. Enumerable.Range(0, count).Select(r => rows[r * 150] > 0 ? 1 : rows[(r * 150) + 60] > 0 ? 2 : 3)];
        var options = new QuantizeAwareOptions { Epochs = 6, BatchRows = 10, Optimizer = new Adam(0.003f), Momentum = 0.1f };
        var before = model.Quantize(new Sample(rows, labels));
        var after = model.QuantizeAware(new Sample(rows, labels), options);
        var late = model.QuantizeAware(new Sample(rows, labels), options with { Delay = 1 });
        Assert.InRange(Loss(after), 0, Loss(before) - 0.05f);
        Assert.NotEqual(after.Weights.Values, late.Weights.Values);         // activations were rounded in the one alone
        Assert.Equal(after.Weights.Values, model.QuantizeAware(new Sample(rows, labels), options).Weights.Values);
        var range = after.Model.Plan.Slices.Last(static s => s.Name.EndsWith("high", StringComparison.Ordinal));
        Assert.NotEqual(range.Of(before.Weights.Values.AsSpan())[0], range.Of(after.Weights.Values.AsSpan())[0]);

        float Loss(LoadedModel it) => it.Model.Loss(it.Weights.Values.AsSpan(), new(rows, labels), new float[it.Model.Plan.Values], new());
    }

    [Fact]
    public void Answers_allocate_nothing_once_a_version_is_laid_out()
    {
        var (model, rows, count) = Int8Tests.Made("conv2d");
        var small = model.Quantize(new Sample(rows, count));
        var (outputs, memory, values) = (new float[count * 4], new Workspace(), small.Weights.Values.ToArray());
        small.Model.Infer(small.Weights, values, new(rows, count), outputs, memory);
        var before = GC.GetAllocatedBytesForCurrentThread();
        small.Model.Infer(small.Weights, values, new(rows, count), outputs, memory);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
