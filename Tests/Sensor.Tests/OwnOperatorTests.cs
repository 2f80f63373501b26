namespace Sensor.Tests;

public sealed class OwnOperatorTests
{
    private static readonly Schema Columns = new(Field.Time(), Field.Channel("cpu", Unit.One));
    private static readonly Schema Recorded = new(Field.Time(), new("recording", ColumnType.Int32, Unit.One));
    private static readonly NextRule Busy = new("cpu", [0.5]);

    [Fact]
    public void A_window_has_the_class_of_the_one_after_it()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.LabelByNext(Busy, ahead: 2), Columns);

        probe.Send(Window(probe, 0, 0.1f));
        probe.Send(Window(probe, 1, 0.2f));
        probe.ExpectNothing();
        probe.Send(Window(probe, 2, 0.9f));
        var first = probe.Take<Batch>();
        probe.Send(Window(probe, 3, 0.3f));
        var second = probe.Take<Batch>();
        probe.Complete();

        Assert.Equal((0.1f, 1, true), (first["cpu"].Values<float>()[0], first["label"].Values<int>()[3], first["label"].IsValid(0)));
        Assert.Equal((0.2f, 0), (second["cpu"].Values<float>()[0], second["label"].Values<int>()[0]));
        Assert.Equal(2, probe.Metrics.Drops["no-next"]);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void A_window_before_a_gap_has_no_class()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.LabelByNext(Busy, ahead: 1), Columns);

        probe.Send(Window(probe, 0, 0.1f));
        probe.Send(Window(probe, 50, 0.9f));

        probe.ExpectNothing();
        Assert.Equal(1, probe.Metrics.Drops["no-next"]);
        probe.Complete();
    }

    [Fact]
    public void Rows_are_played_at_the_pace_of_their_times_and_a_pause_is_not_waited_for()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.AtPace(2), Columns);

        probe.Send(Window(probe, 0, 0));
        probe.Take<Batch>().Dispose();
        probe.Send(Window(probe, 1, 0));
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.FromSeconds(0.9));
        probe.ExpectNothing();
        probe.Advance(TimeSpan.FromSeconds(0.1));
        probe.Take<Batch>().Dispose();
        probe.Send(Window(probe, 5000, 0));
        probe.Take<Batch>().Dispose();

        Assert.True(probe.Ready);
    }

    /// <summary>A batch may last longer than a minute, and so may a step.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void Rows_that_come_slowly_are_played_at_the_pace_of_their_times_too(int secondsPerRow)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.AtPace(64), Columns);
        const int Rows = 64;

        for (var number = 0; number < 3; number++)
        {
            var batch = probe.Pool.Rent(Columns, Rows);
            for (var row = 0; row < Rows; row++)
            {
                batch["time"].Writable<long>()[row] = ((number * (long)Rows) + row) * secondsPerRow * 1_000_000_000;
            }

            probe.Send(batch);
            if (number > 0)
            {
                probe.Advance(TimeSpan.FromSeconds(0.9 * secondsPerRow));
                probe.ExpectNothing();
                probe.Advance(TimeSpan.FromSeconds(0.1 * secondsPerRow));
            }

            probe.Take<Batch>().Dispose();
        }
    }

    [Fact]
    public void The_last_row_of_a_message_has_the_time_of_its_arrival()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.StampArrival(rate: 10), new Schema(Field.Channel("x", Unit.One)));
        var batch = probe.Pool.Rent(new(Field.Channel("x", Unit.One)), 2);
        batch["x"].Writable<float>().Fill(7);

        probe.Send(batch);
        using var stamped = probe.Take<Batch>();

        var start = (OperatorProbe.Start - DateTimeOffset.UnixEpoch).Ticks * 100;
        Assert.Equal([start - 100_000_000, start], stamped["time"].Values<long>().ToArray());
        Assert.Equal(7, stamped["x"].Values<float>()[1]);
    }

    [Fact]
    public void Times_of_rows_that_come_in_a_burst_rise()
    {
        var schema = new Schema(Field.Channel("x", Unit.One));
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.StampArrival(rate: 10), schema);
        var start = (OperatorProbe.Start - DateTimeOffset.UnixEpoch).Ticks * 100;
        List<long> times = [];
        foreach (var rows in (int[])[2, 1, 3])
        {
            probe.Send(probe.Pool.Rent(schema, rows));
            using var stamped = probe.Take<Batch>();
            times.AddRange(stamped["time"].Values<long>());
        }

        Assert.Equal([start - 100_000_000, start, start + 1, start + 2, start + 3, start + 4], times);
    }

    [Fact]
    public void Rows_that_come_before_the_clock_is_set_get_the_times_at_which_they_came()
    {
        var schema = new Schema(Field.Channel("x", Unit.One));
        var (clock, said) = (new SetClock { Now = DateTimeOffset.UnixEpoch }, new List<string>());
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.StampArrival(rate: null, new(clock, said.Add)), schema);
        for (var i = 0; i < 40; i++)
        {
            probe.Send(probe.Pool.Rent(schema, 1));
            probe.Advance(TimeSpan.FromSeconds(1));
        }

        probe.ExpectNothing();
        clock.Now = DateTimeOffset.UnixEpoch.AddYears(57);
        probe.Send(probe.Pool.Rent(schema, 1));
        probe.Advance(TimeSpan.Zero);

        var start = (clock.Now - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (var i = 0; i <= 40; i++)
        {
            using var stamped = probe.Take<Batch>();
            Assert.Equal(start - ((40 - i) * 1_000_000_000L), stamped["time"].Values<long>()[0]);
        }

        Assert.Equal(2, said.Count);
        Assert.Contains("rows wait until it is set", said[0], StringComparison.Ordinal);
        Assert.Contains("40 waiting rows", said[1], StringComparison.Ordinal);
        clock.Now += TimeSpan.FromDays(2);
        probe.Send(probe.Pool.Rent(schema, 1));
        using var later = probe.Take<Batch>();
        Assert.Equal((clock.Now - DateTimeOffset.UnixEpoch).Ticks * 100, later["time"].Values<long>()[0]);
        Assert.Equal(1, probe.Metrics.Counter("clock-steps"));
    }

    [Fact]
    public void While_the_clock_is_not_set_the_oldest_rows_are_left_out_and_counted()
    {
        var schema = new Schema(Field.Channel("x", Unit.One));
        var clock = new SetClock { Now = DateTimeOffset.UnixEpoch };
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.StampArrival(rate: null, new(clock, static _ => { })), schema);

        for (var i = 0; i < 3; i++) { probe.Send(probe.Pool.Rent(schema, 40_000)); }
        probe.Advance(TimeSpan.FromMinutes(11));
        probe.Send(probe.Pool.Rent(schema, 1));

        Assert.Equal(120_000, probe.Metrics.RowsDropped["clock-not-set"]);
    }

    private sealed class SetClock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    [Theory]
    [InlineData(100.0, 163_840_000_000)]
    [InlineData(null, 16_384)]                          // the shortest step is a nanosecond
    public void Times_that_fall_go_on_after_the_recording_before(double? rate, long pause)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.JoinRecordings("recording", rate), Recorded);

        probe.Send(Times(probe, [0, 1, 5], file: 0));
        using var first = probe.Take<Batch>();
        probe.Send(Times(probe, [5, 0, 3, 3, 2], file: 0));
        using var second = probe.Take<Batch>();
        probe.Send(Times(probe, [long.MaxValue, 900_000_000_000], file: 1));
        using var third = probe.Take<Batch>();

        Assert.Equal([0, 1, 5], first["time"].Values<long>().ToArray());
        Assert.Equal([5, 5 + pause, 8 + pause, 8 + pause, 8 + (2 * pause)], second["time"].Values<long>().ToArray());
        Assert.Equal([0, 1, 1, 1, 2], second["recording"].Values<int>().ToArray());
        Assert.Equal([long.MaxValue, 900_000_000_000], third["time"].Values<long>().ToArray());     // no time, and one that is later
        Assert.Equal([2, 3], third["recording"].Values<int>().ToArray());
    }

    private static Batch Times(OperatorProbe probe, long[] times, int file)
    {
        var batch = probe.Pool.Rent(Recorded, times.Length);
        times.CopyTo(batch["time"].Writable<long>());
        batch["recording"].Writable<int>().Fill(file);
        return batch;
    }

    /// <summary>Four rows, a second apart, half of them shared with the window before.</summary>
    private static Batch Window(OperatorProbe probe, int number, float value)
    {
        var batch = probe.Pool.Rent(Columns, 4);
        for (var row = 0; row < 4; row++) { batch["time"].Writable<long>()[row] = ((number * 2L) + row) * 1_000_000_000; }
        batch["cpu"].Writable<float>().Fill(value);
        return batch;
    }
}
