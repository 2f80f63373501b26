namespace StreamLearn.Operators.Tests;

/// <summary>A glitch in a channel and its scale.</summary>
public sealed class GlitchTests
{
    private const int WarmUp = 256;

    [Theory]
    [InlineData(3, 1e10f)]              // while the first values are not judged yet
    [InlineData(31, 1e10f)]
    [InlineData(32, -1e10f)]
    [InlineData(100, 3e38f)]
    [InlineData(1000, 1e10f)]
    [InlineData(1000, -3e38f)]
    public void One_glitch_does_not_spoil_the_scale(int at, float glitch)
    {
        var values = Values(4000);
        values[at] = glitch;
        using var probe = Probe();
        var scaled = Scaled(probe, values);
        var last = scaled[^1000..];
        Assert.InRange(last.Average(v => v * v) - (last.Average() * last.Average()), 0.8, 1.1);
        Assert.InRange(last.Average(), -0.1, 0.1);
        Assert.Equal(1, probe.Metrics.Counter("clipped-values"));
    }

    [Fact]
    public void A_long_rest_with_little_noise_does_not_hold_motion_back()
    {
        var random = new RandomStream(5, "rest");
        float[] values = [.. Enumerable.Range(0, 51_000).Select(i => (float)random.NextGaussian() * (i < 50_000 ? 1e-4f : 1))];
        using var probe = Probe();
        var scaled = Scaled(probe, values);
        var moments = default(Moments);
        foreach (var value in values) { moments = moments.Add(value); }
        Assert.InRange(probe.Metrics.Counter("clipped-values"), 1, 30);
        Assert.InRange(scaled[^1], values[^1] / moments.Deviation * 0.8f, values[^1] / moments.Deviation * 1.25f);
    }

    [Theory, InlineData(3e38f), InlineData(-1e38f), InlineData(1e10f)]
    public void What_is_scaled_is_finite_whatever_finite_value_comes(float glitch)
    {
        var values = Values(1000);
        for (var i = 0; i < values.Length; i++) { values[i] *= 1e-3f; }
        values[700] = glitch;
        using var probe = Probe();
        Assert.All(Scaled(probe, values), v => Assert.InRange(v, -1e8f, 1e8f));
    }

    [Fact]
    public void A_glitch_now_and_then_does_not_either()
    {
        var values = Values(40_000);
        for (var i = 500; i < values.Length; i += 1000) { values[i] = i % 2000 == 500 ? 1e10f : -1e8f; }
        using var probe = Probe();
        var last = Scaled(probe, values)[^900..];
        Assert.InRange(last.Where(v => Math.Abs(v) < 10).Average(v => v * v), 0.9, 1.1);
        Assert.Equal(40, probe.Metrics.Counter("clipped-values"));
    }

    [Theory, InlineData(3e38f), InlineData(1e10f)]
    public void A_value_that_means_none_is_not_learned_from_however_often_it_comes(float none)
    {
        var values = Values(8000);
        for (var i = 20; i < values.Length; i += 40) { values[i] = none; }
        using var probe = Probe();
        var last = Scaled(probe, values)[^1000..];
        Assert.InRange(last.Where(v => Math.Abs(v) < 10).Average(v => v * v), 0.9, 1.1);
        Assert.Equal(200, probe.Metrics.Counter("clipped-values"));
    }

    [Fact]
    public void Without_glitches_values_are_scaled_by_the_moments_of_all()
    {
        var values = Values(3000);
        values[77] = 40 + (2 * 12);         // far, and yet no glitch
        using var probe = Probe();
        var scaled = Scaled(probe, values);
        var moments = default(Moments);
        for (var i = 0; i < values.Length; i++)
        {
            if (i >= WarmUp)
            {
                // float32 result of float64 sums in another order
                var expected = (values[i] - moments.Mean) / Math.Sqrt(moments.Variance + 1e-8);
                Assert.Equal(expected, scaled[i - WarmUp], 1e-6 * Math.Max(1, Math.Abs(expected)));
            }
            moments = moments.Add(values[i]);
        }

        Assert.Equal(0, probe.Metrics.Counter("clipped-values"));
    }

    [Theory, InlineData(1e3f), InlineData(1e6f)]
    public void A_level_that_has_really_changed_is_followed(float level)
    {
        var values = Values(6000);
        for (var i = 2000; i < values.Length; i++) { values[i] += level; }
        using var probe = Probe();
        var last = Scaled(probe, values)[^100..];
        // two thirds of all values lie at the new level: half a deviation of the whole above the mean of the whole
        Assert.All(last, v => Assert.InRange(v, 0.2, 1.5));
        Assert.InRange(probe.Metrics.Counter("clipped-values"), 1, 1500);
    }

    [Theory]
    [InlineData(1, 50, 1000)]           // once in fifty, one at a time
    [InlineData(3, 100, 1000)]
    [InlineData(5, 15, 400)]
    [InlineData(1, 5, 300)]             // so often that the first values show it
    [InlineData(20, 60, 400)]
    public void A_level_that_comes_back_is_no_glitch(int values, int every, int rows)
    {
        var random = new RandomStream(7, "levels");
        float[] both = [.. Enumerable.Range(0, rows)
            .Select(i => (float)((i % every >= every - values ? 33 : 32) + (.0015 * random.NextGaussian())))];
        using var probe = Probe();
        foreach (var piece in Batches.Split(Batches.OfChannels(probe.Pool, [.. both, 33]), [rows, 1])) { probe.Send(piece); }
        var scaled = probe.TakeAll<Batch>()[^1].Channels[0].Values<float>()[0];
        var moments = default(Moments);
        foreach (var value in both) { moments = moments.Add(value); }
        var expected = (33 - moments.Mean) / moments.Deviation;
        Assert.InRange(scaled, expected * .85, expected * 1.25);
        Assert.InRange(probe.Metrics.Counter("clipped-values"), 0, 2 * values);
    }

    [Fact]
    public void A_level_does_not_make_glitches_count()
    {
        var random = new RandomStream(7, "levels");
        float[] both = [.. Enumerable.Range(0, 6000).Select(i => (float)((i % 8 == 0 ? 33 : 32) + (.0015 * random.NextGaussian())))];
        for (var i = 5; i < both.Length; i += 1000) { both[i] = (i % 2000 == 5 ? 1 : -1) * 1e8f * i; }
        using var probe = Probe();
        var last = Scaled(probe, both)[^100..];
        Assert.InRange(last.Max() - last.Min(), 2.4, 3.1);      // one deviation is .33
        Assert.Equal(6, probe.Metrics.Counter("clipped-values"));
    }

    [Fact]
    public void A_channel_that_is_mostly_at_rest_keeps_its_rare_values()
    {
        var values = new float[20_000];
        for (var i = 3000; i < values.Length; i += 500) { values[i] = 0.8f + (0.001f * (i % 300)); }
        using var probe = Probe();
        _ = Scaled(probe, values);
        Assert.Equal(0, probe.Metrics.Counter("clipped-values"));
    }

    private static OperatorProbe Probe() => OperatorProbe.Of<Batch, Batch>(f => f.Standardize(new() { WarmUpRows = WarmUp }));

    private static float[] Scaled(OperatorProbe probe, float[] values)
    {
        foreach (var value in values) { probe.Send(Batches.OfChannels(probe.Pool, [value])); }
        return [.. probe.TakeAll<Batch>().Select(static batch =>
        {
            using (batch) { return batch.Channels[0].Values<float>()[0]; }
        })];
    }

    private static float[] Values(int count)
    {
        var random = new RandomStream(11, "values");
        return [.. Enumerable.Range(0, count).Select(_ => (float)(40 + (2 * random.NextGaussian())))];
    }

    [Fact]
    public void Taking_usual_values_together_gives_the_bits_of_taking_each()
    {
        var random = new RandomStream(14, "usual");
        for (var stream = 0; stream < 50; stream++)
        {
            var values = new float[1000];
            foreach (ref var value in values.AsSpan())
            {
                var kind = random.NextInt32(200);
                value = (float)(random.NextGaussian() * (kind == 0 ? 1e10 : kind < 4 ? 30 : 1));
            }

            var (each, together) = (new GlitchBound(GlitchBound.MinFirstValues), new GlitchBound(GlitchBound.MinFirstValues));
            float[] counts = [.. values.Select(each.Take)];
            for (var at = 0; at < values.Length; at++)
            {
                var usual = together.TakeUsual(values.AsSpan(at));
                Assert.Equal(values.AsSpan(at, usual), counts.AsSpan(at, usual));
                if ((at += usual) == values.Length) { break; }
                Assert.Equal(counts[at], together.Take(values[at]));
            }

            Assert.Equal((each.Count, each.Mean, each.M2), (together.Count, together.Mean, together.M2));
        }
    }
}
