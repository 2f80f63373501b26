namespace StreamLearn.Learning.Tests;

/// <summary>Alarms of answers and of columns.</summary>
public sealed class DetectDriftTests
{
    private static readonly Schema Answers = new(Field.Time(), new Field("class", ColumnType.Int32, Unit.One), Field.Label());
    private static readonly Schema Sensor = Batches.Channels(1);

    [Fact]
    public void Answers_that_become_wrong_raise_an_alarm_with_its_row_and_time()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.DetectDrift().Output("main"), Answers);
        for (var i = 0; i < 1024; i++)
        {
            probe.Send(Batches.Of(probe.Pool, Answers, new[] { i * 10L }, new[] { i < 512 ? 1 : 0 }, new int?[] { 1 }));
        }

        var alarm = probe.Take<DriftAlarm>();
        Assert.Equal(DriftLevel.Drift, alarm.Level);
        Assert.InRange(alarm.Row, 513, 600);
        Assert.Equal((alarm.Row - 1) * 10, alarm.TimeNanoseconds);
        Assert.InRange(alarm.Mean, 0.5, 1);
        Assert.InRange(probe.Metrics.Counter("drifts"), 1, 3);      // the window is cut again as more is known
    }

    [Fact]
    public void Rows_without_a_label_or_a_number_are_passed_over_and_counted()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.DetectDrift().Output("main"), Answers);
        probe.Send(Batches.Of(probe.Pool, Answers, new[] { 1L, 2 }, new[] { 1, 1 }, new int?[] { null, 1 }));
        Assert.Equal(1, probe.Metrics.RowsDropped["unlabelled"]);
        using var column = OperatorProbe.From<Batch>((p, rows) => rows.DetectDrift(column: "c0").Output("main"), Sensor);
        column.Send(Batches.OfChannels(column.Pool, [1, float.NaN, float.PositiveInfinity]));
        Assert.Equal(2, column.Metrics.RowsDropped["non-finite"]);
    }

    [Fact]
    public void A_column_that_is_not_there_or_of_another_type_is_refused_at_wiring()
    {
        Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>((p, r) => r.DetectDrift().Output("main"), Sensor));
        Assert.Throws<PipelineDefinitionException>(
            () => OperatorProbe.From<Batch>((p, r) => r.DetectDrift(column: "label").Output("main"), Answers));
    }

    [Fact]
    public void The_mean_of_a_column_that_rises_is_found_by_Page_Hinkley()
    {
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => rows.DetectDrift(DriftRule.PageHinkley(0.1, 20), "c0").Output("main"), Sensor);
        var values = Enumerable.Range(0, 400).Select(static i => i < 200 ? i % 2 : 3f + (i % 2)).ToArray();
        probe.Send(Batches.OfChannels(probe.Pool, values));
        Assert.InRange(probe.Take<DriftAlarm>().Row, 201, 220);
    }
}
