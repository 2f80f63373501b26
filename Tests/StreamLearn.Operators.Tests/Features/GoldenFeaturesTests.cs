namespace StreamLearn.Operators.Tests;

public sealed class GoldenFeaturesTests
{
    private static readonly FrequencyBand[] Bands = [new("low", 0.5, 3), new("high", 3, 12), new("rest", 12, double.PositiveInfinity)];
    public static TheoryData<string> Names => [.. GoldenWindow.All.Select(w => w.Name)];

    /// <summary>Gaps as missing values of columns that may miss some, and as NaN of columns that may not.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Features_equal_those_of_numpy(string name)
    {
        var window = GoldenWindow.All.Single(w => w.Name == name);
        foreach (var nullable in new[] { true, false })
        {
            var schema = new Schema(window.Channels.Select((_, c) => new Field($"c{c}", ColumnType.Float32, Unit.One, nullable)));
            var options = new FeaturesOptions { Bands = [.. Bands], SamplesPerSecond = window.Rate };
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Features(Feature.All, options), schema);
            probe.Send(nullable
                ? Batches.Of(probe.Pool, schema, [.. window.Channels.Select(Missing)])
                : Batches.OfChannels(probe.Pool, window.Channels));
            AssertGolden(window, probe.Take<Batch>());
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Features_of_an_imu_equal_those_of_numpy(bool separateGravity)
    {
        var window = separateGravity ? GoldenWindow.ImuWithoutGravity : GoldenWindow.Imu;
        var schema = ImuFeaturesTests.Sensor;
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.ImuFeatures(new() { SeparateGravity = separateGravity }), schema);
        var times = Enumerable.Range(0, window.Channels[0].Length).Select(i => (long)(i * 1e9 / window.Rate)).ToArray();
        probe.Send(Batches.Of(probe.Pool, schema, [times, .. window.Channels, new int[times.Length], new int[times.Length]]));
        AssertGolden(window, probe.Take<Batch>());
    }

    private static Array Missing(float[] channel) => channel.Select(v => float.IsNaN(v) ? (float?)null : v).ToArray();

    private static void AssertGolden(GoldenWindow window, Batch row)
    {
        var columns = row.Schema.Fields.Where(f => f.Type == ColumnType.Float32).Select(f => f.Name).ToList();
        Assert.Equal(window.Features.Keys.Order(), columns.Order());
        var wrong = columns.Select(c => (Name: c, Expected: window.Features[c], Actual: row[c].Values<float>()[0]))
            .Where(f => !(Math.Abs(f.Actual - f.Expected) <= 1e-5 * Math.Max(1, Math.Abs(f.Expected)))).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.All(columns, c => Assert.True(row[c].IsValid(0)));
    }
}
