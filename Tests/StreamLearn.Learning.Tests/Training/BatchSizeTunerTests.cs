using static StreamLearn.Models.Tests.MaskedNetwork;

namespace StreamLearn.Learning.Tests;

public sealed class BatchSizeTunerTests
{
    [Fact]
    public void The_most_rows_are_the_last_that_fit()
    {
        var (network, optimizer) = (Images.Network, new Adam(0.01f));
        var fixedBytes = network.Memory(1, optimizer).TrainingBytes;
        Assert.Equal(0, BatchSizeTuner.MaxRows(network, optimizer, fixedBytes - 1));
        Assert.Equal(1, BatchSizeTuner.MaxRows(network, optimizer, fixedBytes));
        Assert.Equal(300, BatchSizeTuner.MaxRows(network, optimizer, long.MaxValue, most: 300));
        foreach (var rows in new[] { 2, 9, 33 })
        {
            var bytes = network.Memory(rows, optimizer).TrainingBytes;
            Assert.Equal(rows, BatchSizeTuner.MaxRows(network, optimizer, bytes));
            Assert.Equal(rows - 1, BatchSizeTuner.MaxRows(network, optimizer, bytes - 1));
        }
    }

    [Fact]
    public void Rows_are_doubled_until_throughput_hardly_grows()
    {
        var asked = new List<int>();
        int Best(int most, Func<int, double> rate)
        {
            asked.Clear();
            return BatchSizeTuner.BestThroughput(most, rows =>
            {
                asked.Add(rows);
                return rate(rows);
            });
        }

        Assert.Equal(32, Best(1000, rows => Math.Min(rows, 32) * 100.0));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64], asked);
        Assert.Equal(100, Best(100, rows => rows));         // memory ends between two doublings
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 100], asked);
        Assert.Equal(2, Best(64, rows => rows == 1 ? 100 : rows == 2 ? 104 : 50));      // better, but not by enough to go on
        Assert.Equal(1, Best(64, rows => 100.0 / rows));
        Assert.Equal(1, Best(1, _ => 1));
        Assert.Equal([1], asked);
    }

    [Fact]
    public void The_noise_scale_is_that_of_known_noise()
    {
        const double Signal = 4, Noise = 60;        // |g|² of B rows has the mean |G|² + tr(Σ) / B
        Assert.Equal(Noise / Signal, BatchSizeTuner.NoiseScale(8, Signal + (Noise / 8), 64, Signal + (Noise / 64)), 1e-12);
        Assert.Equal(0, BatchSizeTuner.NoiseScale(8, 4, 64, 4));
        Assert.Equal(double.PositiveInfinity, BatchSizeTuner.NoiseScale(8, 1, 64, 0.01));
        Assert.Equal(15, BatchSizeTuner.Choose(100, 15));
        Assert.Equal(10, BatchSizeTuner.Choose(10, 15));
        Assert.Equal(100, BatchSizeTuner.Choose(100, double.PositiveInfinity));
        Assert.Equal(1, BatchSizeTuner.Choose(100, 0));
    }

    [Fact]
    public void The_noise_scale_of_gradients_is_that_of_single_rows()
    {
        var (network, memory) = (Images.Network, new Workspace());
        var (size, random) = (network.Plan.Input.Size, new RandomStream(9, "noise"));
        var (features, labels) = (new float[256 * size], new int[256]);
        foreach (ref var value in features.AsSpan()) { value = (float)random.NextGaussian(); }
        foreach (ref var label in labels.AsSpan()) { label = random.NextInt32(4); }
        double Square(int from, int rows)
        {
            var gradients = new float[network.Plan.Values];
            network.Loss(Images.Weights, new(features.AsSpan(from * size, rows * size), labels.AsSpan(from, rows)), gradients, memory);
            return BatchSizeTuner.SquaredNorm(network.Plan, gradients);
        }

        var (single, all) = (Enumerable.Range(0, 256).Average(r => Square(r, 1)), Square(0, 256));
        var variance = (single - all) * 256 / 255;      // of a row about the mean: tr(Σ) without bias; the mean has 1/256 of it
        var expected = variance / (all - (variance / 256));
        Assert.Equal(expected, BatchSizeTuner.NoiseScale(1, single, 256, all), 1e-9 * expected);
        // small batches of 16 instead: the same within the scatter of 16 of them
        var few = Enumerable.Range(0, 16).Average(b => Square(16 * b, 16));
        Assert.InRange(BatchSizeTuner.NoiseScale(16, few, 256, all) / BatchSizeTuner.NoiseScale(1, single, 256, all), 0.5, 2);
    }

    [Theory]
    [InlineData(19, 19, 1, 19), InlineData(19, 18, 2, 10), InlineData(19, 5, 4, 5), InlineData(19, 1, 19, 1)]
    [InlineData(64, 100, 1, 64)]
    public void A_step_that_does_not_fit_is_taken_in_even_parts_whose_gradients_add_up(int target, int most, int count, int rows)
    {
        var parts = BatchSizeTuner.Parts(target, most);
        Assert.Equal((count, rows), (parts.Count, parts.Rows));
        Assert.Equal(target, Enumerable.Range(0, parts.Count).Sum(parts.RowsOf));
        Assert.All(Enumerable.Range(0, parts.Count), part => Assert.InRange(parts.RowsOf(part), 1, most));
        if (target != Images.Rows) { return; }

        var (network, size) = (Images.Network, Images.Network.Plan.Input.Size);
        float[] whole = new float[network.Plan.Values], sum = new float[whole.Length], gradients = new float[whole.Length];
        network.Loss(Images.Weights, Images.Batch, whole, new());
        for (var part = 0; part < parts.Count; part++)
        {
            var (from, of) = (part * parts.Rows, parts.RowsOf(part));
            network.Loss(Images.Weights, new(Images.Features.AsSpan(from * size, of * size), Images.Labels.AsSpan(from, of)), gradients,
                new());
            for (var i = 0; i < sum.Length; i++) { sum[i] += parts.WeightOf(part) * gradients[i]; }
        }

        // float32 sums of other order
        for (var i = 0; i < sum.Length; i++) { Assert.Equal(whole[i], sum[i], 1e-6f + (1e-5f * MathF.Abs(whole[i]))); }
    }

    [Fact]
    public void The_rate_follows_the_rows_over_a_hundred_steps()
    {
        Assert.Equal(0.1f, BatchSizeTuner.Rate(0.1f, 16, 64, RateScaling.Linear, 0));
        Assert.Equal(0.25f, BatchSizeTuner.Rate(0.1f, 16, 64, RateScaling.Linear, 50));
        Assert.Equal(0.4f, BatchSizeTuner.Rate(0.1f, 16, 64, RateScaling.Linear, 100));
        Assert.Equal(0.4f, BatchSizeTuner.Rate(0.1f, 16, 64, RateScaling.Linear, 100_000));
        Assert.Equal(0.2f, BatchSizeTuner.Rate(0.1f, 16, 64, RateScaling.SquareRoot, 100));
        Assert.Equal(0.05f, BatchSizeTuner.Rate(0.1f, 64, 16, RateScaling.SquareRoot, 100));
        Assert.Equal(0.1f, BatchSizeTuner.Rate(0.1f, 16, 64, RateScaling.None, 100));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchSizeTuner.MaxRows(Images.Network, new Sgd(0.1f), 1, most: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchSizeTuner.BestThroughput(0, _ => 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchSizeTuner.NoiseScale(8, 1, 8, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchSizeTuner.Parts(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchSizeTuner.Parts(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchSizeTuner.Rate(1, 0, 1, RateScaling.Linear, 0));
    }
}
