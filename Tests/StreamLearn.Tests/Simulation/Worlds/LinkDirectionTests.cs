namespace StreamLearn.Simulation.Tests;

/// <summary>When transfers over a link have left, and when they arrive.</summary>
public sealed class LinkDirectionTests
{
    private const int Many = 20_000;

    [Fact]
    public void A_transfer_takes_longer_where_the_rate_is_lower()
    {
        var link = Of(new() { RateTrace = [new(Seconds(0.5), 0.25), new(Seconds(1.5), 1)] });
        Assert.Equal(Seconds(1.75), link.Send(TimeSpan.Zero, 125).Sent);           // 0.5 + 0.25 + 0.25 seconds of work
        Assert.Equal(Seconds(2.75), link.Send(Seconds(1), 125).Sent);
    }

    [Fact]
    public void An_outage_within_a_slower_time_stretches_a_transfer_by_its_length()
    {
        var link = Of(new() { RateTrace = [new(Seconds(0.5), 0.5)], Outages = [new(Seconds(1), Seconds(3))] });
        Assert.Equal(Seconds(3.5), link.Send(TimeSpan.Zero, 125).Sent);            // 0.5 + 0.25 before, 0.25 after
    }

    [Fact]
    public void A_message_has_the_delay_of_its_time_and_never_overtakes_the_one_before()
    {
        var link = Of(new() { Delay = Seconds(1), DelayTrace = [new(Seconds(0.2), Seconds(0.1)), new(Seconds(5), Seconds(2))] });
        Assert.Equal(Seconds(1.096), link.Send(TimeSpan.Zero, 12).Arrives);
        Assert.Equal(Seconds(1.096), link.Send(Seconds(0.3), 12).Arrives);
        Assert.Equal(Seconds(7.096), link.Send(Seconds(5), 12).Arrives);
    }

    [Fact]
    public void Delays_vary_as_the_profile_says_and_keep_the_order()
    {
        var link = Of(new() { Delay = Seconds(0.13), DelayDeviation = Seconds(0.05) });
        var (delays, last) = (new List<double>(), TimeSpan.Zero);
        for (var i = 0; i < Many; i++)
        {
            var at = Seconds(10 * i);
            var (_, sent, arrives) = link.Send(at, 1);
            Assert.True(arrives >= last);
            delays.Add((arrives - sent).TotalSeconds);
            last = arrives;
        }
        var mean = delays.Average();
        Assert.Equal(0.13, mean, 0.002);
        Assert.Equal(0.05, Math.Sqrt(delays.Average(d => (d - mean) * (d - mean))), 0.002);
        Assert.InRange(delays.Min(), 0, 0.01);
    }

    [Fact]
    public void What_is_lost_is_sent_again_later_and_counts()
    {
        var link = Of(new() { Loss = 0.25 });
        var late = 0;
        for (var i = 0; i < Many; i++)
        {
            var at = Seconds(1000 * i);
            var took = link.Send(at, 125).Sent - at;
            if (took == Seconds(1)) { continue; }
            late++;
            Assert.Equal(0, (took - Seconds(1)).Ticks % Seconds(1.2).Ticks);       // again, each time after a wait
        }
        Assert.Equal(0.25, (double)late / Many, 0.01);
        Assert.Equal(125 * Many / 0.75, link.Bytes, 125 * Many * 0.02);
    }

    [Fact]
    public void Wrong_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkProfile { Loss = 1 }.Checked());
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkProfile { DelayDeviation = Seconds(-1) }.Checked());
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkProfile { RateTrace = [new(Seconds(1), 0)] }.Checked());
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new LinkProfile { DelayTrace = [new(Seconds(2), Seconds(1)), new(Seconds(1), Seconds(1))] }.Checked());
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeviceProfile { LeastJitter = 0 }.Checked());
    }

    /// <summary>A link of a thousand bits a second.</summary>
    private static LinkDirection Of(LinkProfile profile) => new(profile.Checked(), 1000, new(1, "link"));
    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
