namespace StreamLearn.Models.Tests;

/// <summary>Centers that count the rows they win, and move by 1/count.</summary>
public sealed class KMeansTests
{
    private static readonly Sgd Optimizer = new(0.1f);

    [Fact]
    public void One_center_is_the_mean_of_all_rows_and_a_batch_has_the_bits_of_its_rows()
    {
        var model = new KMeans(5, 1, counts: true);
        var (rows, random) = (new float[40 * 5], new RandomStream(3, "rows"));
        foreach (ref var value in rows.AsSpan()) { value = (float)random.NextGaussian() + 2; }
        float[] byRow = [.. model.Initial.Values], byBatch = [.. byRow], whole = [.. byRow];
        for (var r = 0; r < 40; r++) { Step(model, byRow, rows.AsSpan(r * 5, 5)); }
        for (var r = 0; r < 40; r += 8) { Step(model, byBatch, rows.AsSpan(r * 5, 8 * 5)); }
        Step(model, whole, rows);
        MaskedNetwork.Same(byRow, byBatch);
        MaskedNetwork.Same(byRow, whole);
        Assert.Equal(40, byRow[^1]);
        for (var k = 0; k < 5; k++)
        {
            Assert.Equal(Enumerable.Range(0, 40).Average(r => (double)rows[(r * 5) + k]), byRow[k], 1e-6);      // float32, 40 moves
        }
    }

    [Fact]
    public void Centers_far_apart_are_the_means_of_their_rows()
    {
        var model = new KMeans(1, 2, counts: true);
        float[] weights = [-100, 100, 0, 0];
        Assert.Equal(0.5f * (((99 * 99) + (97 * 97) + (95 * 95)) / 3f), Step(model, weights, [-1, 3, 5]), 1e-3f);
        Assert.Equal([-1, 4, 1, 2], weights);
        Step(model, weights, [-4, 10]);
        Assert.Equal([-2.5f, 6, 2, 3], weights);
    }

    [Fact]
    public void Rows_of_a_batch_choose_before_any_center_moves()
    {
        var model = new KMeans(1, 2, counts: true);
        float[] batch = [0, 10, 0, 0], rows = [0, 10, 0, 0];
        Step(model, batch, [4, 6]);
        Step(model, rows, [4]);
        Step(model, rows, [6]);
        Assert.Equal([4, 6, 1, 1], batch);
        Assert.Equal([5, 10, 2, 0], rows);      // 4 has drawn the first center so near that it wins 6 too
    }

    [Fact]
    public void A_batch_that_is_not_finite_changes_nothing()
    {
        var model = new KMeans(1, 2, counts: true);
        float[] weights = [0, 10, 3, 4], before = [.. weights];
        Assert.False(float.IsFinite(Step(model, weights, [1, float.NaN])));
        Assert.Equal(before, weights);
    }

    [Fact]
    public void Loss_gives_the_gradient_and_the_new_counts()
    {
        var (model, plain) = (new KMeans(1, 2, counts: true), new KMeans(1, 2));
        float[] gradients = [9, 9, 9, 9], expected = new float[2];
        var loss = model.Loss([0, 10, 3, 4], new(new float[] { 4, 6, 7 }, 3), gradients, new());
        Assert.Equal(plain.Loss([0, 10], new(new float[] { 4, 6, 7 }, 3), expected, new()), loss);
        Assert.Equal([.. expected, 4, 6], gradients);
        Assert.NotEqual(plain.Plan.SchemaHash, model.Plan.SchemaHash);
        Assert.NotEqual(plain, new(1, 2, counts: true));
        Assert.NotEqual(plain, new(1, 2, seed: 1));
        Assert.Equal("k-means 1→2 counting seed 0", model.ToString());
    }

    private static float Step(KMeans model, float[] weights, ReadOnlySpan<float> rows) => model.Step(
        weights, new(rows, rows.Length / model.Plan.Input.Size), Optimizer, new float[weights.Length], 1, new float[weights.Length], new());
}
