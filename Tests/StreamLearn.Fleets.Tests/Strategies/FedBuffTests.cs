namespace StreamLearn.Fleets.Tests;

public sealed class FedBuffTests
{
    [Fact]
    public void Late_updates_count_less_and_the_sum_is_divided_by_their_number()
    {
        using var probe = Updates.Probe(new FedBuff(2, LearningRate: 0.5f));
        probe.Send(Updates.Of("a", 1, 1));
        probe.Send(Updates.Of("b", 1, 3));                      // version 1: 0.5 · (1 + 3) / 2 = 1
        probe.Send(Updates.Of("a", 2, 2, baseVersion: 1));
        probe.Send(Updates.Of("c", 1, 2, baseVersion: 0));      // staleness 1: weight 1/√2
        var versions = probe.TakeAll<Weights>();
        Assert.All(Updates.Moved(versions[0]), moved => Assert.Equal(1, moved, 1e-6f));
        Assert.All(Updates.Moved(versions[1]), moved => Assert.Equal(1 + (0.5 * (2 + (2 / Math.Sqrt(2))) / 2), moved, 1e-6));
    }

    [Fact]
    public void Samples_do_not_enter_the_weight()
    {
        using var probe = Updates.Probe(new FedBuff(2));
        probe.Send(Updates.Of("a", 1, 1, samples: 1000), Updates.Of("b", 1, 3, samples: 1));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
    }

    [Theory, InlineData(null), InlineData(7L)]
    public void A_device_that_goes_on_from_what_it_learned_is_not_behind_its_own_updates(long? epoch)
    {
        const int Count = 1500;                                 // more than the staleness that is taken
        using var probe = Updates.Probe(new FedBuff(1), new() { Epoch = epoch });
        for (var i = 1; i <= Count; i++) { probe.Send(Updates.Of("a", i, 0.01f)); }
        var versions = probe.TakeAll<Weights>();
        Assert.Equal(Count, versions.Count);
        Assert.All(Updates.Moved(versions[^1]), moved => Assert.Equal(0.01 * Count, moved, 1e-3));
        Assert.Equal(0, probe.Metrics.Gauges["staleness-max"]);
    }

    [Fact]
    public void A_device_that_goes_on_is_behind_the_updates_of_others_from_the_first_on()
    {
        using var probe = Updates.Probe(new FedBuff(1));
        probe.Send(Updates.Of("a", 1, 1));
        probe.Send(Updates.Of("a", 2, 1));                      // version 2, of its own updates alone
        probe.Send(Updates.Of("b", 1, 1, baseVersion: 2));
        probe.Send(Updates.Of("a", 3, 1));                      // staleness 1: version 3 is of another's
        probe.Send(Updates.Of("a", 4, 1));                      // 2: it has not seen that yet
        probe.Send(Updates.Of("a", 5, 1, baseVersion: 3));      // 2: now it has, and nothing of what came after it
        var moved = probe.TakeAll<Weights>().Select(v => Updates.Moved(v)[0]).ToList();
        double[] weights = [1, 1, 1, 1 / Math.Sqrt(2), 1 / Math.Sqrt(3), 1 / Math.Sqrt(3)];
        for (var i = 0; i < weights.Length; i++) { Assert.Equal(weights[..(i + 1)].Sum(), moved[i], 1e-5); }
    }

    [Fact]
    public void Nobody_is_waited_for()
    {
        using var probe = Updates.Probe(new FedBuff(2));
        for (var i = 1; i <= 6; i++) { probe.Send(Updates.Of("a", i, 0.1f)); }
        Assert.Equal(3, probe.Count());
    }
}
