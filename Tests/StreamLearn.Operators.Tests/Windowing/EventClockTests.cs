namespace StreamLearn.Operators.Tests;

public sealed class EventClockTests
{
    [Fact]
    public void A_clock_prints_and_compares_by_value()
    {
        var replay = new EventClock { Start = OperatorProbe.Start, SpeedUp = 8 };
        Assert.Equal(new() { Start = OperatorProbe.Start, SpeedUp = 8 }, replay);
        Assert.NotEqual(EventClock.Live, replay);
        Assert.Equal("from 2025-01-01T00:00:00.0000000+00:00, 8x | live, 1x | full speed",
            $"{replay} | {EventClock.Live} | {EventClock.FullSpeed}");
    }

    [Theory, InlineData(1e-6), InlineData(0.3), InlineData(1), InlineData(7), InlineData(1e9)]
    public void The_time_for_a_span_of_event_time_is_enough_for_it(double speedUp)
    {
        var clock = new EventClock { SpeedUp = speedUp };
        foreach (var nanoseconds in new[] { 1L, 999, 5_000_000_000, 1234567890123 })
        {
            // Within the rounding of a float64 product, and a nanosecond's end.
            var least = nanoseconds - 1 - (nanoseconds / 1_000_000_000_000);
            Assert.InRange(clock.Passed(clock.TimeFor(nanoseconds)!.Value), least, long.MaxValue);
        }
        Assert.Null(EventClock.FullSpeed.TimeFor(1));
    }

    [Fact]
    public void A_window_whose_wake_up_falls_short_by_rounding_is_woken_a_tick_later()
    {
        using var probe = EventTimeWindowTests.Probe(1000, 1000, 0, 0, new() { Clock = new() { SpeedUp = 1 / 3.0 }, Idle = new(7) });
        probe.Send(TimedRows.Batch(probe.Pool, 1));
        probe.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, probe.Count());
    }
}
