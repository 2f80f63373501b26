namespace StreamLearn.Simulation.Tests;

/// <summary>When messages over a link that is played leave and arrive: 1,000 bytes a second.</summary>
public sealed class PlayedDirectionTests
{
    private const double Rate = 8_000;

    [Fact]
    public void A_burst_leaves_at_once_and_the_rest_at_the_rate()
    {
        var link = Of(new(), burst: 1_600);
        Assert.Equal(Ms(0), link.Send(Ms(0), 1_600).Left);
        Assert.Equal(Ms(1_000), link.Send(Ms(0), 1_000).Left);
        Assert.Equal(Ms(2_000), link.Send(Ms(1_500), 1_000).Left);
        Assert.Equal(Ms(10_400), link.Send(Ms(10_000), 2_000).Left);        // the bucket holds no more than a burst
        Assert.Equal(Ms(12_000), link.Send(Ms(12_000), 1_600).Left);
    }

    [Fact]
    public void Nothing_leaves_in_an_outage_whatever_the_bucket_holds()
    {
        var link = Of(new() { Outages = [new(Ms(1_000), Ms(3_000))] }, burst: 1_600);
        Assert.Equal(Ms(3_000), link.Send(Ms(2_000), 10).Left);
        Assert.Equal(Ms(3_410), link.Send(Ms(2_000), 2_000).Left);          // 1,590 bytes were left, and none came in the outage
    }

    [Fact]
    public void A_rate_that_changes_fills_the_bucket_at_its_rate()
    {
        var link = Of(new() { RateTrace = [new(Ms(1_000), .5), new(Ms(3_000), 2)] }, burst: 1_600);
        link.Send(Ms(0), 1_600);
        Assert.Equal(Ms(3_000), link.Send(Ms(0), 2_000).Left);              // 1,000 in the first second, 500 in each of the next two
        Assert.Equal(Ms(4_000), link.Send(Ms(3_000), 2_000).Left);
    }

    [Fact]
    public void A_delay_is_added_and_keeps_the_order()
    {
        var link = Of(new() { Delay = Ms(500), DelayTrace = [new(Ms(100), Ms(10))] }, burst: 1_600);
        Assert.Equal(Ms(500), link.Send(Ms(0), 1).Arrives);
        Assert.Equal(Ms(500), link.Send(Ms(200), 1).Arrives);
        Assert.Equal(Ms(710), link.Send(Ms(700), 1).Arrives);
    }

    [Fact]
    public void A_link_without_limit_takes_no_time_but_in_an_outage()
    {
        var profile = new LinkProfile { Outages = [new(Ms(5), Ms(9))] }.Checked();
        var link = new PlayedDirection(profile, double.PositiveInfinity, 1_600, new(1, "draws"));
        Assert.Equal((Ms(0), Ms(0)), link.Send(Ms(0), 1 << 30));
        Assert.Equal((Ms(9), Ms(9)), link.Send(Ms(6), 1 << 30));
    }

    /// <summary>The virtual link is worked out in another way: a queue whose server is as fast as the rate.</summary>
    [Fact]
    public void Without_a_burst_it_is_the_virtual_link_with_losses_outages_and_changes()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new RandomStream(seed, "profile");
            var profile = new LinkProfile
            {
                Delay = Ms(random.NextInt32(50)),
                DelayDeviation = Ms(random.NextInt32(2) * 3),
                DelayTrace = [new(Ms(900), Ms(random.NextInt32(50)))],
                RateTrace = [new(Ms(random.NextInt32(2_000)), .25), new(Ms(2_000 + random.NextInt32(1_000)), 2)],
                Outages = [new(Ms(random.NextInt32(1_000)), Ms(1_000 + random.NextInt32(500))), new(Ms(4_000), Ms(5_000))],
                Loss = random.NextInt32(2) * .2,
            }.Checked();
            var played = new PlayedDirection(profile, Rate, burstBytes: 0, new(seed, "draws"));
            var simulated = new LinkDirection(profile, Rate, new(seed, "draws"));
            var now = TimeSpan.Zero;
            for (var message = 0; message < 60; message++)
            {
                now += Ms(random.NextInt32(4) * 40);
                var bytes = 1 + random.NextInt32(300);
                var (left, arrives) = played.Send(now, bytes);
                var (_, sent, arrived) = simulated.Send(now, bytes);
                Assert.True((left - sent).Duration() < Ms(.02) && (arrives - arrived).Duration() < Ms(.02),
                    $"seed {seed}, message {message}: left {left}, not {sent}, arrives {arrives}, not {arrived}");
            }
        }
    }

    private static PlayedDirection Of(LinkProfile profile, int burst) => new(profile.Checked(), Rate, burst, new(1, "draws"));
}
