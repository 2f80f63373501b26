using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

public sealed class InferTests
{
    private static readonly Schema Rows = new(Field.Time(), Field.Channel("x", Unit.One), Field.Label());

    [Fact]
    public void Every_row_gets_its_likeliest_class_and_keeps_its_time_and_label()
    {
        using var probe = Probe(Rows);
        probe.Control(Signs(version: 1));
        probe.Send(Batches.Of(probe.Pool, Rows, new long[] { 10, 20, 30 }, new float[] { 2, float.NaN, -1 }, new int?[] { 1, 1, null }));
        var answers = probe.Take<Batch>();
        Assert.Equal("time, class, confidence, label", string.Join(", ", answers.Schema.Fields.Select(f => f.Name)));
        Assert.Equal([10L, 30], answers["time"].Values<long>().ToArray());
        Assert.Equal([1, 0], answers["class"].Values<int>().ToArray());
        Assert.Equal(0.98201, answers["confidence"].Values<float>()[0], 1e-5);       // 1/(1+e⁻⁴)
        Assert.Equal((true, 1, false), (answers["label"].IsValid(0), answers["label"].Values<int>()[0], answers["label"].IsValid(1)));
        Assert.Equal(1, probe.Metrics.RowsDropped["non-finite"]);
    }

    [Fact]
    public void Rows_whose_answer_is_no_number_are_dropped_and_the_others_stay_with_their_times()
    {
        using var probe = Probe(Rows);
        probe.Control(Signs(version: 1) with { Values = [2, -2, 0, 0, .. Signs(version: 1).Values[4..].Select(static _ => 0f)] });
        float[] values = [3e38f, 1, -3e38f, -1];
        probe.Send(Batches.Of(probe.Pool, Rows, new long[] { 10, 20, 30, 40 }, values, new int?[] { 0, 1, 0, 1 }));
        probe.Send(Batches.Of(probe.Pool, Rows, new long[] { 50 }, new[] { 3e38f }, new int?[] { 0 }));
        var answers = probe.Take<Batch>();
        Assert.Equal([20L, 40], answers["time"].Values<long>().ToArray());
        Assert.All(answers["confidence"].Values<float>().ToArray(), static c => Assert.InRange(c, 0.5f, 1));
        Assert.Equal(3, probe.Metrics.RowsDropped["non-finite"]);
        probe.ExpectNothing();
    }

    [Fact]
    public void Values_of_a_file_answer_from_the_first_row_on_and_no_version_is_needed()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Infer(Model, Signs(version: 3)), Rows);
        probe.Send(Batches.Of(probe.Pool, Rows, new long[] { 10, 20 }, new float[] { 2, -1 }, new int?[] { 1, 1 }));
        Assert.Equal([1, 0], probe.Take<Batch>()["class"].Values<int>().ToArray());
        Assert.Throws<ArgumentException>(() => OperatorProbe.Of<Batch, Batch>(
            f => f.Infer(new SoftmaxRegression(2, 2), Signs(version: 3)), Rows));
    }

    [Fact]
    public void The_newest_model_is_in_use()
    {
        using var probe = Probe(Rows);
        probe.Control(Signs(version: 2), Signs(version: 1) with { Values = [0, 1, 1, -1, 0, 0] });
        probe.Send(Batches.Of(probe.Pool, Rows, new long[] { 10 }, new float[] { 2 }, new int?[] { 1 }));
        Assert.Equal(1, probe.Take<Batch>()["class"].Values<int>()[0]);
        Assert.Equal(1, probe.Metrics.Counter("stale-models"));
    }

    [Fact]
    public void A_version_of_an_earlier_start_of_the_aggregator_is_older_whatever_its_number()
    {
        using var probe = Probe(Rows);
        probe.Control(Signs(version: 1) with { Epoch = 2 }, Signs(version: 5) with { Epoch = 1 });
        Assert.Equal(1, probe.Metrics.Counter("stale-models"));
    }

    [Fact]
    public void Without_time_and_label_there_are_class_and_confidence()
    {
        var schema = Batches.Channels(1);
        using var probe = Probe(schema);
        probe.Send(Batches.OfChannels(probe.Pool, [1, 2]));
        probe.Send(Batches.OfChannels(probe.Pool, Array.Empty<float>()));
        probe.Send(Batches.OfChannels(probe.Pool, new float[] { float.NaN }));
        Assert.Equal("class int32 [1], confidence float32 [1]", probe.Take<Batch>().Schema.ToString());
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void A_schema_with_too_many_channels_is_refused_at_wiring() =>
        Assert.Throws<PipelineDefinitionException>(() => Probe(Batches.Channels(2)));

    private static OperatorProbe Probe(Schema schema) =>
        OperatorProbe.From<Batch>((p, rows) => rows.Infer(Model, p.Input<Weights>("models")).Output("main"), schema);
}
