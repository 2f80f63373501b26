namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class FeaturesTests
{
    private static readonly Schema Sensor = new(
        Field.Time(), Field.Channel("x", Unit.StandardGravity), Field.Channel("y", Unit.RadianPerSecond),
        new Field("recording", ColumnType.Int32, Unit.One), new Field("exact", ColumnType.Float64, Unit.One), Field.Label());

    [Fact]
    public void Features_name_their_columns_with_units_and_keep_time_keys_and_label()
    {
        const Feature Features = Feature.Mean | Feature.Energy | Feature.JerkDeviation | Feature.Autocorrelation
            | Feature.DominantFrequency | Feature.Correlations;
        using var probe = Probe(Sensor, Features, new FrequencyBand("gait", 0.5, 3));
        probe.Send(Rows(probe.Pool, 64, t => Math.Sin(t), t => t));
        var row = probe.Take<Batch>();
        Assert.Equal(
            "time int64 [ns], x mean float32 [gn], x energy float32 [gn2], x jerk deviation float32 [gn/s], "
            + "x autocorrelation peak float32 [1], x autocorrelation lag float32 [s], x dominant frequency float32 [Hz], "
            + "x gait power float32 [gn2], y mean float32 [rad/s], y energy float32 [(rad/s)2], y jerk deviation float32 [(rad/s)/s], "
            + "y autocorrelation peak float32 [1], y autocorrelation lag float32 [s], y dominant frequency float32 [Hz], "
            + "y gait power float32 [(rad/s)2], x y correlation float32 [1], recording int32 [1], label int32? [1]",
            row.Schema.ToString());
        Assert.Equal(row.Schema, probe.Pipeline.Nodes.First(n => n.Name == "features").Schema);
        Assert.Equal((63 * 20_000_000L, 7), (row["time"].Values<long>()[0], row["recording"].Values<int>()[0]));
        Assert.Equal((true, 2), (row["label"].IsValid(0), row["label"].Values<int>()[0]));
    }

    [Theory, InlineData(128, 3.125, 50), InlineData(100, 7, 50), InlineData(255, 12, 255)]
    public void A_sine_has_its_frequency_its_power_and_its_period(int rows, double hertz, double rate)
    {
        using var probe = Probe(Batches.Channels(1), Feature.All, rate, new FrequencyBand("near", hertz, hertz + (rate / rows)));
        probe.Send(Batches.OfChannels(probe.Pool, Values(rows, i => 3 + (2 * Math.Sin(2 * Math.PI * hertz * i / rate)))));
        var row = probe.Take<Batch>();
        Assert.Equal(hertz, Value(row, "dominant frequency"), 1e-4);
        Assert.Equal(hertz, Value(row, "spectral centroid"), 1e-4);
        Assert.Equal(0, Value(row, "spectral entropy"), 1e-4);
        Assert.Equal(2, Value(row, "near power"), 1e-5);            // half of the amplitude squared: all of the variance
        Assert.Equal(Math.Sqrt(2), Value(row, "deviation"), 1e-5);
        Assert.Equal(1.5, Value(row, "kurtosis"), 1e-5);
        Assert.InRange(Value(row, "autocorrelation lag"), (1 / hertz) - (0.51 / rate), (1 / hertz) + (0.51 / rate));
        Assert.InRange(Value(row, "autocorrelation peak"), 0.5, 1);
    }

    [Fact]
    public void Shift_and_scale_change_what_they_must_and_nothing_else()
    {
        const double Shift = 5, Scale = -4;
        var x = Values(128, i => Math.Sin(i * 0.7) + Math.Cos(i * 0.31) + (i % 7 / 9.0));
        string[] scaled = ["deviation", "median deviation", "quartile range", "jerk deviation"];
        string[] same =
        [
            "kurtosis", "mean crossings", "autocorrelation peak", "autocorrelation lag", "dominant frequency", "spectral centroid",
            "spectral entropy",
        ];
        using var probe = Probe(Batches.Channels(1), Feature.All, 50);
        probe.Send(Batches.OfChannels(probe.Pool, x));
        probe.Send(Batches.OfChannels(probe.Pool, [.. x.Select(v => (float)(Shift + (Scale * v)))]));

        var (before, after) = (probe.Take<Batch>(), probe.Take<Batch>());

        Assert.All(scaled, f => Assert.Equal(Math.Abs(Scale) * Value(before, f), Value(after, f), 1e-4));
        Assert.All(same, f => Assert.Equal(Value(before, f), Value(after, f), 1e-4));
        Assert.Equal(Shift + (Scale * Value(before, "mean")), Value(after, "mean"), 1e-4);
        Assert.Equal(Shift + (Scale * Value(before, "max")), Value(after, "min"), 1e-4);
        Assert.Equal(-Value(before, "skewness"), Value(after, "skewness"), 1e-4);
    }

    [Theory, InlineData(1, 0.1f), InlineData(2, 0.1f), InlineData(128, -3e7f), InlineData(99, 0f)]
    public void A_constant_window_has_its_value_and_zeros(int rows, float value)
    {
        using var probe = Probe(Batches.Channels(2), Feature.All, 50, new FrequencyBand("all", 0, double.PositiveInfinity));
        probe.Send(Batches.OfChannels(probe.Pool, Values(rows, _ => value), Values(rows, i => i)));
        var row = probe.Take<Batch>();
        Assert.All(new[] { "mean", "min", "max" }, f => Assert.Equal(value, row[$"c0 {f}"].Values<float>()[0]));
        Assert.All(new[] { "rms", "magnitude area" }, f => Assert.Equal(Math.Abs(value), row[$"c0 {f}"].Values<float>()[0]));
        Assert.Equal(value == 0 ? 0 : 1, Value(row, "crest"));
        string[] zeros =
        [
            "deviation", "skewness", "kurtosis", "median deviation", "quartile range", "zero crossings", "mean crossings",
            "jerk deviation", "autocorrelation peak", "autocorrelation lag", "dominant frequency", "spectral centroid",
            "spectral entropy", "all power", "c1 correlation",
        ];
        Assert.All(zeros, f => Assert.Equal(0, row[$"c0 {f}"].Values<float>()[0]));
    }

    [Fact]
    public void A_channel_without_a_value_is_missing_where_it_may_be_and_NaN_elsewhere()
    {
        var schema = new Schema(new Field("x", ColumnType.Float32, Unit.One, Nullable: true), Field.Channel("y", Unit.One));
        using var probe = Probe(schema, Feature.All, 50);
        float[] absent = [float.NaN, float.PositiveInfinity, float.NaN];
        probe.Send(Batches.Of(probe.Pool, schema, new float?[] { null, null, null }, absent));
        probe.Send(Batches.Of(probe.Pool, schema, new float?[] { null, float.NaN, 2 }, new[] { 1, float.NegativeInfinity, 3 }));
        var (none, some) = (probe.Take<Batch>(), probe.Take<Batch>());
        var channels = none.Schema.Fields.Select(f => f.Name).ToList();
        Assert.All(channels.Where(c => c.StartsWith('x')), c => Assert.False(none[c].IsValid(0)));
        Assert.All(channels.Where(c => c.StartsWith('y')), c => Assert.True(float.IsNaN(none[c].Values<float>()[0])));
        Assert.All(channels, c => Assert.True(some[c].IsValid(0) && float.IsFinite(some[c].Values<float>()[0]), c));
        Assert.Equal((2, 2), (some["x mean"].Values<float>()[0], some["y mean"].Values<float>()[0]));
    }

    [Fact]
    public void A_window_is_described_by_itself_whatever_came_before_it()
    {
        (int Rows, long Step)[] windows = [(64, 20), (50, 20), (64, 10), (64, 20), (7, 10), (128, 5)];
        FeaturesOptions options = new() { Bands = [new("low", 0, 5), new("high", 5, 40)] };
        using var one = OperatorProbe.Of<Batch, Batch>(f => f.Features(Feature.All, options), Sensor);
        foreach (var (rows, step) in windows)
        {
            using var alone = OperatorProbe.Of<Batch, Batch>(f => f.Features(Feature.All, options), Sensor);
            foreach (var probe in new[] { one, alone })
            {
                var window = Batches.Random(probe.Pool, Sensor, rows, rows);
                for (var row = 0; row < rows; row++) { window["time"].Writable<long>()[row] = row * step * 1_000_000; }
                probe.Send(window);
            }
            Assert.Null(Batches.Difference(alone.Take<Batch>(), one.Take<Batch>()));
        }
    }

    [Fact]
    public void Features_allocate_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(
            f => f.Features(Feature.All, new() { Bands = [new("low", 0, 3)] }), Sensor, guard: false);
        using var even = Batches.Random(probe.Pool, Sensor, 128, 1);
        using var odd = Batches.Random(probe.Pool, Sensor, 75, 1);
        var bytes = Streams.AllocatedBy(probe.Pool, 100, i =>
        {
            probe.Send((i % 2 == 0 ? even : odd).Retain());
            probe.Clear();
        });
        Assert.InRange(bytes, 0, 256);
    }

    private static double Value(Batch row, string feature) => row[$"c0 {feature}"].Values<float>()[0];
    private static float[] Values(int rows, Func<int, double> value) => [.. Enumerable.Range(0, rows).Select(i => (float)value(i))];

    private static Batch Rows(BatchPool pool, int rows, Func<double, double> x, Func<double, double> y) => Batches.Of(pool, Sensor,
        Enumerable.Range(0, rows).Select(i => i * 20_000_000L).ToArray(), Values(rows, i => x(i / 50.0)), Values(rows, i => y(i / 50.0)),
        Enumerable.Repeat(7, rows).ToArray(), new double[rows], Enumerable.Repeat((int?)2, rows).ToArray());

    private static OperatorProbe Probe(Schema schema, Feature features, params FrequencyBand[] bands) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Features(features, new() { Bands = [.. bands] }), schema);

    private static OperatorProbe Probe(Schema schema, Feature features, double rate, params FrequencyBand[] bands) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Features(features, new() { Bands = [.. bands], SamplesPerSecond = rate }), schema);
}
