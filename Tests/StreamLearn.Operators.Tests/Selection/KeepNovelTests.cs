namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class KeepNovelTests
{
    [Fact]
    public void KeepNovelBeyond_keeps_what_is_further_than_the_distance_from_all_that_was_kept()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovelBeyond(1));
        probe.Send(Batches.OfChannels(probe.Pool, [0, 0.5f, 3, 3, 1.2f, 0, 9], [0, 0.5f, 0, 1.3f, 0, 1.5f, 9]));
        // root mean square differences: 0.5 to the first; 2.1; 0.92 to the third; 0.85 to the first; 1.06 to the first; far
        Assert.Equal([0f, 3, 0, 9], probe.Take<Batch>().Channels[0].Values<float>().ToArray());
        Assert.Equal(3, probe.Metrics.RowsDropped["not-novel"]);
    }

    [Fact]
    public void KeepNovelBeyond_forgets_what_was_kept_longest_ago()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovelBeyond(0.5f, memory: 2));
        probe.Send(Batches.OfChannels(probe.Pool, [1, 2, 1, 3, 2, 1, 3]));
        Assert.Equal([1f, 2, 3, 1], probe.Take<Batch>().Channels[0].Values<float>().ToArray());
    }

    [Fact]
    public void KeepNovel_keeps_the_fraction_within_two_per_cent_over_ten_thousand_rows()
    {
        foreach (var fraction in new[] { 0.05, 0.25, 0.6 })
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(fraction, memory: 32));
            for (var i = 0; i < 100; i++) { probe.Send(Batches.Random(probe.Pool, Batches.Channels(3), 100, seed: i)); }
            var kept = probe.TakeAll<Batch>().Sum(b => b.Rows);
            Assert.InRange(kept, 0.98 * fraction * 10_000, 1.02 * fraction * 10_000);
            Assert.Equal(10_000 - kept, probe.Metrics.RowsDropped["not-novel"]);
        }
    }

    [Fact]
    public void KeepNovel_prefers_what_is_rare()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(0.1));
        var random = new RandomStream(3, "rare");
        var isRare = Enumerable.Range(0, 10_000).Select(_ => random.NextDouble() < 0.02).ToArray();
        probe.Send(Batches.OfChannels(probe.Pool,
            [.. isRare.Select(rare => (float)((rare ? 8 * random.NextGaussian() : 0) + (0.1 * random.NextGaussian())))]));
        // a row of the crowd is within ±0.4; one of 200 rare ones is further out nine times in ten
        var kept = probe.Take<Batch>().Channels[0].Values<float>().ToArray();
        var far = isRare.Count(r => r);
        Assert.True(kept.Count(v => Math.Abs(v) > 0.5) > 0.75 * far, $"kept {kept.Count(v => Math.Abs(v) > 0.5)} of {far} rare rows");
    }

    [Fact]
    public void KeepNovel_keeps_or_drops_windows_as_a_whole()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(0.5, itemRows: 16));
        using var batch = Streams.Numbered(probe.Pool, 16 * 50);
        probe.Send(batch.Retain());
        var kept = probe.Take<Batch>();
        Assert.Equal((0, 800), (kept.Rows % 16, kept.Rows + probe.Metrics.RowsDropped["not-novel"]));
        for (var row = 0; row < kept.Rows; row++)
        {
            var x = (int)kept["x"].Values<float>()[row];
            Assert.Equal(row % 16, x % 16);
            Assert.Equal(batch["label"].IsValid(x), kept["label"].IsValid(row));
            Assert.Equal(batch["y"].Values<float>()[x], kept["y"].Values<float>()[row]);
        }
    }

    [Fact]
    public void KeepNovel_gives_the_same_rows_however_they_come_in()
    {
        var kept = Enumerable.Range(1, 6).Select(seed =>
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(0.3));
            Streams.Feed(probe, Batches.Random(probe.Pool, Batches.Channels(2), 700, seed: 5), Streams.Sizes(seed).Take(40));
            return string.Join(' ', probe.TakeAll<Batch>().SelectMany(b => b.Channels[0].Values<float>().ToArray()));
        });
        Assert.Single(kept.Distinct());
    }

    [Fact]
    public void KeepNovel_drops_by_name_what_it_cannot_compare()
    {
        var schema = new Schema(new Field("x", ColumnType.Float32, Unit.One, Nullable: true));
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(1, itemRows: 2));
        probe.Send(Batches.Of(probe.Pool, schema, new float?[] { 1, 2, null, 1, float.NaN, 1, 3, 4, 5 }));
        probe.Send(Batches.Of(probe.Pool, schema, Array.Empty<float?>()));
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        Assert.Equal([1f, 2, 3, 4], probe.Take<Batch>()["x"].Values<float>().ToArray());
        Assert.Equal((4L, 1L, 1L, 1L), (probe.Metrics.RowsDropped["non-finite"], probe.Metrics.RowsDropped["incomplete-item"],
            probe.Metrics.Drops["empty"], probe.Metrics.Drops["schema"]));
    }

    [Fact]
    public void KeepNovel_passes_a_batch_uncopied_that_is_kept_whole()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(1, memory: 4));
        var batch = Batches.Random(probe.Pool, Batches.Channels(3), 6, seed: 1);
        probe.Send(batch);
        Assert.Same(batch, probe.Take<Batch>());
    }

    [Fact]
    public async Task KeepNovel_reports_the_work_of_its_comparisons()
    {
        var pipeline = Pipeline.Define("work", p => p.Input<Batch>("in").KeepNovel(1, memory: 4).Discard());
        await using var run = pipeline.Start(cancellationToken: TestContext.Current.CancellationToken);
        await run.SendAsync("in", Batches.Random(run.Pool, Batches.Channels(3), 6, seed: 1), TestContext.Current.CancellationToken);
        await run.DrainAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3 * (1 + 2 + 3 + 4 + 4), run.Metrics["keep-novel"].MultiplyAdds);
    }

    [Fact]
    public void KeepNovel_refuses_settings_out_of_range_at_wiring()
    {
        foreach (var fraction in new[] { 0, -0.1, 1.1, double.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(fraction)));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepNovelBeyond(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepNovelBeyond(float.NaN)));
        foreach (var (rows, memory) in new[] { (0, 128), (1, 0), (1, (1 << 16) + 1) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(0.5, rows, memory)));
        }
    }

    [Fact]
    public void KeepNovel_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepNovel(0.3, itemRows: 5), Streams.Sensor, guard: false);
        Streams.AllocateNothing(probe, Streams.Numbered(probe.Pool, 50));
    }
}
