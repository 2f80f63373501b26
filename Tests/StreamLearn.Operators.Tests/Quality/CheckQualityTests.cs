using FsCheck.Fluent;

namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class CheckQualityTests
{
    private const long Second = 1_000_000_000;
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private static readonly Schema Sensor = new(
        Field.Time(), Field.Channel("a", Unit.One), new Field("b", ColumnType.Float32, Unit.One, Nullable: true),
        new Field("row", ColumnType.Int32, Unit.One));

    [Fact]
    public void CheckQuality_passes_good_batches_uncopied()
    {
        using var probe = Probe(new());
        var batch = Rows(probe.Pool, [1, 2, 3, 4, 5, 6, 7]);
        probe.Send(batch);
        Assert.Same(batch, probe.Take<Batch>());
        Assert.Equal((0, 0.0), (probe.Count(1), probe.Metrics.Gauges["fault"]));
        Assert.Empty(probe.Metrics.RowsDropped);
    }

    [Fact]
    public void CheckQuality_sets_a_channel_aside_that_has_stood_still_too_long_until_it_moves()
    {
        using var probe = Probe(new() { Stuck = TimeSpan.FromSeconds(3) });
        probe.Send(Rows(probe.Pool, [4, 4, 4, 4, 4]));
        Assert.Equal((6.0, 1.0), (probe.Metrics.Gauges["fault"], probe.Metrics.Gauges["channels-stuck"]));
        probe.Send(Rows(probe.Pool, [4, 4, 5, 5, 5], first: 5));
        Assert.Equal([(4, RowFault.Stuck), (5, RowFault.Stuck), (6, RowFault.Stuck)], Aside(probe));
        Assert.Equal([0, 1, 2, 3, 7, 8, 9], Good(probe));
        Assert.Equal((3L, 3L), (probe.Metrics.Counter("rows-stuck"), probe.Metrics.Counter("rows-stuck a")));
        Assert.Equal((0.0, 0.0), (probe.Metrics.Gauges["fault"], probe.Metrics.Gauges["channels-stuck"]));
    }

    [Fact]
    public void CheckQuality_shows_a_channel_as_stuck_while_it_has_no_value()
    {
        using var probe = Probe(new() { Stuck = TimeSpan.FromSeconds(3) });
        probe.Send(Rows(probe.Pool, [4, 4, 4, 4, 4]));
        probe.Send(Rows(probe.Pool, [float.NaN, float.NaN], first: 5));
        Assert.Equal(1, probe.Metrics.Gauges["channels-stuck"]);
    }

    [Fact]
    public void CheckQuality_takes_a_channel_as_stuck_that_stays_within_a_distance_of_where_it_stopped()
    {
        using var probe = Probe(new() { Stuck = TimeSpan.FromSeconds(2), StuckWithin = 0.5f });
        probe.Send(Rows(probe.Pool, [1, 1.5f, 0.5f, 1.4f, 1.6f, 2, 2.1f, 2, 2.3f]));
        Assert.Equal([(3, RowFault.Stuck), (7, RowFault.Stuck)], Aside(probe));
    }

    [Fact]
    public void CheckQuality_lets_named_channels_stand_still_for_ever()
    {
        using var probe = Probe(new() { Channels = [new("a") { Stuck = Timeout.InfiniteTimeSpan }] });
        probe.Send(Rows(probe.Pool, new float[100]));
        Assert.Equal((1, 0), (probe.Count(), probe.Count(1)));
    }

    [Fact]
    public void CheckQuality_does_not_count_time_without_rows_as_standing_still_where_a_gap_is_set()
    {
        using var probe = Probe(new() { Stuck = TimeSpan.FromSeconds(2), Gap = TimeSpan.FromSeconds(5) });
        probe.Send(Rows(probe.Pool, [1, 1], seconds: [0, 100]));
        Assert.Equal([0, 1], Good(probe));
    }

    [Fact]
    public void CheckQuality_finds_values_outside_their_range_and_those_that_are_none()
    {
        using var probe = Probe(new() { Channels = [new("a", Min: -1, Max: 1), new("b", Max: 10)] });
        probe.Send(Rows(probe.Pool, [0, 1, 1.1f, -1, -1.1f, float.NaN, 0.1f, float.PositiveInfinity],
            b: [0, 10, 2, 11, null, float.NaN, null, 1]));
        Assert.Equal([(2, RowFault.Range), (3, RowFault.Range), (4, RowFault.Range), (5, RowFault.NonFinite), (7, RowFault.NonFinite)],
            Aside(probe));
        Assert.Equal([0, 1, 6], Good(probe));
        Assert.Equal((3L, 1L, 2L, 1L), (probe.Metrics.Counter("rows-range a"), probe.Metrics.Counter("rows-range b"),
            probe.Metrics.Counter("rows-non-finite a"), probe.Metrics.Counter("rows-non-finite b")));
        Assert.Equal((3L, 2L), (probe.Metrics.Counter("rows-range"), probe.Metrics.Counter("rows-non-finite")));
    }

    [Fact]
    public void CheckQuality_does_not_look_behind_missing_values()
    {
        using var probe = Probe(new() { Channels = [new("b", Min: 1)], Stuck = TimeSpan.FromSeconds(2) });
        var batch = Rows(probe.Pool, [1, 2, 3, 4, 5], b: [5, 5, 5, 5, 5]);
        for (var row = 1; row < 5; row++) { batch["b"].SetValid(row, false); }
        batch["b"].Writable<float>()[1] = float.NaN;
        batch["b"].Writable<float>()[2] = 0;
        probe.Send(batch);
        Assert.Equal([0, 1, 2, 3, 4], Good(probe));
    }

    [Fact]
    public void CheckQuality_finds_times_that_are_none_in_the_future_or_not_after_those_before()
    {
        var start = DateTimeOffset.UnixEpoch.AddSeconds(1000);
        using var probe = Probe(new() { Clock = new() { Start = start } }, new(Field.Time() with { Nullable = true }, Sensor.Fields[1]));
        probe.Advance(TimeSpan.FromSeconds(10));
        var seconds = new long?[] { 1001, 1001, 1002, 4600, 1000, null, 1012, 1013, 1003, long.MaxValue / Second, 1012 };
        probe.Send(Batches.Of(probe.Pool, probe.Pipeline.Nodes[0].Schema!,
            seconds.Select(s => s * Second).ToArray(), seconds.Select((_, i) => (float)i).ToArray()));
        var aside = probe.Take<Batch>(1);
        Assert.Equal([1f, 3, 4, 5, 7, 8, 9, 10], aside["a"].Values<float>().ToArray());
        Assert.Equal([RowFault.Backwards, RowFault.Future, RowFault.Backwards, RowFault.BadTime, RowFault.Future, RowFault.Backwards,
            RowFault.BadTime, RowFault.Backwards], aside["fault"].Values<int>().ToArray().Select(f => (RowFault)f));
        Assert.Equal((2L, 4L, 2L), (probe.Metrics.Counter("rows-future"), probe.Metrics.Counter("rows-backwards"),
            probe.Metrics.Counter("rows-bad-time")));
    }

    [Fact]
    public void CheckQuality_quarantines_a_device_whose_clock_is_an_hour_ahead_and_takes_it_back_when_it_is_set_right()
    {
        using var probe = Probe(new() { Clock = new() { Start = DateTimeOffset.UnixEpoch } });
        probe.Send(Rows(probe.Pool, [1, 2, 3], seconds: [3600, 3601, 3602]));
        Assert.Equal((double)RowFault.Future, probe.Metrics.Gauges["fault"]);
        probe.Advance(TimeSpan.FromSeconds(5));
        probe.Send(Rows(probe.Pool, [4, 5], first: 3, seconds: [3, 4]));
        Assert.Equal([3, 4], Good(probe));
        Assert.Equal((3L, 0.0), (probe.Metrics.Counter("rows-future"), probe.Metrics.Gauges["fault"]));
    }

    [Fact]
    public void CheckQuality_takes_rows_in_any_order_where_the_options_say_so()
    {
        using var probe = Probe(new() { AnyOrder = true });
        probe.Send(Rows(probe.Pool, [1, 2, 3, 4], seconds: [5, 3, 3, 4]));
        Assert.Equal([0, 1, 2, 3], Good(probe));
    }

    [Fact]
    public void CheckQuality_numbers_the_segments_between_gaps_so_that_no_window_spans_one()
    {
        using var probe = Probe(new() { Gap = OneSecond, Channels = [new("a", Max: 100)] });
        float[] values = [1, 2, 3, 4, 5, 101, 102, 6, 7, 8];
        probe.Send(Rows(probe.Pool, values, seconds: [0, 1, 2, 10, 11, 12, 13, 14, 15, 20]));
        var good = probe.Take<Batch>();
        Assert.Equal([0, 0, 0, 1, 1, 2, 2, 3], good["segment"].Values<int>().ToArray());
        Assert.Equal((3L, 8), (probe.Metrics.Counter("gaps"), good.Rows));
        using var windows = OperatorProbe.Of<Batch, Batch>(f => f.Window(3, 3, new() { Segment = "segment" }));
        windows.Send(Batches.Of(windows.Pool, good.Schema, [.. Columns(good)]));
        Assert.Equal([1f, 2, 3], windows.Take<Batch>()["a"].Values<float>().ToArray());
        Assert.Equal(0, windows.Count());
    }

    [Fact]
    public void CheckQuality_drops_faulty_rows_by_reason_where_the_options_say_so()
    {
        using var probe = Probe(new() { DropFaulty = true, Channels = [new("a", Max: 1)] });
        probe.Send(Rows(probe.Pool, [0, 2, float.NaN, 0.5f], seconds: [1, 2, 3, 3]));
        probe.Send(Rows(probe.Pool, [3, 3, 3], first: 4));
        Assert.Equal([0], Good(probe));
        Assert.Equal((4L, 1L, 1L, 0), (probe.Metrics.RowsDropped["range"], probe.Metrics.RowsDropped["non-finite"],
            probe.Metrics.RowsDropped["backwards"], probe.Count(1)));
    }

    [Fact]
    public void CheckQuality_finds_the_same_rows_however_they_come_in_and_loses_none()
    {
        var streams =
            from steps in Gen.Frequency((8, Gen.Constant(1)), (1, Gen.Choose(-3, 12))).ArrayOf()
            from values in Gen.Frequency((5, Gen.Choose(0, 1)), (1, Gen.Choose(-5, 15)), (1, Gen.Constant(int.MaxValue)))
                .ArrayOf(steps.Length)
            from sizes in Gen.Choose(0, 9).ArrayOf()
            select (steps, values, sizes);
        var options = new CheckQualityOptions
        {
            Stuck = TimeSpan.FromSeconds(3),
            Gap = TimeSpan.FromSeconds(8),
            Channels = [new("a", 0, 9)],
        };

        TimedRows.Holds(streams, stream =>
        {
            var seconds = stream.steps.Select((_, i) => stream.steps.Take(i + 1).Sum()).ToArray();
            var values = stream.values.Select(v => v == int.MaxValue ? float.NaN : v).ToArray();
            using var probe = Probe(options);
            Streams.Feed(probe, Rows(probe.Pool, values, seconds: seconds), stream.sizes);
            var expected = Naive(seconds, values);
            Assert.Equal(Enumerable.Range(0, values.Length).Where(i => expected[i] == RowFault.None), Good(probe));
            Assert.Equal(Enumerable.Range(0, values.Length).Where(i => expected[i] != RowFault.None).Select(i => (i, expected[i])),
                Aside(probe));
        });
    }

    [Fact]
    public void CheckQuality_reads_a_long_batch_in_slices()
    {
        using var probe = Probe(new() { Channels = [new("a", Max: 150_000)] });
        var batch = Rows(probe.Pool, [.. Enumerable.Range(0, 200_000).Select(i => (float)i)], seconds: [.. Enumerable.Range(0, 200_000)]);
        probe.Send(batch);
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.Zero);
        Assert.True(probe.Ready);
        Assert.Equal((150_001, 49_999), (Good(probe).Count, Aside(probe).Count));
    }

    [Fact]
    public void CheckQuality_ended_in_the_middle_of_a_long_batch_accounts_for_its_rows()
    {
        using var probe = Probe(new());
        probe.Send(Rows(probe.Pool, [.. Enumerable.Range(0, 200_000).Select(i => (float)i)], seconds: [.. Enumerable.Range(0, 200_000)]));
        probe.Complete();
        Assert.Equal(200_000, Good(probe).Count + probe.Metrics.RowsDropped["unread"]);
    }

    [Fact]
    public void CheckQuality_drops_empty_batches_and_other_schemas_by_name()
    {
        using var probe = OperatorProbe.Of<Batch, Batch, Batch>(f => f.CheckQuality());
        probe.Send(Rows(probe.Pool, []));
        probe.Send(Batches.OfChannels(probe.Pool, [1f, 2f]));
        probe.Send(Rows(probe.Pool, [1]));
        probe.Send(Streams.Numbered(probe.Pool, 3));
        Assert.Equal((1L, 5L, 1), (probe.Metrics.Drops["empty"], probe.Metrics.RowsDropped["schema"], probe.Count()));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void CheckQuality_allocates_nothing_in_steady_state(bool segments)
    {
        using var probe = OperatorProbe.Of<Batch, Batch, Batch>(f => f.CheckQuality(new()
        {
            Gap = segments ? OneSecond : null,
            Clock = EventClock.FullSpeed,
            Channels = [new("x", 0, 1000)],
        }), Streams.Sensor, guard: false);
        var (time, sent, segmentsIn) = (0L, 0L, new[] { 50 });

        var bytes = Streams.AllocatedBy(probe.Pool, 1000, _ =>
        {
            var batch = Streams.Numbered(probe.Pool, segmentsIn);
            foreach (ref var t in batch.Columns[0].Writable<long>()) { t = time += 20_000_000; }
            batch.Columns[1].Writable<float>()[7] = float.NaN;
            batch.Columns[2].Writable<float>()[9] = float.NaN;
            probe.Send(batch);
            sent++;
            probe.Clear();
        });

        Assert.InRange(bytes, 0, 256);
        Assert.Equal(2 * sent, probe.Metrics.Counter("rows-non-finite"));
    }

    private static RowFault[] Naive(int[] seconds, float[] values)
    {
        var faults = new RowFault[seconds.Length];
        for (var i = 0; i < faults.Length; i++)
        {
            var before = Enumerable.Range(0, i).Where(j => faults[j] != RowFault.Backwards).ToList();
            if (before.Any(j => seconds[j] >= seconds[i])) { faults[i] = RowFault.Backwards; }
            else if (!float.IsFinite(values[i])) { faults[i] = RowFault.NonFinite; }
            else if (values[i] is < 0 or > 9) { faults[i] = RowFault.Range; }
            else
            {
                var start = i;
                foreach (var j in before.Where(j => float.IsFinite(values[j])).Reverse())
                {
                    if (values[j] != values[i] || seconds[start] - seconds[j] > 8) { break; }
                    start = j;
                }
                if (seconds[i] - seconds[start] > 3) { faults[i] = RowFault.Stuck; }
            }
        }

        return faults;
    }

    private static OperatorProbe Probe(CheckQualityOptions options, Schema? schema = null) =>
        OperatorProbe.Of<Batch, Batch, Batch>(f => f.CheckQuality(options), schema ?? Sensor);

    private static Batch Rows(BatchPool pool, float[] a, int first = 0, int[]? seconds = null, float?[]? b = null) => Batches.Of(
        pool, Sensor, a.Select((_, i) => (seconds is null ? first + i : seconds[i]) * Second).ToArray(), a,
        b ?? [.. a.Select((_, i) => (float?)(first + i))], a.Select((_, i) => first + i).ToArray());

    private static List<int> Good(OperatorProbe probe) => [.. probe.TakeAll<Batch>().SelectMany(b => b["row"].Values<int>().ToArray())];

    private static List<(int Row, RowFault Fault)> Aside(OperatorProbe probe) => [.. probe.TakeAll<Batch>(1).SelectMany(b =>
        b["row"].Values<int>().ToArray().Zip(b["fault"].Values<int>().ToArray(), (row, fault) => (row, (RowFault)fault)))];

    private static IEnumerable<Array> Columns(Batch batch)
    {
        yield return batch["time"].Values<long>().ToArray();
        yield return batch["a"].Values<float>().ToArray();
        yield return batch["b"].Values<float>().ToArray().Cast<float?>().ToArray();
        yield return batch["row"].Values<int>().ToArray();
        yield return batch["segment"].Values<int>().ToArray();
    }
}
