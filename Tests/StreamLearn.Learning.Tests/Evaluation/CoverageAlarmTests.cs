namespace StreamLearn.Learning.Tests;

public sealed class CoverageAlarmTests
{
    [Theory, InlineData(0.8), InlineData(0.9), InlineData(0.99)]
    public void A_promise_that_is_kept_alarms_in_at_most_one_of_a_hundred_streams(double coverage)
    {
        var alarms = Enumerable.Range(0, 1000).Count(stream => FirstAlarm(stream, coverage, 2000, _ => 1 - coverage) is not null);

        Assert.InRange(alarms, 0, 10);
    }

    [Theory, InlineData(0, 0.3, 100), InlineData(2000, 0.3, 200), InlineData(2000, 0.6, 60), InlineData(2000, 0.2, 800)]
    public void A_promise_that_breaks_alarms_soon(int after, double misses, int within)
    {
        List<int> delays = [.. Enumerable.Range(0, 100)
            .Select(stream => FirstAlarm(stream, 0.9, after + 4000, row => row < after ? 0.1 : misses) ?? int.MaxValue)
            .Where(at => at >= after).Select(at => at - after)];

        Assert.InRange(delays.Count, 97, 100);
        Assert.InRange(delays.Order().ElementAt(delays.Count / 2), 5, within);
    }

    [Fact]
    public void It_begins_again_after_an_alarm_and_outlives_a_restart_unless_another_share_is_promised()
    {
        var alarm = new CoverageAlarm(0.9);
        var labels = 1;
        while (!alarm.Observe(isWithin: false)) { labels++; }
        Assert.InRange(labels, 3, 6);
        Assert.Equal(1, alarm.Wealth);

        alarm.Observe(isWithin: false);
        var (after, other) = (new CoverageAlarm(0.9), new CoverageAlarm(0.8));
        SavedState.Of(alarm.State).Into(after.State);
        SavedState.Of(alarm.State).Into(other.State);
        Assert.Equal((alarm.Wealth, 1), (after.Wealth, other.Wealth));
    }

    private static int? FirstAlarm(int stream, double coverage, int rows, Func<int, double> misses)
    {
        var (random, alarm) = (new RandomStream(stream, "labels"), new CoverageAlarm(coverage));
        for (var row = 0; row < rows; row++)
        {
            if (alarm.Observe(random.NextDouble() >= misses(row))) { return row; }
        }

        return null;
    }
}
