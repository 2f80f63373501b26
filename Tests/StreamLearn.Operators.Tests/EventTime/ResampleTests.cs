namespace StreamLearn.Operators.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class ResampleTests
{
    private const long Ms = 1_000_000;
    private static readonly long[] Times = [0, 9, 21, 30, 38, 52, 60, 71, 80, 92];
    private static readonly float[] Values = [0, 1.5f, -2, 4, 4.5f, -1, 0.25f, 8, 3, 2];
    private static readonly TimeSpan Seven = TimeSpan.FromMilliseconds(7);

    private static readonly Schema Columns = new(Field.Time(), Field.Channel("x", Unit.StandardGravity),
        new Field("y", ColumnType.Float64, Unit.One, Nullable: true), Field.Label());

    /// <summary>numpy.interp of these rows at 0, 7, … 91 ms.</summary>
    private static readonly double[] Interp =
    [
        0.0, 1.1666666666666665, 0.04166666666666652, -2.0, 2.666666666666666, 4.3125, 2.928571428571429, 0.17857142857142883, -0.375,
        2.3636363636363638, 7.295454545454546, 4.666666666666666, 2.6666666666666665, 2.0833333333333335,
    ];

    [Fact]
    public void Resample_gives_the_values_of_numpy_and_pandas()
    {
        var linear = Resampled(Seven, new());
        Assert.Equal(Enumerable.Range(0, 14).Select(static k => 7L * k), linear.Select(static r => r.Time));
        Assert.All(linear.Zip(Interp), static p => Assert.Equal(p.Second, p.First.Value, 1e-6));
        var coarse = Resampled(TimeSpan.FromMilliseconds(25), new());
        Assert.All(coarse.Zip([0.0, 0.6666666666666665, -0.2142857142857144, 5.777777777777778]),
            static p => Assert.Equal(p.Second, p.First.Value, 1e-6));
        // DataFrame.reindex with ffill and nearest; pandas takes the later row at 56 ms, which is as near to 52 as to 60
        Assert.Equal([0, 0, 1.5f, -2, -2, 4, 4.5f, 4.5f, -1, 0.25f, 0.25f, 8, 3, 3],
            Resampled(Seven, new() { Interpolation = Interpolation.Previous }).Select(static r => r.Value));
        Assert.Equal([0, 1.5f, 1.5f, -2, 4, 4.5f, 4.5f, -1, -1, 0.25f, 8, 3, 3, 2],
            Resampled(Seven, new() { Interpolation = Interpolation.Nearest }).Select(static r => r.Value));
    }

    [Fact]
    public void Labels_are_those_of_the_row_before_or_the_nearest_and_are_never_blended()
    {
        Assert.Equal([null, null, 1, 2, 2, null, 4, 4, 5, null, null, 7, 8, 8], Resampled(Seven, new()).Select(static r => r.Label));
        Assert.Equal([null, 1, 1, 2, null, 4, 4, 5, 5, null, 7, 8, 8, null],
            Resampled(Seven, new() { Interpolation = Interpolation.Nearest }).Select(static r => r.Label));
    }

    [Fact]
    public void A_blend_with_a_missing_value_is_missing_but_where_the_grid_meets_the_other_row()
    {
        using var probe = Probe(TimeSpan.FromMilliseconds(5), new());
        probe.Send(Batches.Of(probe.Pool, Columns, new long[] { 0, 10 * Ms, 20 * Ms, 30 * Ms },
            new[] { 0, float.NaN, 2, 3 }, new double?[] { 0, 1, null, 3 }, new int?[] { 7, null, null, 9 }));
        var made = Assert.Single(probe.TakeAll<Batch>());
        Assert.Equal([0, float.NaN, float.NaN, float.NaN, 2, 2.5f, 3], made["x"].Values<float>().ToArray());
        Assert.Equal([true, true, true, false, false, false, true], Enumerable.Range(0, 7).Select(i => made["y"].IsValid(i)));
        Assert.Equal(0.5, made["y"].Values<double>()[1]);
        Assert.Equal([true, true, false, false, false, false, true], Enumerable.Range(0, 7).Select(i => made["label"].IsValid(i)));
        Assert.Equal(Columns.Fields[1], made.Schema.Fields[1]);     // unit and all
    }

    [Theory, InlineData(null, 2), InlineData(39.0, 2), InlineData(60.0, 1), InlineData(9.0, 5)]
    public void A_gap_is_not_bridged_and_begins_a_segment(double? maxGap, int segments)
    {
        using var probe = Probe(TimeSpan.FromMilliseconds(5), new() { MaxGap = maxGap is { } gap ? TimeSpan.FromMilliseconds(gap) : null });
        probe.Send(Rows(probe.Pool, [0, 10, 20, 72, 82], [0, 1, 2, 3, 4]));
        var made = Assert.Single(probe.TakeAll<Batch>());
        var times = made["time"].Values<long>().ToArray().Select(static t => t / Ms).ToList();
        Assert.Equal(segments - 1, probe.Metrics.Counter("gaps"));
        if (segments == 2)
        {
            Assert.Equal([0, 5, 10, 15, 20, 75, 80], times);
            Assert.Equal([0, 0, 0, 0, 0, 1, 1], made["segment"].Values<int>().ToArray());
        }

        if (segments == 1) { Assert.Equal(17, times.Count); }
        if (segments == 5) { Assert.Equal([0, 10, 20], times); }     // where the grid meets a row
    }

    [Fact]
    public void A_stream_that_goes_on_at_a_lower_rate_is_followed_after_eight_rows()
    {
        using var probe = Probe(TimeSpan.FromMilliseconds(5), new());
        probe.Send(Rows(probe.Pool, [.. Enumerable.Range(0, 16).Select(static i => 10L * i)], new float[16]));
        probe.Send(Rows(probe.Pool, [.. Enumerable.Range(1, 30).Select(static i => 150 + (100L * i))], new float[30]));
        Assert.InRange(probe.Metrics.Counter("gaps"), 8, 15);
        Assert.Equal(20, probe.TakeAll<Batch>()[^1]["time"].Values<long>().ToArray().Count(static t => t > 3050 * Ms));
    }

    [Fact]
    public void Late_rows_and_bad_times_are_dropped_and_counted()
    {
        using var probe = Probe(TimeSpan.FromMilliseconds(10), new());
        probe.Send(Rows(probe.Pool, [0, 20, 10, 20, long.MaxValue / Ms, 30], [0, 2, 99, 99, 99, 3]));
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        probe.Send(Rows(probe.Pool, [], []));
        Assert.Equal([0, 1, 2, 3], Assert.Single(probe.TakeAll<Batch>())["x"].Values<float>().ToArray());
        Assert.Equal((2, 1), (probe.Metrics.RowsDropped["late"], probe.Metrics.RowsDropped["bad-time"]));
        Assert.Equal((1, 1), (probe.Metrics.Drops["schema"], probe.Metrics.Drops["empty"]));
    }

    [Fact]
    public void A_new_segment_of_the_input_begins_one_whatever_its_time()
    {
        var schema = new Schema(Field.Time(), Field.Channel("x", Unit.One), new Field("segment", ColumnType.Int32, Unit.One));
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Resample(100.0), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new long[] { 0, 20 * Ms, 10 * Ms, 30 * Ms, 40 * Ms },
            new float[] { 0, 2, 1, 3, 4 }, new[] { 7, 7, 9, 9, 9 }));
        var made = Assert.Single(probe.TakeAll<Batch>());
        Assert.Equal([0, 1, 2, 1, 2, 3, 4], made["x"].Values<float>().ToArray());
        Assert.Equal([0, 0, 0, 1, 1, 1, 1], made["segment"].Values<int>().ToArray());
        Assert.Equal(0, probe.Metrics.Counter("gaps"));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Pieces_make_no_difference(int seed)
    {
        static IReadOnlyList<string> Made(IEnumerable<int> sizes)
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Resample(71.0), Streams.Sensor);
            Streams.Feed(probe, Streams.Numbered(probe.Pool, 300, 200), sizes);
            return [.. probe.TakeAll<Batch>().SelectMany(static b => Enumerable.Range(0, b.Rows).Select(i =>
                $"{b["time"].Values<long>()[i]} {b["x"].Values<float>()[i]:R} {b["label"].Values<int>()[i]} {b["label"].IsValid(i)}"))];
        }
        Assert.Equal(Made([500]), Made(Streams.Sizes(seed).Take(20)));
    }

    [Fact]
    public void A_long_stretch_comes_in_batches_of_1024_rows_and_the_input_waits()
    {
        using var probe = Probe(TimeSpan.FromMilliseconds(1), new());
        probe.Send(Rows(probe.Pool, [0, 3000], [0, 3000]));
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.Zero);
        Assert.True(probe.Ready);
        var made = probe.TakeAll<Batch>();
        Assert.Equal([1024, 1024, 953], made.Select(static b => b.Rows));
        Assert.Equal(Enumerable.Range(0, 3001).Select(static i => (float)i), made.SelectMany(static b => b["x"].Values<float>().ToArray()));
    }

    [Fact]
    public void The_grid_of_a_rate_that_is_no_whole_number_of_nanoseconds_stays_even_for_years()
    {
        var grid = new TimeGrid(1_000_000_000m / 30);
        var now = new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() * 1_000_000_000L;
        var first = grid.FirstFrom(now);
        Assert.InRange(grid.TimeOf(first) - now, 0, 33_333_333);
        Assert.True(grid.TimeOf(first - 1) < now);
        Assert.InRange(grid.TimeOf(first + 30_000_000) - grid.TimeOf(first) - (1_000_000L * 1_000_000_000), -2, 2);
        Assert.Equal(-4, grid.FirstFrom(-133_333_334));
    }

    [Fact]
    public void A_row_of_the_far_future_is_dropped_and_counted_and_ends_nothing()
    {
        using var probe = Probe(TimeSpan.FromMilliseconds(10), new() { Clock = new() { Start = DateTimeOffset.UnixEpoch } });
        probe.Send(Rows(probe.Pool, [30, 86_400_000, 40, 50], [3, 9, 4, 5]));
        var made = Assert.Single(probe.TakeAll<Batch>());
        Assert.Equal([3, 4, 5], made["x"].Values<float>().ToArray());
        Assert.Equal([0, 0, 0], made["segment"].Values<int>().ToArray());
        Assert.Equal(("future", 1L), probe.Metrics.RowsDropped.Select(static d => (d.Key, (long)d.Value)).Single());
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        static void Refused(Func<Flow<Batch>, Flow<Batch>> block) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of(block, Columns).Dispose());
        Refused(static f => f.Resample(0.0));
        Refused(static f => f.Resample(double.NaN));
        Refused(static f => f.Resample(TimeSpan.Zero));
        Refused(static f => f.Resample(1.0, new() { MaxGap = TimeSpan.Zero }));
        Refused(static f => f.Resample(1.0, new() { Interpolation = (Interpolation)3 }));
        Refused(static f => f.Resample(1.0, new() { MaxFuture = TimeSpan.FromTicks(-1) }));
        Refused(static f => f.Resample(1.0, new() { Clock = new() { SpeedUp = 0 } }));
        Assert.Throws<PipelineDefinitionException>(() =>
            OperatorProbe.Of<Batch, Batch>(static f => f.Resample(1.0), Batches.Channels(1)).Dispose());
    }

    [Theory, InlineData(Interpolation.Linear, 31.0), InlineData(Interpolation.Nearest, 177.0)]
    public void Resample_allocates_nothing_in_steady_state(Interpolation interpolation, double rate)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(
            f => f.Resample(rate, new() { Interpolation = interpolation }), Streams.Sensor, guard: false);
        var from = 0L;
        var bytes = Streams.AllocatedBy(probe.Pool, 1000, _ =>
        {
            var batch = Streams.NumberedFrom(probe.Pool, from, 50);
            from += 50;
            probe.Send(batch);
            probe.Clear();
        });

        Assert.InRange(bytes, 0, 256);
    }

    private static OperatorProbe Probe(TimeSpan period, ResampleOptions options) =>
        OperatorProbe.Of<Batch, Batch>(f => f.Resample(period, options), Columns);

    private static Batch Rows(BatchPool pool, long[] milliseconds, float[] values) => Batches.Of(pool, Columns,
        milliseconds.Select(static t => t == long.MaxValue / Ms ? long.MaxValue : t * Ms).ToArray(), values,
        values.Select(static v => (double?)v).ToArray(), values.Select(static (_, i) => i % 3 == 0 ? null : (int?)i).ToArray());

    private static List<(long Time, float Value, int? Label)> Resampled(TimeSpan period, ResampleOptions options)
    {
        using var probe = Probe(period, options);
        probe.Send(Rows(probe.Pool, Times, Values));
        var made = Assert.Single(probe.TakeAll<Batch>());
        return [.. Enumerable.Range(0, made.Rows).Select(i => (made["time"].Values<long>()[i] / Ms, made["x"].Values<float>()[i],
            made["label"].IsValid(i) ? made["label"].Values<int>()[i] : (int?)null))];
    }
}
