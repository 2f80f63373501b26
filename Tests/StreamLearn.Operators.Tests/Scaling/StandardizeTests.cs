namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class StandardizeTests
{
    [Fact]
    public void Standardize_emits_nothing_before_warm_up()
    {
        using var probe = Probe(10);
        probe.Send(Streams.Numbered(probe.Pool, 9));
        probe.Send(Streams.Numbered(probe.Pool, 5));
        Assert.Equal((0, 14), (probe.Count(), probe.Metrics.RowsDropped["warm-up"]));
        probe.Send(Streams.Numbered(probe.Pool, 1));
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void Standardize_scales_by_the_moments_of_all_earlier_rows()
    {
        using var probe = Probe(100);
        var random = new RandomStream(3, "values");
        float[] known = [.. Enumerable.Range(0, 200).Select(_ => (float)(50 + (3 * random.NextGaussian())))];
        foreach (var piece in Batches.Split(Batches.OfChannels(probe.Pool, known), [99, 1])) { probe.Send(piece); }
        var scaled = probe.Take<Batch>()["c0"].Values<float>();
        var first = known.Take(100).ToArray();
        var mean = first.Average(v => (double)v);
        var deviation = Math.Sqrt(first.Average(v => (v - mean) * (v - mean)) + 1e-8);
        // float32 result of a float64 formula
        for (var i = 0; i < 100; i++) { Assert.Equal((known[100 + i] - mean) / deviation, scaled[i], 1e-5); }
    }

    [Fact]
    public void A_channel_that_begins_late_is_zero_until_enough_of_its_values_are_known()
    {
        using var probe = Probe(256);
        float[] values = [.. Enumerable.Repeat(float.NaN, 300), .. Enumerable.Range(0, 300).Select(static i => 50f + (i % 2))];
        foreach (var piece in Batches.Split(Batches.OfChannels(probe.Pool, values), [300, 20, 12, 100])) { probe.Send(piece); }
        var scaled = probe.TakeAll<Batch>().Select(static b => b["c0"].Values<float>().ToArray()).ToList();
        Assert.Equal(Enumerable.Repeat(0f, 32), scaled[..2].SelectMany(static s => s));
        Assert.Equal(32, probe.Metrics.Counter("unknown-values"));
        Assert.All(scaled[2..].SelectMany(static s => s), static v => Assert.InRange(Math.Abs(v), .9f, 1.1f));
    }

    [Fact]
    public void A_shared_batch_is_learned_from_and_scaled_like_one_of_its_own()
    {
        var random = new RandomStream(5, "values");
        float[] values = [.. Enumerable.Range(0, 3000).Select(_ => (float)random.NextGaussian())];
        values[2000] = 1e30f;       // absurd: cut back in what is scaled
        string Hashes(bool shared)
        {
            using var probe = Probe(256);
            foreach (var piece in Batches.Split(Batches.OfChannels(probe.Pool, values), [100]))
            {
                using var sibling = shared ? piece.Retain() : null;
                var before = piece["c0"].Values<float>().ToArray();
                probe.Send(piece);
                if (sibling is not null) { Assert.Equal(before, sibling["c0"].Values<float>()); }
            }
            return string.Join(' ', probe.TakeAll<Batch>().Select(static b => Batches.Hash(b)));
        }

        Assert.Equal(Hashes(shared: false), Hashes(shared: true));
    }

    [Fact]
    public void Standardize_says_that_its_columns_are_in_standard_deviations()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Standardize(new() { WarmUpRows = 2 }), Streams.Sensor);
        probe.Send(Streams.Numbered(probe.Pool, 3));
        probe.Send(Streams.Numbered(probe.Pool, 3));
        var batch = probe.Take<Batch>();
        Assert.Equal(Unit.StandardDeviation, batch["x"].Field.Unit);
        Assert.Equal(batch.Schema, probe.Pipeline.Nodes.First(n => n.Name == "standardize").Schema);
    }

    [Fact]
    public void Standardize_copies_a_shared_batch_and_leaves_the_other_owner_his_values()
    {
        using var probe = Probe(2);
        probe.Send(Batches.OfChannels(probe.Pool, [1f, 2f]));
        using var mine = Batches.OfChannels(probe.Pool, [5f, 6f]);
        probe.Send(mine.Retain());
        Assert.Equal([5f, 6f], mine["c0"].Values<float>().ToArray());
        Assert.NotEqual(5f, probe.Take<Batch>()["c0"].Values<float>()[0]);
    }

    [Fact]
    public void Standardize_does_not_learn_from_values_that_are_not_finite()
    {
        using var probe = Probe(2);
        probe.Send(Batches.OfChannels(probe.Pool, [1f, float.NaN, 3f, float.PositiveInfinity]));
        probe.Send(Batches.OfChannels(probe.Pool, [2f]));
        Assert.Equal(0f, probe.Take<Batch>()["c0"].Values<float>()[0]);
    }

    [Fact]
    public void Standardize_drops_empty_batches_and_other_schemas_by_name()
    {
        using var probe = Probe(2);
        probe.Send(Streams.Numbered(probe.Pool, 0));
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        Assert.Equal((1, 1), (probe.Metrics.Drops["empty"], probe.Metrics.Drops["schema"]));
    }

    [Fact]
    public void Standardize_refuses_a_warm_up_of_less_than_two_rows_at_wiring() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(1));

    [Fact]
    public void Standardize_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Standardize(), Streams.Sensor, guard: false);
        using var source = Streams.Numbered(probe.Pool, 50);
        var bytes = Streams.AllocatedBy(probe.Pool, 1000, _ =>
        {
            probe.Send(source.Copy(0, 50));
            probe.Clear();
        });
        Assert.InRange(bytes, 0, 256);
    }

    private static OperatorProbe Probe(int warmUp) => OperatorProbe.Of<Batch, Batch>(f => f.Standardize(new() { WarmUpRows = warmUp }));
}
