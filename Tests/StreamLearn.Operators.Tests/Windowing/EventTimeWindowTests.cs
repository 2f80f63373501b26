using FsCheck.Fluent;

namespace StreamLearn.Operators.Tests;

/// <summary>What <c>WindowByTime</c> and <c>SessionWindow</c> have in common, on random streams.</summary>
public sealed class EventTimeWindowTests
{
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        { 100, 100, 0, 0 }, { 100, 100, 60, 0 }, { 100, 30, 0, 0 }, { 100, 30, 60, 0 }, { 50, 80, 20, 0 }, { 7, 1, 3, 0 },
        { 100, 100, 0, 70 }, { 100, 100, 20, 300 }, { 100, 30, 20, 70 }, { 50, 80, 20, 200 },
        { 60, 0, 0, 0 }, { 60, 0, 80, 0 }, { 60, 0, 0, 90 }, { 60, 0, 30, 200 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Windows_are_those_of_the_definition_however_disordered_and_cut_the_stream_is(int size, int hop, int delay, int lateness)
    {
        var streams = from times in TimedRows.Times(disorder: 150) from sizes in Gen.Choose(0, 9).ArrayOf() select (times, sizes);
        TimedRows.Holds(streams, stream =>
        {
            using var probe = Probe(size, hop, delay, lateness, new() { MaxOutputsPerCall = 3 });
            Feed(probe, stream.times, stream.sizes);
            var expected = Naive(size, hop, delay, lateness).Add(stream.times).End();
            Assert.Equal(expected.Windows.Select(w => lateness > 0 ? w : w[(w.IndexOf(':', StringComparison.Ordinal) + 2)..]),
                TimedRows.Texts(probe));
            Assert.Equal(expected.Late.Select(r => (r, RowFault.Late)), TimedRows.Quarantined(probe));
            TimedRows.AssertLedger(probe);
            Assert.Equal(0, probe.Metrics.Gauges.GetValueOrDefault("rows-held"));
        });
    }

    [Theory, InlineData(100, 100, 200, 0), InlineData(100, 30, 60, 70), InlineData(60, 0, 80, 90)]
    public void Windows_of_a_long_stream_are_those_of_the_definition_however_often_the_held_rows_move(
        int size, int hop, int delay, int lateness)
    {
        var random = new RandomStream(3, "long");
        var (now, times) = (0L, new long[3000]);
        for (var i = 0; i < times.Length; i++)
        {
            now += random.NextInt32(random.NextInt32(10) == 0 ? 400 : 30);
            times[i] = now - random.NextInt32(200);
        }

        // There is space for 256 rows and no more: those held move to the start of it again and again.
        using var probe = Probe(size, hop, delay, lateness, new() { MaxHeldRows = 128 });
        Feed(probe, times, Streams.Sizes(4).Take(20));
        var expected = Naive(size, hop, delay, lateness).Add(times).End();
        Assert.Equal(expected.Windows.Select(w => lateness > 0 ? w : w[(w.IndexOf(':', StringComparison.Ordinal) + 2)..]),
            TimedRows.Texts(probe));
        Assert.Equal(expected.Late.Select(r => (r, RowFault.Late)), TimedRows.Quarantined(probe));
        Assert.Empty(probe.Metrics.RowsDropped);
    }

    [Theory, InlineData(100), InlineData(0)]
    public void Rows_windowed_aside_dropped_and_held_add_up_after_every_call(int hop) =>
        TimedRows.Holds(TimedRows.Times(disorder: 150), times =>
        {
            using var probe = Probe(100, hop, 20, 0, new() { MaxOutputsPerCall = 1, MaxHeldRows = 6 });
            foreach (var piece in Batches.Split(TimedRows.Batch(probe.Pool, times), [5, 0, 17, 3, 40]))
            {
                probe.Send(piece);
                TimedRows.AssertLedger(probe);
                probe.Advance(TimeSpan.Zero);
                TimedRows.AssertLedger(probe);
            }

            probe.Complete();
            TimedRows.AssertLedger(probe);
            Assert.Equal(0, probe.Metrics.Gauges.GetValueOrDefault("rows-held"));
        });

    [Theory, InlineData(100), InlineData(0)]
    public void A_row_for_which_there_is_no_room_is_dropped_by_name_and_its_time_still_counts(int hop)
    {
        using var probe = Probe(100, hop, 0, 0, new() { MaxHeldRows = 4 });
        probe.Send(TimedRows.Batch(probe.Pool, 0, 10, 20, 30, 40, 50, 200, 210));
        Assert.Equal(["0 1 2 3"], TimedRows.Texts(probe));
        Assert.Equal((2L, 2.0), (probe.Metrics.RowsDropped["window-full"], probe.Metrics.Gauges["rows-held"]));
        probe.Send(TimedRows.Batch(probe.Pool, 400));
        Assert.Equal(["6 7"], TimedRows.Texts(probe));
    }

    [Theory, InlineData(100), InlineData(0)]
    public void A_full_block_lets_go_of_rows_whose_late_corrections_are_over(int hop)
    {
        using var probe = Probe(100, hop, 0, 50, new() { MaxHeldRows = 4 });
        for (var i = 0; i < 20; i++) { probe.Send(TimedRows.Batch(probe.Pool, (i * 1000) + 1, (i * 1000) + 2, (i * 1000) + 3)); }
        probe.Complete();
        Assert.Equal(20, probe.Count());
        Assert.Empty(probe.Metrics.RowsDropped);
    }

    [Fact]
    public void Times_that_are_none_go_aside_and_move_no_watermark()
    {
        var schema = new Schema(new Field("time", ColumnType.Int64, Unit.Nanosecond, Nullable: true), Field.Channel("x", Unit.One));
        using var probe = OperatorProbe.Of<Batch, Batch, Batch>(
            f => f.WindowByTime(TimeSpan.FromMilliseconds(100), options: new() { Clock = EventClock.FullSpeed }), schema);
        var time = new long?[] { 5, null, long.MaxValue, long.MinValue, (1L << 62) + 1, 6, 100_000_000 };
        probe.Send(Batches.Of(probe.Pool, schema, time, new float[] { 0, 1, 2, 3, 4, 5, 6 }));
        Assert.Equal([0f, 5f], probe.Take<Batch>()["x"].Values<float>().ToArray());
        Assert.Equal([(1, RowFault.BadTime), (2, RowFault.BadTime), (3, RowFault.BadTime), (4, RowFault.BadTime)],
            TimedRows.Quarantined(probe));
        Assert.Equal(4, probe.Metrics.Counter("rows-bad-time"));
    }

    [Fact]
    public void The_ends_of_time_are_times_like_others()
    {
        using var probe = Probe(100, 30, 20, 70, new() { Clock = EventClock.FullSpeed });
        const long End = (1L << 62) / TimedRows.Millisecond;
        probe.Send(TimedRows.Batch(probe.Pool, -End, -End + 1, 0, End - 1, End));
        probe.Complete();
        Assert.Equal(5, probe.Metrics.Counter("rows-windowed"));
    }

    [Fact]
    public void Late_rows_are_dropped_and_counted_where_the_options_say_so()
    {
        using var probe = Probe(100, 100, 0, 0, new() { DropLate = true });
        probe.Send(TimedRows.Batch(probe.Pool, 50, 150, 60, 70, 160));
        probe.Complete();
        Assert.Equal(["0", "1 4"], TimedRows.Texts(probe));
        Assert.Equal((2L, 0, 0L), (probe.Metrics.RowsDropped["late"], probe.Count(1), probe.Metrics.Counter("rows-late")));
    }

    [Fact]
    public void The_end_of_the_input_drops_by_name_the_open_windows_that_one_call_may_not_emit()
    {
        using var probe = OperatorProbe.Of<Batch, Batch, Batch>(
            f => f.WindowByTime(TimeSpan.FromMilliseconds(10), options: new() { MaxOutputsPerCall = 1 }), TimedRows.Schema);
        probe.Send(TimedRows.Batch(probe.Pool, 5, 15, 25, 35, 45, 55, 65, 75, 85, 95));
        probe.Complete();
        TimedRows.AssertLedger(probe);
        Assert.True(probe.Metrics.RowsDropped["incomplete-window"] > 0);
        Assert.Equal(0, probe.Metrics.Gauges["rows-held"]);
    }

    [Fact]
    public void Empty_batches_and_other_schemas_are_dropped_by_name()
    {
        using var probe = Probe(100, 100, 0, 0, new());
        probe.Send(TimedRows.Batch(probe.Pool));
        probe.Send(Batches.OfChannels(probe.Pool, [1f, 2f]));
        probe.Send(TimedRows.Batch(probe.Pool, 1, 2, 3));
        probe.Send(Streams.Numbered(probe.Pool, 4));
        Assert.Equal((1L, 6L, 3.0), (probe.Metrics.Drops["empty"], probe.Metrics.RowsDropped["schema"], probe.Metrics.Gauges["rows-held"]));
    }

    [Fact]
    public void A_flow_without_time_or_with_a_column_that_the_block_adds_is_refused_at_wiring()
    {
        static string Refused(Schema schema, TimeSpan lateness) => Assert.Throws<PipelineDefinitionException>(() =>
            OperatorProbe.Of<Batch, Batch, Batch>(f => f.SessionWindow(TimeSpan.FromSeconds(1), new() { Lateness = lateness }), schema))
            .Message;
        Assert.Contains("expected a column 'time'", Refused(Batches.Channels(2), TimeSpan.Zero), StringComparison.Ordinal);
        var fault = TimedRows.Schema.With(new Field("fault", ColumnType.Int32, Unit.One));
        Assert.Contains("expected no column 'fault'", Refused(fault, TimeSpan.Zero), StringComparison.Ordinal);
        var window = TimedRows.Schema.With(new Field("window", ColumnType.Int32, Unit.One));
        Assert.Contains("expected no column 'window'", Refused(window, TimeSpan.FromSeconds(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_at_wiring()
    {
        var second = TimeSpan.FromSeconds(1);
        EventTimeOptions[] wrong =
        [
            new() { Delay = -second }, new() { Delay = TimeSpan.FromDays(366) }, new() { Lateness = -second },
            new() { Idle = TimeSpan.Zero }, new() { MaxFuture = -second }, new() { MaxHeldRows = 0 }, new() { MaxOutputsPerCall = 0 },
            new() { Clock = new() { SpeedUp = 0 } }, new() { Clock = new() { SpeedUp = double.NaN } },
            new() { Clock = new() { Start = DateTimeOffset.MinValue } },
        ];

        foreach (var options in wrong)
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => OperatorProbe.Of<Batch, Batch, Batch>(f => f.WindowByTime(second, options: options)));
            Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch, Batch>(f => f.SessionWindow(second, options)));
        }

        foreach (var (size, hop) in new[] { (0, 1), (1, 0), (-1, 1), (400 * 86400, 1), (86400, 1) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch, Batch>(
                f => f.WindowByTime(TimeSpan.FromSeconds(size), TimeSpan.FromSeconds(hop))));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch, Batch>(f => f.SessionWindow(TimeSpan.Zero)));
    }

    [Theory, InlineData(100, 0), InlineData(30, 0), InlineData(0, 0), InlineData(30, 500)]
    public void Windows_in_steady_state_allocate_nothing(int hop, int lateness)
    {
        using var probe = Probe(100, hop, 50, lateness, new() { Clock = EventClock.FullSpeed }, guard: false);
        var (time, pause) = (0L, 0);

        var bytes = Streams.AllocatedBy(probe.Pool, 3000, _ =>
        {
            var batch = probe.Pool.Rent(TimedRows.Schema, 16);
            var times = batch.Columns[0].Writable<long>();
            for (var row = 0; row < times.Length; row++)
            {
                time += 7;
                times[row] = (time - (row % 3 * 12)) * TimedRows.Millisecond;
                batch.Columns[1].Writable<float>()[row] = row;
                batch.Columns[2].Writable<int>()[row] = row;
            }

            if (++pause % 5 == 0) { time += 300; }
            times[0] -= 400 * TimedRows.Millisecond;
            probe.Send(batch);
            probe.Advance(TimeSpan.Zero);
            probe.Clear();
        });

        Assert.True(probe.Metrics.Counter("rows-windowed") > 20_000 && probe.Metrics.Counter("rows-late") + lateness > 100);
        Assert.InRange(bytes, 0, 256);
    }

    /// <summary>A block; a hop of 0 stands for sessions.</summary>
    internal static OperatorProbe Probe(int size, int hop, int delay, int lateness, EventTimeOptions options, bool guard = true)
    {
        var (length, every) = (TimeSpan.FromMilliseconds(size), TimeSpan.FromMilliseconds(hop));
        options = options with { Delay = TimeSpan.FromMilliseconds(delay), Lateness = TimeSpan.FromMilliseconds(lateness) };
        return OperatorProbe.Of<Batch, Batch, Batch>(
            f => hop == 0 ? f.SessionWindow(length, options) : f.WindowByTime(length, every, options), TimedRows.Schema, guard: guard);
    }

    internal static void Feed(OperatorProbe probe, IReadOnlyList<long> times, IEnumerable<int> sizes)
    {
        foreach (var piece in Batches.Split(TimedRows.Batch(probe.Pool, times), sizes))
        {
            probe.Send(piece);
            probe.Advance(TimeSpan.Zero);
        }
        probe.Complete();
    }

    private static NaiveWindows Naive(int size, int hop, int delay, int lateness) =>
        hop == 0 ? new NaiveSessions(size, delay, lateness) : new NaiveTimeWindows(size, hop, delay, lateness);
}
