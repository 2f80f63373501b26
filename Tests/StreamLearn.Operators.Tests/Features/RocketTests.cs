using System.Runtime.InteropServices;
using System.Text.Json;

namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class RocketTests
{
    private static readonly Schema TwoChannels =
        new(Field.Time(), Field.Channel("x", Unit.StandardGravity), Field.Channel("y", Unit.One), Field.Label());

    /// <summary>Samples, kernels and features of <c>Golden/rocket.py</c>.</summary>
    private static JsonElement[] Golden => [.. JsonDocument.Parse(File.ReadAllBytes(
        Path.Combine(AppContext.BaseDirectory, "Golden", "rocket.json"))).RootElement.EnumerateArray()];

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Shares_are_those_of_numpy_to_the_last_bit(int number)
    {
        var golden = Golden[number];
        var kernels = RocketKernels.Parse(golden.GetProperty("kernels").GetString())!;
        var shares = new float[kernels.Features];
        new RocketTransform(kernels).Transform(Floats(golden, "windows").AsSpan(0, kernels.Channels * kernels.Rows), shares);
        Assert.Equal(Floats(golden, "shares"), shares);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Scales_and_biases_of_a_sample_are_those_of_numpy(int number)
    {
        var golden = Golden[number];
        var expected = RocketKernels.Parse(golden.GetProperty("kernels").GetString())!;
        var kernels = RocketKernels.Fit(Floats(golden, "windows"), expected.Channels, expected.Rows, expected.Seed, expected.Features);
        Assert.Equal(golden.GetProperty("features").GetInt32(), kernels.Features);
        Assert.All(kernels.Scales.Zip(expected.Scales), s => Assert.Equal(s.Second, s.First, 1e-6f * s.Second));      // an ulp or two of
        Assert.All(kernels.Biases.Zip(expected.Biases), b => Assert.Equal(b.Second, b.First, 1e-5f));                 // float32, below 64
    }

    [Fact]
    public void Kernels_are_read_back_from_their_text_and_nothing_else_is()
    {
        var kernels = Kernels(2, 40);
        var text = kernels.ToText();
        Assert.Equal(kernels, RocketKernels.Parse(text));
        Assert.NotEqual(kernels, RocketKernels.Fit(Sample(2, 40), 2, 40, seed: 6, 168));
        Assert.All([null, "", "AQ==", text[4..], text[..^4], "Ag" + text[2..]], t => Assert.Null(RocketKernels.Parse(t)));
    }

    [Theory]
    [InlineData(0, 40, 168), InlineData(2, 8, 168), InlineData(2, 40, 83), InlineData(2, 40, 1009)]
    [InlineData(2, 39, 168)]
    public void A_sample_of_another_shape_is_refused(int channels, int rows, int features) =>
        Assert.Throws<ArgumentException>(() => RocketKernels.Fit(Sample(2, 40), channels, rows, seed: 1, features));

    [Fact]
    public void Rocket_makes_a_row_of_shares_in_the_place_of_the_channels()
    {
        var kernels = Kernels(2, 40);
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Rocket(kernels), TwoChannels);
        var expected = new float[kernels.Features];
        new RocketTransform(kernels).Transform(Sample(2, 40).AsSpan(0, 80), expected);
        probe.Send(Window(probe.Pool, Sample(2, 40)));
        var row = probe.Take<Batch>();
        Assert.Equal(expected, Enumerable.Range(1, kernels.Features).Select(n => row[$"rocket {n}"].Values<float>()[0]));
        Assert.Equal((39L, 3), (row["time"].Values<long>()[0], row["label"].Values<int>()[0]));
        Assert.Equal(row.Schema, probe.Pipeline.Nodes.First(n => n.Name == "rocket").Schema);
    }

    [Fact]
    public void Rocket_runs_over_a_straight_line_where_values_are_missing()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Rocket(Kernels(2, 40)), TwoChannels);
        var (gapped, line) = (Sample(2, 40), Sample(2, 40));
        for (var i = 10; i < 14; i++) { (gapped[i], line[i]) = (float.NaN, line[9] + ((line[14] - line[9]) * (i - 9) / 5)); }
        probe.Send(Window(probe.Pool, gapped));
        probe.Send(Window(probe.Pool, line));
        var rows = probe.TakeAll<Batch>();
        Assert.Equal(Shares(rows[1]), Shares(rows[0]));
    }

    [Fact]
    public void Rocket_drops_windows_of_another_shape_and_without_values_by_name()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Rocket(Kernels(2, 40)), null);
        probe.Send(Batches.OfChannels(probe.Pool, new float[40], new float[40]));
        probe.Send(Batches.OfChannels(probe.Pool, new float[41], new float[41]));
        probe.Send(Batches.OfChannels(probe.Pool, new float[40]));
        probe.Send(Batches.OfChannels(probe.Pool, new float[40], [.. Enumerable.Repeat(float.NaN, 40)]));
        var drops = probe.Metrics.Drops;
        Assert.Equal((1, 1, 1, 1), (drops["rows"], drops["schema"], drops["empty"], probe.Count()));
    }

    [Fact]
    public void Rocket_for_other_channels_is_refused_at_wiring() => Assert.Throws<PipelineDefinitionException>(
        () => OperatorProbe.Of<Batch, Batch>(f => f.Rocket(Kernels(3, 40)), TwoChannels));

    [Fact]
    public void Rocket_allocates_nothing_in_steady_state()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Rocket(Kernels(2, 128)), TwoChannels, guard: false);
        Streams.AllocateNothing(probe, Window(probe.Pool, Sample(2, 128)), 200);
    }

    private static RocketKernels Kernels(int channels, int rows) =>
        RocketKernels.Fit(Sample(channels, rows), channels, rows, seed: 5, features: 168);

    /// <summary>Three windows of walks.</summary>
    private static float[] Sample(int channels, int rows)
    {
        var (random, value) = (new RandomStream(7, "values"), 0.0);
        return [.. Enumerable.Range(0, 3 * channels * rows).Select(_ => (float)(value += random.NextGaussian()))];
    }

    private static Batch Window(BatchPool pool, float[] sample)
    {
        var rows = sample.Length / 6;
        return Batches.Of(pool, TwoChannels, Enumerable.Range(0, rows).Select(static i => (long)i).ToArray(),
            sample[..rows], sample[rows..(2 * rows)], Enumerable.Repeat(3, rows).ToArray());
    }

    private static float[] Shares(Batch row) =>
        [.. Enumerable.Range(0, row.Channels.Count).Select(c => row.Channels[c].Values<float>()[0])];

    private static float[] Floats(JsonElement golden, string name) =>
        MemoryMarshal.Cast<byte, float>(golden.GetProperty(name).GetBytesFromBase64()).ToArray();
}
