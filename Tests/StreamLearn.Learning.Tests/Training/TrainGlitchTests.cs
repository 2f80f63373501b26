namespace StreamLearn.Learning.Tests;

/// <summary>A device whose sensor has a glitch.</summary>
public sealed class TrainGlitchTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());

    [Theory]
    [InlineData(1, 5, 1e10f), InlineData(1, 200, 3e38f), InlineData(64, 70, 1e10f)]
    [InlineData(64, 2000, -3e38f), InlineData(20, 50, 1e10f)]
    public void It_learns_on_and_its_moments_are_those_of_the_channel(int samples, int at, float glitch)
    {
        var random = new RandomStream(3, "glitch");
        float[] x = [.. Enumerable.Range(0, 6400).Select(i => (float)((i / samples % 2 == 0 ? -2 : 2) + random.NextGaussian()))];
        x[at] = glitch;
        var model = new Network(new(1, samples), 2, [new Scale(), new Dense(2)], [new(1, new Flatten())], seed: 1);
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), new() { StartAfterRows = 40, BatchRows = 8 })),
            Rows);
        foreach (var part in Enumerable.Range(0, x.Length / samples))
        {
            probe.Send(Batches.Of(probe.Pool, Rows, x[(part * samples)..((part + 1) * samples)],
                Enumerable.Repeat(part % 2, samples).ToArray()));
        }

        probe.Complete();

        var updates = probe.TakeAll<WeightDelta>();
        var moments = updates.Aggregate((ChannelMoments?)null, (m, u) => ChannelMoments.Merge(m, u.Moments))!;
        Assert.Equal(x.Length, moments.Count);
        Assert.InRange(moments.Mean[0], -0.1, 0.1);
        Assert.InRange(Math.Sqrt(moments.Variance(0)), 2, 2.6);        // √5 is 2.24
        Assert.Equal((1, 0), (probe.Metrics.Counter("clipped-values"), probe.Metrics.Counter("rolled-back-steps")));
        var scores = probe.TakeAll<Evaluation>(port: 1);
        Assert.True(scores[^1].Accuracy > 0.9, $"{scores[^1].Accuracy}");
    }

    [Fact]
    public void What_lies_far_out_is_learned_from_as_it_is_and_what_is_absurd_is_not()
    {
        var clip = new GlitchClip(new(1, 64));
        var random = new RandomStream(4, "dark");
        float[] dark = [.. Enumerable.Range(0, 64).Select(_ => 0.01f * (float)random.NextGaussian())];
        float[] bright = [.. dark];
        bright[7] = 1;      // a hundred deviations
        float[] broken = [.. dark];
        broken[9] = 1e10f;
        foreach (var row in new[] { bright, dark, bright, broken, bright })
        {
            clip.Take(row, out var kept);
            for (var i = 0; i < row.Length; i++) { Assert.Equal(row[i] > 1 ? Math.Min(kept[i], 100) : row[i], kept[i]); }
        }
    }

    [Fact]
    public void What_overflows_before_a_scale_is_known_takes_back_a_step_and_nothing_more()
    {
        var model = new SoftmaxRegression(1, 2, seed: 1);
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"),
            new() { StartAfterRows = 1, BatchRows = 1, BufferRows = 4 })), Rows);
        for (var i = 0; i < 40; i++)
        {
            probe.Send(Batches.Of(probe.Pool, Rows, new[] { i == 6 ? 3e38f : i % 2 == 0 ? -1f : 1f }, new[] { i % 2 }));
        }

        probe.Complete();
        Assert.All(probe.TakeAll<WeightDelta>(), u => Assert.True(Finite.All(u.Values.AsSpan())));
        Assert.All(probe.TakeAll<Evaluation>(port: 1), e => Assert.True(double.IsFinite(e.Loss) || e.Rows > 0));
        Assert.Equal(1, probe.Metrics.Counter("clipped-values"));
    }
}
