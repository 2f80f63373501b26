namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class ImuFeaturesTests
{
    private const string Signal = "mean deviation min max rms median_deviation quartile_range zero_crossings mean_crossings energy "
        + "jerk_deviation autocorrelation_peak autocorrelation_lag dominant_frequency spectral_centroid spectral_entropy "
        + "0.3_Hz_power 1.5_Hz_power 3_Hz_power 5_Hz_power 10_Hz_power";

    internal static readonly Schema Sensor = new(
        Field.Time(), Field.Channel("acc x", Unit.StandardGravity), Field.Channel("acc y", Unit.StandardGravity),
        Field.Channel("acc z", Unit.StandardGravity), Field.Channel("gyro x", Unit.RadianPerSecond),
        Field.Channel("gyro y", Unit.RadianPerSecond), Field.Channel("gyro z", Unit.RadianPerSecond),
        new Field("recording", ColumnType.Int32, Unit.One), Field.Label());

    [Fact]
    public void ImuFeatures_have_a_fixed_order_of_columns()
    {
        using var probe = Probe(Sensor);
        string[] signals = ["acc x", "acc y", "acc z", "gyro x", "gyro y", "gyro z", "acc magnitude", "gyro magnitude"];
        string[] features = [.. Signal.Split(' ').Select(f => f.Replace('_', ' '))];
        string[] expected =
        [
            "time",
            .. signals.SelectMany(s => features.Where(f => f != "zero crossings" || !s.EndsWith("magnitude")).Select(f => $"{s} {f}")),
            .. new[] { "acc", "gyro" }.SelectMany(s => new[] { "x y", "x z", "y z" }.Select(p => $"{s} {p[0]} {s} {p[2]} correlation")),
            "acc magnitude area", "gyro magnitude area", "recording", "label",
        ];
        Assert.Equal(expected, Columns(probe));
        Assert.Equal(174, expected.Length - 3);
    }

    [Theory, InlineData("ax", "ay", "az", "m/s2"), InlineData("Acc1", "ACC2", "acc3", "sd")]
    public void ImuFeatures_find_axes_by_unit_or_by_name(string x, string y, string z, string unit)
    {
        var schema = new Schema(Field.Time(), Field.Channel("temperature", new("Cel")),
            Field.Channel(x, new(unit)), Field.Channel(y, new(unit)), Field.Channel(z, new(unit)));
        using var probe = Probe(schema);
        Assert.Equal(["time", $"{x} mean"], Columns(probe)[..2]);
        Assert.Equal(((3 * 21) + 20 + 4) + 1, Columns(probe).Length);
        Assert.DoesNotContain(Columns(probe), c => c.StartsWith("temperature") || c.StartsWith("gyro"));
    }

    [Fact]
    public void ImuFeatures_take_the_axes_that_are_named()
    {
        string[] names = ["body x", "body y", "body z", "total x", "total y", "total z"];
        var schema = new Schema([Field.Time(), .. names.Select(n => Field.Channel(n, Unit.StandardGravity))]);
        using var probe = Probe(schema, new() { Acceleration = ["total x", "total y", "total z"] });
        Assert.Contains("total y mean", Columns(probe));
        Assert.DoesNotContain(Columns(probe), c => c.StartsWith("body"));
        Assert.Throws<PipelineDefinitionException>(() => Probe(schema));
    }

    [Fact]
    public void ImuFeatures_without_a_sensor_a_rate_or_one_unit_are_refused()
    {
        var units = new[] { "gn", "gn", "m/s2" };
        var mixed = new Schema([Field.Time(), .. units.Select((u, i) => Field.Channel($"a{i}", new(u)))]);
        var untimed = new Schema(Enumerable.Range(0, 3).Select(i => Field.Channel($"a{i}", Unit.StandardGravity)));
        Assert.Contains("one unit", Assert.Throws<PipelineDefinitionException>(() => Probe(mixed)).Message);
        Assert.Contains("SamplesPerSecond", Assert.Throws<PipelineDefinitionException>(() => Probe(untimed)).Message);
        Assert.Contains("three channels", Assert.Throws<PipelineDefinitionException>(() => Probe(Batches.Channels(6))).Message);
        Assert.Throws<ArgumentException>(() => Probe(Sensor, new() { Acceleration = ["acc x", "acc y"] }));
        Assert.Throws<ArgumentException>(() => Probe(Sensor, new() { AngularVelocity = ["gyro x", "gyro x", "gyro z"] }));
        using var timed = Probe(untimed, new() { SamplesPerSecond = 50 });
        Assert.Equal("a0 mean", Columns(timed)[0]);
    }

    [Fact]
    public void ImuFeatures_of_a_sensor_that_is_turned_have_the_same_magnitudes()
    {
        using var probe = Probe(Sensor);
        using var turned = Probe(Sensor);
        var window = Batches.Random(probe.Pool, Sensor, 128, 5);
        var (x, y) = (window["acc x"].Values<float>().ToArray(), window["acc y"].Values<float>().ToArray());
        var other = Batches.Random(turned.Pool, Sensor, 128, 5);
        y.CopyTo(other["acc x"].Writable<float>());
        x.Select(v => -v).ToArray().CopyTo(other["acc y"].Writable<float>());
        probe.Send(window);
        turned.Send(other);
        var (before, after) = (probe.Take<Batch>(), turned.Take<Batch>());
        Assert.All(Columns(probe).Where(c => c.Contains("magnitude")), c =>
            Assert.Equal(before[c].Values<float>()[0], after[c].Values<float>()[0], 1e-5f));
        Assert.Equal(before["acc y rms"].Values<float>()[0], after["acc x rms"].Values<float>()[0]);
    }

    [Fact]
    public void A_magnitude_misses_the_rows_in_which_an_axis_does()
    {
        var schema = new Schema(Field.Time(), Field.Channel("acc x", Unit.One),
            new Field("acc y", ColumnType.Float32, Unit.One, Nullable: true), Field.Channel("acc z", Unit.One));
        using var probe = Probe(schema);
        long[] times = [0, 1, 2];
        probe.Send(Batches.Of(probe.Pool, schema, times, new float[] { 3, 3, 5 }, new float?[] { 4, null, 12 }, new float[3]));
        var row = probe.Take<Batch>();
        Assert.Equal(9, row["acc magnitude mean"].Values<float>()[0]);
        Assert.True(row.Schema.Fields[row.Schema.IndexOf("acc magnitude mean")].Nullable);
        Assert.False(row.Schema.Fields[row.Schema.IndexOf("acc x mean")].Nullable);
    }

    [Fact]
    public void Gravity_of_a_sensor_at_rest_is_all_of_it_also_across_gaps()
    {
        var schema = new Schema(Field.Time(), Field.Channel("acc x", Unit.StandardGravity), Field.Channel("acc y", Unit.StandardGravity),
            new Field("acc z", ColumnType.Float32, Unit.StandardGravity, Nullable: true));
        using var probe = Probe(schema, new() { SeparateGravity = true });
        var times = Enumerable.Range(0, 64).Select(i => i * 20_000_000L).ToArray();
        foreach (var z in new float?[] { 0.5f, null })
        {
            probe.Send(Batches.Of(probe.Pool, schema, times, Enumerable.Repeat(0.6f, 64).ToArray(), Enumerable.Repeat(-0.6f, 64).ToArray(),
                times.Select((_, i) => i % 5 == 0 ? null : z).ToArray()));
        }

        var (row, none) = (probe.Take<Batch>(), probe.Take<Batch>());
        Assert.Equal([0.6f, -0.6f, 0.5f], "xyz".Select(a => row[$"acc {a} gravity"].Values<float>()[0]), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(0, row["acc magnitude max"].Values<float>()[0], 1e-6f);
        Assert.True(row["acc z mean"].IsValid(0) && none["acc x gravity"].IsValid(0));
        Assert.False(none["acc z gravity"].IsValid(0) || none["acc z mean"].IsValid(0) || none["acc magnitude mean"].IsValid(0));
    }

    [Fact]
    public void Other_channels_have_the_features_of_an_axis_after_all_else_where_they_are_asked_for()
    {
        Schema schema = new([Field.Time(), Field.Channel("acc x", Unit.StandardGravity), Field.Channel("acc y", Unit.StandardGravity),
            Field.Channel("acc z", Unit.StandardGravity), Field.Channel("pressure", new("Pa"))]);
        var without = new ImuFeaturesOptions().Output(schema).Fields.Select(f => f.Name).ToList();
        var with = new ImuFeaturesOptions { IncludeOthers = true }.Output(schema).Fields;
        Assert.DoesNotContain(without, n => n.StartsWith("pressure", StringComparison.Ordinal));
        Assert.Subset(with.Select(f => f.Name).ToHashSet(), without.ToHashSet());
        Assert.Equal(without.Count(n => n.StartsWith("acc x ", StringComparison.Ordinal)
            && !n.EndsWith(" correlation", StringComparison.Ordinal)),
            with.Count(f => f.Name.StartsWith("pressure ", StringComparison.Ordinal)));
        Assert.Equal("Pa", with.First(f => f.Name == "pressure mean").Unit.Symbol);
    }

    [Fact]
    public void ImuFeatures_allocate_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.ImuFeatures(new() { SeparateGravity = true }), Sensor, guard: false);
        Streams.AllocateNothing(probe, Batches.Random(probe.Pool, Sensor, 128, 1), 200);
    }

    private static string[] Columns(OperatorProbe probe) =>
        [.. probe.Pipeline.Nodes.First(n => n.Name == "imu-features").Schema!.Fields.Select(f => f.Name)];

    private static OperatorProbe Probe(Schema schema, ImuFeaturesOptions? options = null) =>
        OperatorProbe.Of<Batch, Batch>(f => f.ImuFeatures(options), schema);
}
