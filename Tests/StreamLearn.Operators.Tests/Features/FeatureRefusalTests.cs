namespace StreamLearn.Operators.Tests;

public sealed class FeatureRefusalTests
{
    private static readonly Schema Timed = new(Field.Time(), Field.Channel("x", Unit.One));

    [Fact]
    public void Windows_that_are_empty_other_or_without_a_rate_are_dropped_by_name()
    {
        using var probe = Probe(Feature.DominantFrequency, null);
        foreach (var times in new long[][] { [], [0, 20, 40], [5, 3, 4], [9, 9], [7] })
        {
            probe.Send(Batches.Of(probe.Pool, Timed, times, new float[times.Length]));
        }
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        Assert.Equal((1, 1, 1), (probe.Metrics.Drops["empty"], probe.Metrics.Drops["schema"], probe.Count() - 1));
        Assert.Equal(2, probe.Metrics.Drops["no-rate"]);
    }

    [Fact]
    public void The_rate_is_that_of_the_times_unless_it_is_given()
    {
        foreach (var (given, expected) in new[] { ((double?)null, 25.0), (50, 12.5) })
        {
            using var probe = Probe(Feature.DominantFrequency, new() { SamplesPerSecond = given });
            var times = Enumerable.Range(0, 64).Select(i => i * 10_000_000L).ToArray();
            probe.Send(Batches.Of(probe.Pool, Timed, times, times.Select((_, i) => (float)Math.Sin(Math.PI * i / 2)).ToArray()));
            Assert.Equal(expected, probe.Take<Batch>()["x dominant frequency"].Values<float>()[0], 1e-4);
        }
    }

    [Fact]
    public void Wrong_settings_are_refused_at_the_call()
    {
        Assert.Throws<ArgumentException>(() => Probe(Feature.None, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe((Feature)(1 << 20), null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(Feature.Mean, new() { SamplesPerSecond = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(Feature.Mean, new() { SamplesPerSecond = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(Feature.Mean, new() { Bands = [new("x", 3, 3)] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(Feature.Mean, new() { Bands = [new("x", -1, 3)] }));
        Assert.Throws<ArgumentException>(() => Probe(Feature.Mean, new() { Bands = [new("", 1, 3)] }));
        Assert.Throws<ArgumentException>(() => Probe(Feature.Mean, new() { Bands = default }));
    }

    [Fact]
    public void Columns_that_do_not_fit_are_refused_at_wiring()
    {
        FeaturesOptions same = new() { Bands = [new("a", 0, 1), new("a", 1, 2)] };
        Schema longName = new(Field.Time(), Field.Channel(new('x', 60), Unit.One));
        Assert.Contains("two columns", Refused(Timed, Feature.Mean, same));
        Assert.Contains("64 characters", Refused(longName, Feature.Mean, null));
        Assert.Contains("float32 channel", Refused(new(Field.Time()), Feature.Mean, null));
        Assert.Contains("SamplesPerSecond", Refused(Batches.Channels(1), Feature.JerkDeviation, null));
    }

    [Fact]
    public void Blocks_are_equal_by_the_values_of_their_settings()
    {
        FeaturesOptions options = new() { Bands = [new("a", 0, 1)], SamplesPerSecond = 50 };
        using var first = Probe(Feature.Mean | Feature.Rms, options);
        using var same = Probe(Feature.Mean | Feature.Rms, new() { Bands = [new("a", 0, 1)], SamplesPerSecond = 50 });
        using var other = Probe(Feature.Mean | Feature.Rms, options with { Bands = [new("a", 0, 2)] });
        Assert.Equal(first.Pipeline, same.Pipeline);
        Assert.NotEqual(first.Pipeline, other.Pipeline);
        Assert.Equal("Mean, Rms, a 0 to 1 Hz, 50 rows a second", (options with { Features = Feature.Mean | Feature.Rms }).ToString());
        Assert.Equal(new ImuFeaturesOptions(), new ImuFeaturesOptions());
        Assert.NotEqual(new ImuFeaturesOptions(), new() { Acceleration = ["x", "y", "z"] });
    }

    private static string Refused(Schema schema, Feature features, FeaturesOptions? options) => Assert.Throws<PipelineDefinitionException>(
        () => OperatorProbe.Of<Batch, Batch>(f => f.Features(features, options), schema)).Message;

    private static OperatorProbe Probe(Feature features, FeaturesOptions? options) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Features(features, options), Timed);
}
