namespace StreamLearn.Fleets.Tests;

/// <summary>A site's copy of a model that several sites learn.</summary>
public sealed class ReplicatedModelTests
{
    private static readonly LinearModel Model = new(2, new SquaredError(), bias: false);

    private static readonly ReplicatedModelOptions Two = new()
    {
        Others = 2,
        MaxLead = 3,
        Keep = new() { Threshold = new ConstantThreshold(0.5f) },
    };

    [Fact]
    public void What_it_learns_it_has_at_once_and_tells_when_it_is_significant()
    {
        using var probe = Probe(Two);
        probe.Send(Update("probe", 0, 1, 0.1f), Update("probe", 0, 0.2f, 0));
        Assert.Equal([[1, 0.1f], [1.2f, 0.1f]], probe.TakeAll<Weights>().Select(static v => v.Values.ToArray()));
        var told = probe.TakeAll<WeightDelta>(1);
        Assert.Equal([[1, 0.1f], [0, 0]], told.Select(static u => u.Values.ToArray()));     // all is significant beside nothing
        Assert.Equal([(1, 1), (2, 2L)], told.Select(static u => (u.Sequence, u.BaseVersion)));
    }

    [Fact]
    public void What_others_tell_is_in_its_next_version()
    {
        using var probe = Probe(Two);
        probe.Control(Update("a", 1, 5, 0), Update("b", 1, 0, 7));
        Assert.Equal(0, probe.Count());
        probe.Send(Update("probe", 0, 1, 1));
        Assert.Equal([6f, 8], probe.Take<Weights>().Values);
    }

    [Fact]
    public void It_waits_for_the_slowest_site_and_goes_on_with_what_that_has_learned()
    {
        using var probe = Probe(Two);
        for (var step = 1; step <= 3; step++) { probe.Send(Update("probe", 0, 1, 0)); }
        Assert.Equal([1, 2], probe.TakeAll<Weights>().Select(static v => v.Version));
        probe.Control(Update("a", 1, 0, 1));
        Assert.Equal(0, probe.Count());         // nobody has heard of b
        Assert.Equal(3, probe.Metrics.Gauges["lead"]);
        probe.Control(Update("b", 1, 0, 1));
        var version = probe.Take<Weights>();
        Assert.Equal(3, version.Version);
        Assert.Equal([3f, 2], version.Values);
    }

    [Fact]
    public void A_site_that_has_left_is_waited_for_no_more_and_its_rest_has_come()
    {
        using var probe = Probe(Two);
        probe.Control(Update("a", 1, 1, 0) with { Leaving = true }, Update("b", 90, 0, 0));
        for (var step = 0; step < 50; step++) { probe.Send(Update("probe", 0, 0, 0)); }
        Assert.Equal(50, probe.TakeAll<Weights>().Count);
        Assert.Equal(89, probe.Metrics.Counter("updates-missed"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void AT_3c_What_was_learned_is_what_the_others_were_told_and_what_waits(bool isMeasured)
    {
        var random = new RandomStream(1, "learned");
        var keep = isMeasured ? new KeepSignificantOptions() : new() { Threshold = new ShrinkingThreshold(0.3f) };
        using var probe = Probe(new() { Keep = keep, MaxLead = 1000 });
        var (learned, told) = (new double[2], new double[2]);
        for (var step = 0; step < 300; step++)
        {
            float[] change = [(float)(0.05 * random.NextGaussian()), (float)(0.05 * random.NextGaussian())];
            probe.Send(Update("probe", 0, change) with { Leaving = step == 299 });
            var sent = probe.Take<WeightDelta>(1).Values;
            for (var i = 0; i < 2; i++)
            {
                learned[i] += change[i];
                told[i] += sent[i];
            }
        }

        for (var i = 0; i < 2; i++) { Assert.Equal(learned[i], told[i], 1e-4); }
        Assert.Equal(learned[0], probe.TakeAll<Weights>()[^1].Values[0], 1e-4);
        Assert.InRange(probe.Metrics.Counter("changes-sent"), 20, 500);
    }

    [Fact]
    public void What_comes_twice_from_itself_from_strangers_or_of_another_model_is_dropped()
    {
        using var probe = Probe(Two);
        probe.Control(Update("a", 1, 1, 0), Update("a", 1, 1, 0), Update("b", 1, 1, 0), Update("c", 1, 1, 0));
        probe.Control(Update("probe", 1, 1, 0), Update("a", 2, 1, 0) with { SchemaHash = 7 });
        probe.Send(Update("probe", 0, 1, 0) with { SchemaHash = 7 });
        Assert.Equal([("duplicate", 1), ("own", 1), ("schema", 2), ("unknown-site", 1L)],
            probe.Metrics.Drops.OrderBy(static d => d.Key, StringComparer.Ordinal).Select(static d => (d.Key, d.Value)));
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Others = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxLead = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Keep = new() { MaxUnanswered = 0 } }));
    }

    private static WeightDelta Update(string site, long clock, params float[] change) => SiteMessages.Update(Model, site, clock, change);

    private static OperatorProbe Probe(ReplicatedModelOptions options) => OperatorProbe.From<WeightDelta>((p, own) =>
        OperatorProbe.Use(own.Replicate(Model, p.Input<WeightDelta>("others"), options)));
}
