namespace StreamLearn.Learning.Tests;

public sealed class ChannelMomentsTests
{
    // AT-9a
    [Fact]
    public void Merged_over_ten_devices_they_equal_the_batch_value()
    {
        var random = new RandomStream(1, "moments");
        var all = new List<float>();
        ChannelMoments? merged = null;
        for (var device = 0; device < 10; device++)
        {
            var running = new RunningMoments(new(1));
            for (var row = 0; row < 50 + (30 * device); row++)
            {
                all.Add((float)((3 * random.NextGaussian()) + device));
                running.Add([all[^1]]);
            }
            merged = ChannelMoments.Merge(merged, running.Take());
        }

        var mean = all.Average(x => (double)x);
        Assert.Equal(all.Count, merged!.Count);
        Assert.Equal(mean, merged.Mean[0], 1e-9);
        Assert.Equal(all.Sum(x => (x - mean) * (x - mean)) / (all.Count - 1), merged.Variance(0), 1e-9);
    }

    [Theory, InlineData(37, long.MaxValue), InlineData(64, 20), InlineData(3, 20)]
    public void Added_in_vectors_they_have_the_bits_of_one_by_one(int channels, long most)
    {
        var random = new RandomStream(3, "moments");
        var running = new RunningMoments(new(channels), most);
        var (count, mean, m2) = (0L, new double[channels], new double[channels]);
        for (var r = 0; r < 100; r++)
        {
            float[] row = [.. Enumerable.Range(0, channels).Select(c => (float)((c + 1) * random.NextGaussian()))];
            running.Add(row);
            if (count < most) { count++; }
            else { m2 = [.. m2.Select(m => m * ((most - 1.0) / most))]; }
            for (var c = 0; c < channels; c++)
            {
                var difference = row[c] - mean[c];
                mean[c] += difference / count;
                m2[c] += difference * (row[c] - mean[c]);
            }
        }

        var moments = running.Take()!;
        Assert.Equal(count, moments.Count);
        Assert.Equal(mean, moments.Mean);
        Assert.Equal(m2, moments.M2);
    }

    // AT-9a: values in steps of 64, the spacing of float32 there, so that the sums below are exact in integers
    [Fact]
    public void A_million_values_of_mean_1e9_stay_exact()
    {
        const int Rows = 1_000_000;
        var random = new RandomStream(2, "moments");
        var running = new RunningMoments(new(1));
        ChannelMoments? merged = null;
        Int128 sum = 0, squares = 0;
        for (var row = 0; row < Rows; row++)
        {
            var step = random.NextInt32(200) - 100;
            (sum, squares) = (sum + step, squares + (step * step));
            running.Add([1e9f + (64 * step)]);
            if (row % 100_000 == 99_999) { merged = ChannelMoments.Merge(merged, running.Take()); }
        }

        var variance = 4096 * ((double)squares - ((double)sum * (double)sum / Rows)) / (Rows - 1);
        Assert.Equal(1, merged!.Variance(0) / variance, 1e-6);
        Assert.Equal(1, merged.Mean[0] / (1e9 + (64.0 * (double)sum / Rows)), 1e-12);
    }

    [Fact]
    public void Samples_of_one_row_count_each()
    {
        var running = new RunningMoments(new(2, 3));
        running.Add([1, 2, 3, 10, 20, 30]);
        var taken = running.Take()!;
        Assert.Equal(3, taken.Count);
        Assert.Equal([2.0, 20], taken.Mean);
        Assert.Equal([2.0, 200], taken.M2);
        Assert.Null(running.Take());
    }

    [Fact]
    public void Nothing_merged_with_something_is_that()
    {
        var some = new ChannelMoments(2, [1], [2]);
        var none = new ChannelMoments(0, [0], [0]);
        Assert.Same(some, ChannelMoments.Merge(null, some));
        Assert.Same(some, ChannelMoments.Merge(some, null));
        Assert.Same(some, ChannelMoments.Merge(none, some));
        Assert.Same(some, ChannelMoments.Merge(some, none));
        Assert.Null(ChannelMoments.Merge(null, null));
        Assert.Throws<ArgumentException>(() => ChannelMoments.Merge(some, new(1, [1, 2], [1, 2])));
    }

    [Fact]
    public void Below_two_rows_a_channel_is_not_scaled()
    {
        Assert.Equal(1, new ChannelMoments(1, [5], [0]).Inverse(0));
        Assert.Equal(1 / Math.Sqrt(4 + 1e-8), new ChannelMoments(3, [5], [8]).Inverse(0), 1e-15);
    }
}
