namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class TargetTests
{
    private const long Ms = 1_000_000;
    private static readonly Schema Told = new(Field.Time(), Field.Channel("x", Unit.StandardGravity), Field.Target(Unit.StandardGravity));
    private static readonly Schema Rows = new(
        Field.Time(), new Field("x", ColumnType.Float32, Unit.StandardGravity, Nullable: true), Field.Label());

    /// <summary>Rows at 0, 20, … ms, and one value after a gap: 40 ms later is found to a quarter of that.</summary>
    [Theory, InlineData(1), InlineData(3), InlineData(100)]
    public void A_row_is_told_what_the_nearest_row_so_much_later_says(int rowsAtOnce)
    {
        long[] times = [0, 20, 41, 59, 80, 120, 130, 145];
        using var probe = Probe("x", 40);
        Send(probe, times, [0, 1, 2, 3, 4, 5, 6, 7], rowsAtOnce);
        probe.Complete();
        // 40 is nearest to 41, 60 to 59, 81 to 80, 99 to nothing within 10 ms, 120 is there, 160 never comes
        Assert.Equal([2, 3, 4, null, 5, null, null, null], Targets(probe));
        Assert.Equal(4, probe.Metrics.Counter("targets-missing"));
    }

    [Fact]
    public void Of_two_rows_as_near_the_earlier_counts_and_a_later_one_of_the_same_time_may_be_it()
    {
        using var probe = Probe("x", 20, new() { Tolerance = TimeSpan.FromMilliseconds(10) });
        Send(probe, [0, 0, 10, 30], [1, 2, 3, 4], 4);
        probe.Complete();
        Assert.Equal([3, 3, 4, null], Targets(probe));
    }

    [Fact]
    public void Nothing_is_looked_for_beyond_the_end_of_a_recording()
    {
        using var probe = Probe("x", 20);
        Send(probe, [100, 120, 140, 0, 20, 40, 160], [1, 2, 3, 4, 5, 6, 7], 7);
        probe.Complete();
        Assert.Equal([2, 3, null, 5, 6, null, null], Targets(probe));
    }

    [Fact]
    public void A_value_that_is_missing_later_is_no_target()
    {
        using var probe = Probe("x", 20);
        Send(probe, [0, 20, 40], [1, null, 3], 3);
        probe.Complete();
        Assert.Equal([null, 3, null], Targets(probe));
    }

    [Fact]
    public void Of_more_rows_than_may_wait_the_oldest_go_without_a_target()
    {
        using var probe = Probe("x", 1000, new() { MaxHeldRows = 10 });
        Send(probe, [.. Enumerable.Range(0, 30).Select(static i => i * 20L)], new float?[30], 6);
        Assert.Equal(10, probe.Metrics.Gauges["rows-held"]);
        Assert.Equal(20, Targets(probe).Count(static t => t is null));
    }

    [Fact]
    public void A_later_label_takes_the_place_of_the_one_of_now()
    {
        using var probe = Probe(Schema.LabelColumn, 40);
        Send(probe, [0, 20, 40, 60], [0, 1, 2, 3], 2);
        probe.Complete();
        var rows = probe.TakeAll<Batch>();
        Assert.All(rows, static b => Assert.Equal("time, x, label", string.Join(", ", b.Schema.Fields.Select(static f => f.Name))));
        Assert.Equal([2, 3, null, null], rows.SelectMany(static b => Enumerable.Range(0, b.Rows)
            .Select(r => b["label"].IsValid(r) ? b["label"].Values<int>()[r] : (int?)null)));
    }

    [Theory, InlineData("time"), InlineData("y")]
    public void Only_fractions_and_labels_can_be_forecast(string column) =>
        Assert.Throws<PipelineDefinitionException>(() => Probe(column, 20).Dispose());

    [Fact]
    public void A_row_of_a_window_keeps_the_target_of_the_last_row()
    {
        Func<Flow<Batch>, Flow<Batch>>[] blocks = [static f => f.MeanDeviation(), static f => f.Features(Feature.Mean)];
        foreach (var block in blocks)
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(block, Told);
            probe.Send(Batches.Of(probe.Pool, Told, new long[] { 0, 1, 2 }, new float[] { 5, 6, 7 }, new double?[] { 30, null, 10 }));
            probe.Send(Batches.Of(probe.Pool, Told, new long[] { 0, 1 }, new float[] { 5, 6 }, new double?[] { 30, null }));
            Assert.Equal([10, null], Targets(probe));
        }
    }

    [Fact]
    public void The_mean_of_the_targets_of_a_window_can_be_that_of_its_rows()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(static f => f.MeanTarget(), Told);
        probe.Send(Batches.Of(probe.Pool, Told, new long[] { 0, 1, 2 }, new float[] { 5, 6, 7 }, new double?[] { 30, null, 10 }));
        probe.Send(Batches.Of(probe.Pool, Told, new long[] { 0, 1 }, new float[] { 5, 6 }, new double?[] { 3, 4 }));
        probe.Send(Batches.Of(probe.Pool, Told, new long[] { 0 }, new float[] { 5 }, new double?[] { null }));
        Assert.Equal([20, 20, 20, 3.5, 3.5, null], Targets(probe));
    }

    [Fact]
    public void A_window_has_the_label_of_its_last_row_in_all_rows_whatever_those_before_say()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(static f => f.LastLabel(), Rows);
        int?[][] windows = [[2, 3], [null, 5], [7, null]];
        foreach (var labels in windows)
        {
            probe.Send(Batches.Of(probe.Pool, Rows, new long[] { 0, Ms }, new float?[] { 1, 2 }, labels));
        }
        Assert.Equal([3, 3, 5, 5, null, null], probe.TakeAll<Batch>().SelectMany(static b => Enumerable.Range(0, b.Rows)
            .Select(r => b["label"].IsValid(r) ? b["label"].Values<int>()[r] : (int?)null)));
    }

    private static OperatorProbe Probe(string column, int milliseconds, AheadOptions? options = null) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Ahead(column, TimeSpan.FromMilliseconds(milliseconds), options), Rows);

    private static void Send(OperatorProbe probe, long[] milliseconds, float?[] values, int rowsAtOnce)
    {
        long[] times = [.. milliseconds.Select(static t => t * Ms)];
        for (var first = 0; first < times.Length; first += rowsAtOnce)
        {
            var rows = Math.Min(rowsAtOnce, times.Length - first);
            probe.Send(Batches.Of(probe.Pool, Rows, times[first..(first + rows)], values[first..(first + rows)],
                Enumerable.Range(first, rows).Select(static i => (int?)i).ToArray()));
        }
    }

    private static List<double?> Targets(OperatorProbe probe) => [.. probe.TakeAll<Batch>().SelectMany(static b =>
        Enumerable.Range(0, b.Rows).Select(r => b["target"].IsValid(r) ? b["target"].Values<double>()[r] : (double?)null))];
}
