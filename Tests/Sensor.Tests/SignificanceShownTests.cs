using System.Buffers;
using StreamLearn.Fleets;

namespace Sensor.Tests;

public sealed class SignificanceShownTests
{
    private const int Values = 1_000_000;
    private static readonly LinearModel Model = new(Values, new SquaredError(), bias: false);

    [Fact]
    public void It_says_which_share_went_and_which_bytes_that_saved()
    {
        using var probe = OperatorProbe.From<WeightDelta>((p, updates) => updates.KeepSignificant(Model, p.Input<Weights>("versions"),
            options: new() { Threshold = SignificanceThreshold.Constant(0.1f) }).Output("main"));
        probe.Control(new Weights { Version = 1, SchemaHash = Model.Plan.SchemaHash, Values = [.. Enumerable.Repeat(1f, Values)] });
        Assert.Equal("", SignificanceShown.Text([probe.Metrics]));

        probe.Send(new WeightDelta
        {
            Device = "d",
            Epoch = 1,
            Sequence = 1,
            BaseVersion = 1,
            Samples = 32,
            Steps = 1,
            SchemaHash = Model.Plan.SchemaHash,
            Values = [.. Enumerable.Range(1, Values).Select(static i => i % 10 == 0 ? 0.2f : 0.05f)],
        });

        Assert.Equal(" sent=10% saved=3.5MB", SignificanceShown.Text([probe.Metrics]));
        using var status = JsonDocument.Parse(Status(probe.Metrics));
        long Of(string key) => status.RootElement.GetProperty(key).GetInt64();
        Assert.Equal((Values, Values / 10), (Of("changes"), Of("changes_sent")));
        Assert.Equal(probe.Metrics.Counter("bytes") - probe.Metrics.Counter("bytes-sent"), Of("update_bytes_saved"));
    }

    private static ReadOnlyMemory<byte> Status(BlockMetrics kept)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        SignificanceShown.Write(json, [kept]);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}
