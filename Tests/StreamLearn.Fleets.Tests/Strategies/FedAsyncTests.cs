namespace StreamLearn.Fleets.Tests;

public sealed class FedAsyncTests
{
    [Fact]
    public void The_model_is_mixed_with_that_of_the_device()
    {
        using var probe = Updates.Probe(new FedAsync(4, Alpha: 0.5f) { Staleness = Staleness.Constant },
            new() { Averaging = Averaging.None });
        probe.Send(Updates.Of("a", 1, 4));                          // w₁ = w₀ + ½·4
        probe.Send(Updates.Of("b", 1, 8));                          // w₂ = ½·w₁ + ½·(w₀ + 8) = w₀ + 5
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));          // w₃ = ½·w₂ + ½·(w₁ + 1) = w₀ + 4
        var versions = probe.TakeAll<Weights>();
        Assert.All(Updates.Moved(versions[0]), moved => Assert.Equal(2, moved, 1e-5f));
        Assert.All(Updates.Moved(versions[1]), moved => Assert.Equal(5, moved, 1e-5f));
        Assert.All(Updates.Moved(versions[2]), moved => Assert.Equal(4, moved, 1e-5f));
    }

    [Fact]
    public void A_share_of_one_takes_the_model_of_the_device()
    {
        using var probe = Updates.Probe(new FedAsync(1, Alpha: 1) { Staleness = Staleness.Constant });
        for (var i = 1; i <= 5; i++) { probe.Send(Updates.Of($"d{i}", 1, i)); }
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[4]), moved => Assert.Equal(5, moved, 1e-5f));
    }

    [Fact]
    public void A_share_of_one_follows_a_device_that_goes_on_from_what_it_learned()
    {
        using var probe = Updates.Probe(new FedAsync(1, Alpha: 1));
        for (var i = 1; i <= 50; i++) { probe.Send(Updates.Of("a", i, 1)); }        // each carries what is new since the last one
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[^1]), moved => Assert.Equal(50, moved, 1e-4f));
    }

    [Fact]
    public void Stale_updates_count_less()
    {
        using var probe = Updates.Probe(new FedAsync(4, Alpha: 0.5f), new() { Averaging = Averaging.None });
        for (var i = 1; i <= 3; i++) { probe.Send(Updates.Of("a", i, 0, baseVersion: i - 1)); }
        probe.Send(Updates.Of("b", 1, 8));                          // staleness 3: ½ / √4
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[3]), moved => Assert.Equal(2, moved, 1e-5f));
        Assert.Equal(0.25f, probe.TakeAll<Round>(port: 1)[3].Contributions[0].Weight);
    }

    [Fact]
    public void Versions_beyond_the_bound_are_not_kept_and_their_updates_are_refused()
    {
        using var probe = Updates.Probe(new FedAsync(1, Alpha: 0.5f) { Staleness = Staleness.Constant },
            new() { Averaging = Averaging.None });
        for (var i = 1; i <= 5; i++) { probe.Send(Updates.Of("a", i, 1, baseVersion: i - 1)); }
        Assert.Equal(5, probe.TakeAll<Weights>().Count);
        probe.Send(Updates.Of("b", 1, 1));                          // staleness 5, and four times one device are kept
        Assert.Equal((0, 1L), (probe.Count(), probe.Metrics.Drops["stale"]));
        probe.Send(Updates.Of("b", 2, 0, baseVersion: 1));          // w₅ = w₀ + 2.5; w₆ = ½·w₅ + ½·w₁
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1.5f, moved, 1e-5f));
    }

    [Theory, InlineData(0, 1), InlineData(3, 0.5), InlineData(99, 0.1)]
    public void Polynomial_staleness_is_a_power(long versions, double worth) =>
        Assert.Equal(worth, Staleness.Polynomial().Of(versions, 10), 1e-6);

    [Theory]
    [InlineData(4, 3, 1), InlineData(5, 3, 1 / 11.0), InlineData(10, 10, 1), InlineData(12, 10, 1 / 21.0)]
    public void Hinge_staleness_bends_at_the_number_of_devices_and_not_below_four(long versions, int devices, double worth) =>
        Assert.Equal(worth, Staleness.Hinge().Of(versions, devices), 1e-6);

    [Fact]
    public void A_hinge_may_bend_where_it_is_told() => Assert.Equal(1 / 3f, Staleness.Hinge(a: 2, b: 1).Of(2, 10), 1e-6f);

    [Fact]
    public void Wrong_settings_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedAsync(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedAsync(1, Alpha: 1.1f)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedAsync(1) { MaxStaleness = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Staleness.Polynomial(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Staleness.Hinge(10, -1));
        Assert.Throws<ArgumentException>(() => Updates.Probe(new FedAsync(1) { Directive = new() { Proximal = -1 } }));
    }
}
