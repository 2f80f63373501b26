namespace StreamLearn.Fleets.Tests;

public sealed class OneShotTests
{
    [Fact]
    public void The_plain_mean_makes_the_only_version_and_what_comes_later_is_refused()
    {
        using var probe = Updates.Probe(new OneShot(2));
        probe.Send(Updates.Of("a", 1, 1, samples: 1000), Updates.Of("b", 1, 3, samples: 1));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
        probe.Send(Updates.Of("a", 2, 5, baseVersion: 1), Updates.Of("b", 2, 5, baseVersion: 1));
        probe.Complete();
        Assert.Equal((0, 2L), (probe.Count(), probe.Metrics.Drops["refused"]));
    }

    [Fact]
    public void Devices_that_end_with_their_update_count()
    {
        using var probe = Updates.Probe(new OneShot(3));
        foreach (var device in "abc") { probe.Send(Updates.Of(device.ToString(), 1, 1, leaving: true)); }
        Assert.Equal(1, probe.Take<Weights>().Version);
    }
}
