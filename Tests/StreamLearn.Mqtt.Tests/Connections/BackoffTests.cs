namespace StreamLearn.Mqtt.Tests;

public sealed class BackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_server_that_flaps_for_a_minute_sees_twelve_connections_at_most()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var backoff = new Backoff(First, Most, new(seed));
            var connections = 0;
            for (var now = TimeSpan.Zero; now < TimeSpan.FromMinutes(1); connections++)
            {
                now += TimeSpan.FromSeconds(1) + backoff.Lost(TimeSpan.FromSeconds(1));
            }
            Assert.InRange(connections, 5, 12);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_server_that_works_and_is_killed_again_and_again_or_is_away_is_tried_within_a_second(bool works)
    {
        var backoff = new Backoff(First, Most, new(1));
        var waits = Enumerable.Range(0, 1000)
            .Select(_ => works ? backoff.Lost(TimeSpan.FromSeconds(1), messages: 50) : backoff.Unreached()).ToArray();
        Assert.All(waits, static wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        Assert.InRange(waits.Average(static w => w.TotalSeconds), 0.4, 0.6);
    }

    [Fact]
    public void A_connection_that_lasted_is_opened_again_soon()
    {
        var backoff = new Backoff(First, Most, new(1));
        for (var i = 0; i < 8; i++) { backoff.Lost(TimeSpan.FromSeconds(1)); }
        Assert.InRange(backoff.Lost(TimeSpan.FromMinutes(1)), TimeSpan.Zero, First);
    }
}
