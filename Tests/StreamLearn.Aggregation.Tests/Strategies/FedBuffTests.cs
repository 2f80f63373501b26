using StreamLearn.Learning;

namespace StreamLearn.Aggregation.Tests;

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
        probe.Send(Updates.Of("a", 1, 1, samples: 1000));
        probe.Send(Updates.Of("b", 1, 3, samples: 1));

        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
    }

    [Fact]
    public void Nobody_is_waited_for()
    {
        using var probe = Updates.Probe(new FedBuff(2));
        for (var i = 1; i <= 6; i++) { probe.Send(Updates.Of("a", i, 0.1f)); }

        Assert.Equal(3, probe.Count());
    }
}
