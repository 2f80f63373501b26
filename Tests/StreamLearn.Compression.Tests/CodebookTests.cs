namespace StreamLearn.Compression.Tests;

public sealed class CodebookTests
{
    private static readonly Network Small = new(new(6), 3, [new Dense(40), new Relu()], [new(1, new Dense(3))], seed: 5);
    private static readonly LoadedModel Model = new(Small, Small.Initial, ModelCard.Empty);

    [Fact]
    public void The_best_start_is_no_worse_than_any()
    {
        var random = new RandomStream(4, "values");
        float[] values = [.. Enumerable.Range(0, 500).Select(_ => (float)Math.Pow(random.NextGaussian(), 3))];
        var best = Codebook.Fit(values, 8).SquaredError(values);
        foreach (var start in new[] { CentroidStart.Linear, CentroidStart.Density, CentroidStart.Random })
        {
            var book = Codebook.Fit(values, 8, start);
            Assert.InRange(best, 0, book.SquaredError(values));
            Assert.Equal(book.Centroids.Order(), book.Centroids);
            Assert.All(values, v => Assert.Equal(
                book.Centroids.Min(c => Math.Abs((double)c - v)), Math.Abs((double)book.Centroids[book.IndexOf(v)] - v), 1e-6));
        }
    }

    [Fact]
    public void As_many_centroids_as_values_lose_nothing_and_one_is_their_mean()
    {
        float[] values = [3, -1, 0.5f, 8];
        Assert.Equal(0, Codebook.Fit(values, 4, CentroidStart.Density).SquaredError(values));
        Assert.Equal([2.625f], Codebook.Fit(values, 1).Centroids);
        Assert.Equal([5f, 5f], Codebook.Fit([5, 5, 5], 2).Centroids);
        Assert.Throws<ArgumentException>(() => Codebook.Fit([], 2));
        Assert.Throws<ArgumentException>(() => Codebook.Fit([float.NaN], 2));
    }

    [Fact]
    public void Weights_of_one_value_move_together_and_zeros_stay()
    {
        var random = new RandomStream(2, "rows");
        float[] features = [.. Enumerable.Range(0, 60 * 6).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, 60).Select(r => features[r * 6] > 0 ? 0 : features[(r * 6) + 1] > 0 ? 1 : 2)];
        var shared = Model.Prune(0.5f).ShareWeights(denseBits: 2);
        var tuned = shared.TuneCentroids(new(features, labels), new() { Optimizer = new Sgd(0.001f, 0.9f), Steps = 100 });
        foreach (var slice in Small.Plan.Slices.Where(s => s.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            var before = slice.Of(shared.Weights.Values.AsSpan()).ToArray();
            var pairs = before.Zip(slice.Of(tuned.Weights.Values.AsSpan()).ToArray()).Distinct().ToArray();
            Assert.Equal(5, pairs.Length);      // four centroids and zero, each of one value before and after
            Assert.Contains((0f, 0f), pairs);
            Assert.Contains(pairs, p => p.First != p.Second);
        }

        Assert.True(Loss(tuned) < Loss(shared));

        float Loss(LoadedModel model) =>
            Small.Loss(model.Weights.Values.AsSpan(), new(features, labels), new float[Small.Plan.Values], new());
    }

    /// <summary>The gradients of figure 3 of the paper: the centroids move by their sums.</summary>
    [Fact]
    public void Gradients_are_summed_by_centroid()
    {
        float[] gradients =
            [-0.03f, -0.01f, 0.03f, 0.02f, -0.01f, 0.01f, -0.02f, 0.12f, -0.01f, 0.02f, 0.04f, 0.01f, -0.07f, -0.02f, 0.01f, -0.02f];
        float[] shared = [2, -1, 1.5f, 0.01f, 0.01f, 0.01f, -1, 2, -1, 2, 0.01f, -1, 2, 0.01f, 1.5f, 1.5f];
        var dense = new Network(new(16), 2, [new Dense(1)], [new(0, new Dense(2))]);
        float[] values = new float[dense.Plan.Values], all = new float[dense.Plan.Values];
        shared.CopyTo(values, 0);
        gradients.CopyTo(all, 0);
        new CentroidRule(dense.Plan, values, static slice => slice.Name.EndsWith(".weight", StringComparison.Ordinal) ? 32 : 0).Change(all);

        float Of(float centroid) => all[Array.IndexOf(shared, centroid)];
        Assert.Equal([0.04, 0.02, 0.04, -0.03], new[] { 2, 1.5f, 0.01f, -1 }.Select(c => Math.Round(Of(c), 6)));
        Assert.Equal(0.04f, all[12]);
    }

    public static TheoryData<string, float[]> Slices => new()
    {
        { "zeros", new float[600] }, { "one far away", [.. new float[599], 2.5f] },
        { "two values", [.. Enumerable.Range(0, 600).Select(i => i % 7 == 0 ? 1f : -3)] },
        { "sparse", [.. Enumerable.Range(0, 600).Select(i => i % 41 == 0 ? i % 3 + 1f : 0)] },
        { "minus zero", [.. Enumerable.Range(0, 600).Select(i => i % 5 == 0 ? -0f : 0)] },
        { "all different", [.. Enumerable.Range(0, 600).Select(i => i * 0.37f)] },
        { "many zeros, the rest different", [.. Enumerable.Range(0, 605).Select(i => i % 2 == 0 ? (i * 0.37f) + 1 : 0)] },
        { "sizes of outputs", [.. Enumerable.Range(0, 600).Select(i => (i % 2 == 0 ? 1 : -1) * (1 + (i % 3) * 0.1f))] },
    };

    [Theory, MemberData(nameof(Slices))]
    public void Values_come_back_with_their_bits_and_a_cut_file_never_does(string what, float[] values)
    {
        var plan = new ModelPlan(new(1), 1, 1, [("0.dense.weight", SliceKind.Trained, values.Length)]);
        var bytes = CompressedValues.Code.Encode(plan, values);
        var back = new float[values.Length];
        Assert.True(CompressedValues.Code.TryDecode(plan, bytes, back), what);
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), back.Select(BitConverter.SingleToInt32Bits));
        Assert.InRange(bytes.Length, 1, 1 + (4 * values.Length));
        if (what.StartsWith("many zeros", StringComparison.Ordinal)) { Assert.InRange(bytes.Length, 1, 1 + (5 * values.Length / 2)); }
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(CompressedValues.Code.TryDecode(plan, bytes.AsSpan(0, length), back), $"{what}: {length} of {bytes.Length} bytes");
        }

        Assert.False(CompressedValues.Code.TryDecode(plan, [.. bytes, 0], back));
    }

    [Fact]
    public void Damaged_values_are_read_or_refused_but_never_throw()
    {
        var (plan, random) = (Small.Plan, new RandomStream(6, "damage"));
        var bytes = CompressedValues.Code.Encode(plan, Model.Prune(0.8f).ShareWeights().Weights.Values.AsSpan());
        var (values, refused) = (new float[plan.Values], 0);
        for (var i = 0; i < 3000; i++)
        {
            var damaged = bytes.ToArray();
            for (var n = random.NextInt32(3); n >= 0; n--) { damaged[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256); }
            refused += CompressedValues.Code.TryDecode(plan, damaged, values) ? 0 : 1;
        }
        Assert.InRange(refused, 1, 3000);
    }

    [Fact]
    public void A_file_is_loaded_with_its_code_alone_and_damage_is_a_typed_error()
    {
        var model = Model.Prune(0.8f).ShareWeights() with { Card = new() { Labels = ["a", "b", "c"] } };
        var file = CompressedValues.Save(model);
        var loaded = CompressedValues.Load(file);
        Assert.Equal((model.Weights.Sha256(), model.Card, Small.Plan.SchemaHash),
            (loaded.Weights.Sha256(), loaded.Card, loaded.Model.Plan.SchemaHash));
        Assert.Contains("compressed/1", Assert.Throws<ModelFormatException>(() => ModelFile.Load(file)).Message, StringComparison.Ordinal);
        Assert.Equal(model.Weights.Sha256(), CompressedValues.Load(ModelFile.Save(Small, model.Weights)).Weights.Sha256());
        var random = new RandomStream(3, "damage");
        for (var i = 0; i < 300; i++)
        {
            var damaged = file.ToArray();
            damaged[random.NextInt32(file.Length)] ^= (byte)(1 << random.NextInt32(8));
            Assert.Throws<ModelFormatException>(() => CompressedValues.Load(damaged));
            Assert.Throws<ModelFormatException>(() => CompressedValues.Load(file[..random.NextInt32(file.Length)]));
        }
    }
}
