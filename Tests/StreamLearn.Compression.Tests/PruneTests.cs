namespace StreamLearn.Compression.Tests;

public sealed class PruneTests
{
    private static readonly Network Small = new(new(6), 3, [new Dense(8), new Relu()], [new(1, new Dense(3))], seed: 5);
    private static LoadedModel Model => new(Small, Small.Initial, ModelCard.Empty);

    /// <summary>By hand from equation 1: 0.8 (1 − (1 − i / 4)³) at every third step from 6 on.</summary>
    [Fact]
    public void The_schedule_is_that_of_the_paper()
    {
        var schedule = new PruneSchedule(0.8f, FirstStep: 6, Every: 3, Changes: 4);
        Assert.Equal([0f, 0f, 0.4625f, 0.7f, 0.7875f, 0.8f, 0.8f], new long[] { 5, 8, 9, 14, 15, 18, 100 }.Select(schedule.At));
        Assert.Equal([6, 9, 12, 15, 18], Enumerable.Range(0, 30).Where(s => schedule.IsDue(s)));
        Assert.Equal(0.3f, new PruneSchedule(0.8f, 0.3f).At(0));
    }

    [Fact]
    public void The_smallest_weights_become_zeros_and_biases_stay()
    {
        var pruned = Model.Prune(0.5f);
        foreach (var slice in Small.Plan.Slices)
        {
            var (before, after) = (slice.Of(Small.Initial.Values.AsSpan()).ToArray(), slice.Of(pruned.Weights.Values.AsSpan()).ToArray());
            var zeros = slice.Name.EndsWith(".weight", StringComparison.Ordinal) ? slice.Length / 2 : 0;
            Assert.Equal(zeros, after.Count(v => v == 0));
            var least = before.Where((_, i) => after[i] != 0).Min(MathF.Abs);
            Assert.All(before.Where((_, i) => after[i] == 0), v => Assert.InRange(MathF.Abs(v), 0, least));
            Assert.All(after.Index(), v => Assert.True(v.Item == 0 || v.Item == before[v.Index]));
        }
    }

    [Fact]
    public void Of_the_whole_network_the_smallest_may_all_lie_in_one_layer()
    {
        var values = Small.Initial.Values.ToArray();
        Small.Plan.Slices[0].Of(values.AsSpan()).Fill(0.01f);
        Small.Plan.Slices[2].Of(values.AsSpan()).Fill(1);
        var pruned = (Model with { Weights = Small.Initial with { Values = [.. values] } }).Prune(0.5f, acrossLayers: true);
        Assert.Equal(36, Small.Plan.Slices[0].Of(pruned.Weights.Values.AsSpan()).Count(0f));     // half of 48 + 24
        Assert.Equal(0, Small.Plan.Slices[2].Of(pruned.Weights.Values.AsSpan()).Count(0f));
    }

    [Fact]
    public void A_weight_near_the_threshold_keeps_its_side()
    {
        float[] values = [.. Enumerable.Range(1, Small.Plan.Values).Select(i => 1f + (i / 1000f))];
        var mask = new WeightMask(Small.Plan);
        mask.Cross(values, 0.5f, PruneScope.Layer, hysteresis: 0.9f);
        Assert.DoesNotContain(false, mask.Kept);
        mask.Cross(values, 0.5f, PruneScope.Layer, hysteresis: 0);
        Assert.Equal(24 + 12, mask.Kept.Count(kept => !kept));
        values[0] = 100;
        mask.Cross(values, 0.5f, PruneScope.Layer, hysteresis: 0.9f);
        Assert.True(mask.Kept[0]);      // it has grown back
        Assert.False(mask.Kept[1]);
    }

    [Fact]
    public void The_smallest_make_place_for_those_of_the_largest_gradient()
    {
        float[] values = [.. Enumerable.Range(1, Small.Plan.Values).Select(i => (float)i)];
        var (mask, gradients) = (new WeightMask(Small.Plan), new float[values.Length]);
        mask.KeepLargest(values, 0.5f, PruneScope.Layer);
        (gradients[3], gradients[7]) = (5, -9);
        mask.Exchange(values, gradients, 0.1);
        Assert.Equal((true, true, false, false), (mask.Kept[3], mask.Kept[7], mask.Kept[24], mask.Kept[25]));
        Assert.Equal((0, 0), (values[3], values[7]));
        Assert.Equal(24 + 12, mask.Kept.Count(kept => !kept));
    }

    /// <summary>The units that are left out are made to have no effect: then the answers are the same.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Without_units_that_do_nothing_a_network_answers_the_same(bool byGain)
    {
        var network = new Network(new(2, 8, 8), 3,
            [
                new Conv2d(4, 3, 1, 1), new BatchNorm(), new Relu(), new MaxPool2d(2),
                new Sequential(new Conv2d(6, 3), new BatchNorm(), new LeakyRelu()), new Flatten(), new Dense(8), new Tanh(),
            ],
            [new(3, new Sequential(new GlobalMean(), new Dense(3))), new(7, new Dense(3))], seed: 3);
        var values = network.Initial.Values.ToArray();
        foreach (var (name, units) in new[] { ("0.conv2d", 4), ("4.0.conv2d", 6), ("6.dense", 8) })
        {
            foreach (var slice in network.Plan.Slices.Where(s => s.Name.StartsWith($"{name}.", StringComparison.Ordinal)))
            {
                for (var i = 0; i < slice.Length; i++) { values[slice.Offset + i] *= i % units < units / 2 ? 0 : 1; }
            }
        }

        foreach (var slice in network.Plan.Slices.Where(s => s.Name.EndsWith("batch-norm.gain", StringComparison.Ordinal)))
        {
            slice.Of(values.AsSpan())[..(slice.Length / 2)].Clear();
        }

        var whole = new LoadedModel(network, network.Initial with { Values = [.. values] }, ModelCard.Empty);
        var smaller = whole.PruneUnits(0.5f, byGain);

        Assert.InRange(smaller.Model.Plan.Values, 1, network.Plan.Values / 2);
        Assert.Equal(Answers(whole), Answers(smaller), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    /// <summary>Each group of the norm has every channel twice, and the head reads the first ones alone: without the others its mean and
    /// variance are the same, and so are the answers.</summary>
    [Fact]
    public void Before_a_group_norm_every_group_loses_as_many_channels()
    {
        var network = new Network(
            new(2, 64), 3, [new Conv1d(8, 3), new GroupNorm(2), new Relu()], [new(2, new Sequential(new GlobalMeanMax(), new Dense(3)))]);
        var values = network.Initial.Values.ToArray();
        foreach (var slice in network.Plan.Slices)
        {
            var own = slice.Of(values.AsSpan());
            if (slice.Name.StartsWith("0.conv1d", StringComparison.Ordinal))
            {
                for (var i = 0; i < own.Length; i++) { own[i] = i % 4 > 1 ? own[i - 2] : MathF.Sign(own[i]) / (i % 8 > 3 ? 9f : 3f); }
            }
            if (slice.Name.EndsWith("dense.weight", StringComparison.Ordinal))
            {
                for (var i = 0; i < own.Length; i++) { own[i] *= i / 3 % 4 > 1 ? 0 : 1; }
            }
        }

        var whole = new LoadedModel(network, network.Initial with { Values = [.. values] }, ModelCard.Empty);
        var smaller = whole.PruneUnits(0.5f);

        Assert.Equal(4, ((Conv1d)((Network)smaller.Model).Layers[0]).Filters);
        Assert.Equal(Answers(whole), Answers(smaller), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void What_has_no_units_to_lose_is_refused_by_name()
    {
        var network = new Network(new(4), 2, [new Residual(new Dense(4))], [new(0, new Dense(2))]);
        var linear = new LinearModel(3, new SquaredError());
        Assert.Contains("residual", Assert.Throws<NotSupportedException>(
            () => new LoadedModel(network, network.Initial, ModelCard.Empty).PruneUnits(0.5f)).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Throws<NotSupportedException>(() => new LoadedModel(linear, linear.Initial, ModelCard.Empty).Prune(0.5f));
        Assert.Throws<ArgumentException>(() => Model.Prune(1));
        Assert.Throws<ArgumentException>(() => (Model with { Weights = network.Initial }).Prune(0.5f));
    }

    [Theory, InlineData(1), InlineData(15), InlineData(50)]
    public void Packed_layers_answer_with_the_bits_of_the_network(int rows)
    {
        var network = new Network(new(37), 5, [new Dense(45), new Relu(), new LowBitDense(33), new BatchNorm(), new Dense(64), new Relu()],
            [new(5, new Dense(5))], seed: 8);
        var (pruned, random) = (new LoadedModel(network, network.Initial, ModelCard.Empty).Prune(0.9f), new RandomStream(1, "rows"));
        var packed = new PackedNetwork(network);
        float[] inputs = [.. Enumerable.Range(0, rows * 37).Select(i => i % 5 == 0 ? 0 : (float)random.NextGaussian())];
        float[] expected = new float[rows * 5], given = new float[rows * 5];
        var values = pruned.Weights.Values.AsSpan();
        network.Infer(values, new(inputs, rows), expected, new());
        packed.Infer(pruned.Weights, values, new(inputs, rows), given, new());
        Assert.Equal(3, packed.PackedLayers(pruned.Weights));
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), given.Select(BitConverter.SingleToInt32Bits));
    }

    private static float[] Answers(LoadedModel model)
    {
        var (random, rows) = (new RandomStream(9, "rows"), 5);
        float[] inputs = [.. Enumerable.Range(0, rows * model.Model.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        var answers = new float[((Network)model.Model).Exits.Length * rows * 3];
        ((Network)model.Model).Logits(model.Weights.Values.AsSpan(), new(inputs, rows), answers, new());
        return answers;
    }
}
