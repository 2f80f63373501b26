namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class MeanDeviationTests
{
    [Fact]
    public void MeanDeviation_equals_the_two_pass_formula()
    {
        var schema = Batches.Channels(3);
        using var probe = Probe(schema);
        var random = new RandomStream(7, "values");
        var values = new[] { 0.0, 1000, -1e6 }.Select(
            offset => Enumerable.Range(0, 128).Select(_ => (float)(offset + random.NextGaussian())).ToArray()).ToArray();
        probe.Send(Batches.OfChannels(probe.Pool, values));
        var row = probe.Take<Batch>();
        for (var c = 0; c < 3; c++)
        {
            var mean = values[c].Average(v => (double)v);
            var deviation = Math.Sqrt(values[c].Average(v => (v - mean) * (v - mean)));
            Assert.Equal((float)mean, row[$"c{c} mean"].Values<float>()[0], 1e-6f * Math.Abs(mean) + 1e-7);      // one rounding to float32
            Assert.Equal((float)deviation, row[$"c{c} deviation"].Values<float>()[0], 1e-6f);
        }
    }

    [Fact]
    public void MeanDeviation_survives_a_wild_first_value()
    {
        using var probe = Probe(Batches.Channels(1));
        float[] values = [1e20f, .. Enumerable.Repeat(1f, 63)];
        probe.Send(Batches.OfChannels(probe.Pool, values));
        var row = probe.Take<Batch>();
        var mean = values.Average(v => (double)v);
        Assert.Equal(1, row["c0 deviation"].Values<float>()[0] / Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), 1e-6);
    }

    [Fact]
    public void MeanDeviation_of_one_row_or_of_equal_rows_is_the_value_and_zero()
    {
        using var probe = Probe(Batches.Channels(1));
        probe.Send(Batches.OfChannels(probe.Pool, [0.1f]));
        probe.Send(Batches.OfChannels(probe.Pool, [.. Enumerable.Repeat(0.1f, 100)]));
        Assert.Equal(2, probe.Count());
        Assert.All(probe.TakeAll<Batch>(),
            row => Assert.Equal((0.1f, 0f), (row["c0 mean"].Values<float>()[0], row["c0 deviation"].Values<float>()[0])));
    }

    [Fact]
    public void MeanDeviation_names_its_columns_and_keeps_units_and_whole_numbers()
    {
        using var probe = Probe(Streams.Sensor);
        probe.Send(Streams.Numbered(probe.Pool, 3, 4));
        var row = probe.Take<Batch>();
        Assert.Equal(
            "time int64 [ns], x mean float32 [gn], x deviation float32 [gn], "
            + "y mean float32 [rad/s], y deviation float32 [rad/s], recording int32 [1], label int32? [1]",
            row.Schema.ToString());
        Assert.Equal(row.Schema, probe.Pipeline.Nodes.First(n => n.Name == "mean-deviation").Schema);
        Assert.Equal((6 * 20_000_000L, 2), (row["time"].Values<long>()[0], row["recording"].Values<int>()[0]));
    }

    [Theory]
    [InlineData(new[] { 2, 2, 2 }, new[] { true, true, true }, true)]
    [InlineData(new[] { 2, 1, 2 }, new[] { true, true, true }, false)]
    [InlineData(new[] { 2, 2, 2 }, new[] { true, false, true }, false)]
    [InlineData(new[] { 2, 2, 2 }, new[] { false, false, false }, false)]
    public void MeanDeviation_labels_a_window_only_when_all_rows_agree(int[] labels, bool[] valid, bool labelled)
    {
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Label());
        using var probe = Probe(schema);
        probe.Send(Batches.Of(probe.Pool, schema, new float[3], labels.Zip(valid, (l, v) => v ? l : (int?)null).ToArray()));
        var label = probe.Take<Batch>()["label"];
        Assert.Equal(labelled, label.IsValid(0));
        if (labelled) { Assert.Equal(2, label.Values<int>()[0]); }
    }

    [Fact]
    public void MeanDeviation_skips_missing_values_and_misses_a_channel_without_any()
    {
        var schema = new Schema(new Field("x", ColumnType.Float32, Unit.One, Nullable: true),
            new Field("y", ColumnType.Float32, Unit.One, Nullable: true));
        using var probe = Probe(schema);
        probe.Send(Batches.Of(probe.Pool, schema, new float?[] { null, 1, 3 }, new float?[] { null, null, null }));
        var row = probe.Take<Batch>();
        Assert.Equal((2f, 1f), (row["x mean"].Values<float>()[0], row["x deviation"].Values<float>()[0]));
        Assert.False(row["y mean"].IsValid(0));
    }

    [Fact]
    public void MeanDeviation_drops_empty_windows_and_other_schemas_by_name()
    {
        using var probe = Probe(null);
        probe.Send(Streams.Numbered(probe.Pool, 0));
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        Assert.Equal((1, 1, 0), (probe.Metrics.Drops["empty"], probe.Metrics.Drops["schema"], probe.Count()));
    }

    [Fact]
    public void MeanDeviation_without_a_channel_is_refused_at_wiring() =>
        Assert.Throws<PipelineDefinitionException>(() => Probe(new Schema(Field.Time())));

    [Fact]
    public void MeanDeviation_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.MeanDeviation(), Streams.Sensor, guard: false);
        Streams.AllocateNothing(probe, Streams.Numbered(probe.Pool, 128));
    }

    private static OperatorProbe Probe(Schema? schema) => OperatorProbe.Of<Batch, Batch>(f => f.MeanDeviation(), schema);
}
