using StreamLearn.Simulation;

namespace StreamLearn.Operators.Tests;

public sealed class WindowByTimeTests
{
    private static readonly DateTimeOffset LastYear = new(2024, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void WindowByTime_gives_tumbling_windows_in_order_of_event_time()
    {
        using var probe = Probe(size: 1000, delay: 300);
        probe.Send(TimedRows.Batch(probe.Pool, 0, 500, 1200, 900, 1100, 1299, 1300, 1000));
        Assert.Equal(["0 1 3"], TimedRows.Texts(probe));
        Assert.Equal((3L, 5.0), (probe.Metrics.Counter("rows-windowed"), probe.Metrics.Gauges["rows-held"]));
        probe.Complete();
        Assert.Equal(["7 4 2 5 6"], TimedRows.Texts(probe));
    }

    [Theory]
    [InlineData(1000, 1000, 1000, "1 3 5 0 2 4", 0, 7L, 3L, 7L, 3L, 7L, 3L)]            // rows of one time stay in order of arrival
    [InlineData(1000, 500, 0, "0|0 1|1 2|2 3|3|4|4", 0, 100L, 600L, 1100L, 1600L, 2500L)]           // windows overlap, rows count once
    [InlineData(1000, 3000, 0, "0 1|4|5", 2, 0L, 999L, 1000L, 2999L, 3000L, 9000L)]     // a longer hop leaves rows out
    public void WindowByTime_slides_by_its_hop(int size, int hop, int delay, string windows, int between, params long[] times)
    {
        using var probe = Probe(size, hop, delay);
        probe.Send(TimedRows.Batch(probe.Pool, times));
        probe.Complete();
        Assert.Equal(windows.Split('|'), TimedRows.Texts(probe));
        Assert.Equal(between, probe.Metrics.RowsDropped.GetValueOrDefault("between-windows"));
        Assert.Equal(times.Length - between, probe.Metrics.Counter("rows-windowed"));
    }

    [Theory, InlineData(0, "0 1|2 3 4"), InlineData(400, "0|1 2 3|4"), InlineData(-600, "0|1 2 3|4")]
    public void WindowByTime_starts_its_windows_at_the_origin(int origin, string expected)
    {
        using var probe = Probe(1000, options: new() { Origin = DateTimeOffset.UnixEpoch.AddMilliseconds(origin) });
        probe.Send(TimedRows.Batch(probe.Pool, 399, 999, 1000, 1399, 1400));
        probe.Complete();
        Assert.Equal(expected, string.Join('|', TimedRows.Texts(probe)));
    }

    [Fact]
    public void WindowByTime_leaps_over_years_without_rows_at_once()
    {
        using var probe = Probe(size: 1, hop: 1, options: new() { Clock = EventClock.FullSpeed });
        probe.Send(TimedRows.Batch(probe.Pool, 0, (long)TimeSpan.FromDays(365 * 100).TotalMilliseconds));
        probe.Complete();
        Assert.Equal(["0", "1"], TimedRows.Texts(probe));
    }

    [Fact]
    public void WindowByTime_emits_a_changed_window_again_as_a_higher_revision_until_the_lateness_is_over()
    {
        using var probe = Probe(size: 1000, options: new() { Lateness = TimeSpan.FromSeconds(1) });
        probe.Send(TimedRows.Batch(probe.Pool, 500, 1500, 400, 1999, 300, 2000, 200));
        Assert.Equal(["0 r0: 0", "0 r1: 2 0", "0 r2: 4 2 0", "1000 r0: 1 3"], TimedRows.Texts(probe));
        Assert.Equal([(6, RowFault.Late)], TimedRows.Quarantined(probe));
        Assert.Equal(2, probe.Metrics.Counter("windows-revised"));
        TimedRows.AssertLedger(probe);
    }

    [Fact]
    public void WindowByTime_emits_a_window_that_only_late_rows_are_in_as_its_first_revision()
    {
        using var probe = Probe(size: 1000, options: new() { Lateness = TimeSpan.FromSeconds(5) });
        probe.Send(TimedRows.Batch(probe.Pool, 3500, 500, 600));
        Assert.Equal(["0 r0: 1", "0 r1: 1 2"], TimedRows.Texts(probe));
    }

    [Fact]
    public void WindowByTime_closes_the_windows_of_an_idle_input_when_the_clock_has_passed_their_ends()
    {
        using var probe = Probe(size: 10_000, delay: 1000);
        probe.Send(TimedRows.Batch(probe.Pool, 1000, 2000, 9000, 10_500));
        probe.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromMilliseconds(1));            // idle; the device's clock is at 15.5 s by now
        Assert.Equal(["0 1 2"], TimedRows.Texts(probe));
        probe.Advance(TimeSpan.FromMilliseconds(5499));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromMilliseconds(1));            // 20 s and the delay
        Assert.Equal(["3"], TimedRows.Texts(probe));
        Assert.Null(probe.WakeAt);
    }

    [Fact]
    public void WindowByTime_takes_a_row_as_a_sign_of_life()
    {
        using var probe = Probe(size: 10_000);
        for (var i = 0; i < 10; i++)
        {
            probe.Send(TimedRows.Batch(probe.Pool, 1000 + i));
            probe.Advance(TimeSpan.FromMilliseconds(4900));
        }
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void WindowByTime_is_not_kept_from_its_windows_by_a_device_that_sends_only_late_or_future_rows()
    {
        using var probe = Probe(size: 1000, delay: 500, options: new() { Clock = new() { Start = DateTimeOffset.UnixEpoch } });
        probe.Send(TimedRows.Batch(probe.Pool, 500, 1400));
        for (var i = 0; i < 6; i++)
        {
            probe.Advance(TimeSpan.FromSeconds(1));
            probe.Send(TimedRows.Batch(probe.Pool, 3_600_000, -100));
        }
        Assert.Equal(["0", "1"], TimedRows.Texts(probe));
        Assert.Equal((6L, 6L), (probe.Metrics.Counter("rows-future"), probe.Metrics.Counter("rows-late")));
    }

    [Theory, InlineData(8, 1000), InlineData(0.5, 16_000)]
    public void WindowByTime_judges_what_is_idle_by_the_clock_of_the_source(double speedUp, int milliseconds)
    {
        using var probe = Probe(size: 1000, options: new() { Idle = TimeSpan.FromSeconds(8), Clock = new() { SpeedUp = speedUp } });
        probe.Send(TimedRows.Batch(probe.Pool, 500));
        probe.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void WindowByTime_at_full_speed_or_told_so_never_takes_an_input_as_idle()
    {
        EventTimeOptions[] never = [new() { Clock = EventClock.FullSpeed }, new() { Idle = Timeout.InfiniteTimeSpan }];
        foreach (var options in never)
        {
            using var probe = Probe(size: 1000, options: options);
            probe.Send(TimedRows.Batch(probe.Pool, 500));
            probe.Advance(TimeSpan.FromDays(1));
            Assert.Equal((0, null), (probe.Count(), probe.WakeAt));
        }
    }

    [Fact]
    public void WindowByTime_quarantines_the_rows_of_a_device_whose_clock_is_an_hour_ahead()
    {
        var start = (LastYear - DateTimeOffset.UnixEpoch).Ticks * 100 / TimedRows.Millisecond;
        using var probe = Probe(size: 1000, options: new() { Clock = new() { Start = LastYear, SpeedUp = 8 } });
        probe.Advance(TimeSpan.FromSeconds(1));                 // event time is 8 s on
        probe.Send(TimedRows.Batch(probe.Pool, start + 7000, start + 3_607_000, start + 7900, start + 10_000, start + 10_001));
        Assert.Equal(["0 2"], TimedRows.Texts(probe));
        Assert.Equal([(1, RowFault.Future), (4, RowFault.Future)], TimedRows.Quarantined(probe));
        Assert.Equal((2L, 1.0), (probe.Metrics.Counter("rows-future"), probe.Metrics.Gauges["rows-held"]));
    }

    [Fact]
    public void WindowByTime_judges_a_batch_by_the_time_it_came_at_however_late_the_rest_of_it_is_read()
    {
        var options = new EventTimeOptions { Clock = new() { Start = DateTimeOffset.UnixEpoch }, MaxOutputsPerCall = 1 };
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("slow", p =>
        {
            var rows = p.From("rows", options, (EventTimeOptions _, OperatorContext context) => new OneBatch(context), TimedRows.Schema);
            var (windows, aside) = rows.WindowByTime(TimeSpan.FromSeconds(1), options: options);
            aside.Discard();
            windows.Buffer(capacityMessages: 1).KeepNovelBeyond(0).Discard();      // takes a second, then two, …
        }), new() { MultiplyAddsPerSecond = 1 });
        world.RunToEnd(TestContext.Current.CancellationToken);
        Assert.True(world.Elapsed > TimeSpan.FromSeconds(5));
        Assert.Equal((5L, 1L), (device.Metrics["window-by-time"].Counter("rows-windowed"),
            device.Metrics["window-by-time"].Counter("rows-future")));
    }

    [Fact]
    public void WindowByTime_at_full_speed_knows_no_future()
    {
        using var probe = Probe(size: 1000, options: new() { Clock = EventClock.FullSpeed });
        probe.Send(TimedRows.Batch(probe.Pool, 0, 3_600_000_000_000));
        Assert.Equal(["0"], TimedRows.Texts(probe));
        Assert.Equal(0, probe.Count(1));
    }

    [Fact]
    public void WindowByTime_within_PerKey_gives_each_device_a_watermark_and_a_time_out_of_its_own()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.PerKey("device", f =>
        {
            var (windows, late) = f.WindowByTime(
                TimeSpan.FromSeconds(1), options: new() { Clock = new() { Start = DateTimeOffset.UnixEpoch } });
            late.Discard("quarantined");
            return windows;
        }));
        var schema = new Schema(Field.Time(), Field.Channel("x", Unit.One), new Field("device", ColumnType.Int32, Unit.One));
        void Send(long[] milliseconds, int[] devices) => probe.Send(Batches.Of(probe.Pool, schema,
            milliseconds.Select(m => m * TimedRows.Millisecond).ToArray(), milliseconds.Select(m => (float)m).ToArray(), devices));

        probe.Advance(TimeSpan.FromMinutes(1));
        Send([100, 59_100, 200, 59_200, 1100, 900, 3_600_100], [1, 2, 1, 2, 1, 2, 3]);     // device 1 is a minute behind, 3 an hour ahead

        Assert.Equal(["100 200"], probe.TakeAll<Batch>().Select(Values));
        probe.Advance(TimeSpan.FromSeconds(3));
        Send([62_900], [3]);                                    // a key that comes late has the clock of the block
        Send([60_300], [2]);
        Assert.Equal(["59100 59200"], probe.TakeAll<Batch>().Select(Values));
        probe.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["1100"], probe.TakeAll<Batch>().Select(Values));      // device 1 is idle, the others are not
        probe.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["60300", "62900"], probe.TakeAll<Batch>().Select(Values).Order());
        Assert.Equal(2, probe.Metrics.RowsDropped["quarantined"]);
    }

    /// <summary>A row each second; the last one is just in the future.</summary>
    private sealed class OneBatch(OperatorContext context) : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private bool _made;
        public override DateTimeOffset? NextAt => _made ? null : _start;

        public override Batch Next()
        {
            _made = true;
            return TimedRows.Batch(context.Pool, -2000, -1000, 0, 1000, 2000, 2001);
        }
    }

    private static string Values(Batch window) => string.Join(' ', window["x"].Values<float>().ToArray());

    private static OperatorProbe Probe(int size, int hop = 0, int delay = 0, EventTimeOptions? options = null) =>
        EventTimeWindowTests.Probe(size, hop == 0 ? size : hop, delay, (int)(options?.Lateness.TotalMilliseconds ?? 0), options ?? new());
}
