namespace StreamLearn.Fleets.Tests;

public sealed class RobustTests
{
    [Theory]
    [InlineData(new float[] { 5, -100, 1, 3, 90 }, 3)]
    [InlineData(new float[] { 4, 1, -100, 2 }, 1.5)]
    [InlineData(new float[] { 7 }, 7)]
    public void The_median_is_that_of_every_value(float[] values, double median)
    {
        using var probe = Updates.Probe(new FedMedian(values.Length), new() { MaxNorm = 1000 });
        for (var i = 0; i < values.Length; i++) { probe.Send(Updates.Of($"device-{i}", 1, values[i], samples: 1 + (100 * i))); }
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(median, moved, 1e-5));
    }

    [Fact]
    public void The_trimmed_mean_leaves_out_a_share_at_either_end_of_every_value()
    {
        using var probe = Updates.Probe(new FedTrimmedMean(5, Trimmed: 0.2), new() { MaxNorm = 1000 });
        float[][] values = [[1, 9, 0, 0], [2, 8, 0, 0], [3, 7, 0, 0], [100, 6, 0, 0], [-100, 500, 0, 5]];
        for (var i = 0; i < 5; i++) { probe.Send(Updates.Of($"device-{i}", 1, 0) with { Values = [0, 0, .. values[i]] }); }
        var moved = Updates.Moved(probe.Take<Weights>());
        Assert.Equal([2, 8, 0, 0], moved, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Without_trimming_it_is_the_plain_mean_times_the_rate()
    {
        using var probe = Updates.Probe(new FedTrimmedMean(2, Trimmed: 0, LearningRate: 0.5f));
        probe.Send(Updates.Of("a", 1, 1, samples: 1000), Updates.Of("b", 1, 3, samples: 1));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1, moved, 1e-6f));
    }

    [Fact]
    public void A_share_of_one_half_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedTrimmedMean(5, Trimmed: 0.5)));

    [Fact]
    public void What_brings_moments_alone_is_not_in_the_set()
    {
        using var probe = Updates.Probe(new FedMedian(3) { MinFraction = 0 });
        probe.Send(Updates.Of("a", 1, 0, samples: 0) with { Moments = new(1, [1], [0]) }, Updates.Of("b", 1, 2));
        probe.Send(Updates.Of("c", 1, 4));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(3, moved, 1e-6f));
    }
}
