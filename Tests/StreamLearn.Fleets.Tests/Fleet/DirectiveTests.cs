namespace StreamLearn.Fleets.Tests;

public sealed class DirectiveTests
{
    private static readonly string[] Fleet = ["a", "b", "c"];

    [Fact]
    public void What_all_are_told_alike_travels_once_with_every_version()
    {
        using var probe = Updates.Probe(new FedAvg(3) { Directive = new() { StepsPerUpdate = 20, LearningRate = 0.5f } });
        for (var round = 0; round < 3; round++)
        {
            var version = Round(probe, round);
            Assert.Equal([new() { StepsPerUpdate = 20, LearningRate = 0.5f }], version.Directives);
            Assert.Empty(probe.Take<Round>(port: 1).Averaged.Directives);
        }
    }

    [Fact]
    public void Without_directives_a_version_carries_none()
    {
        using var probe = Updates.Probe(new FedAvg(3));
        Assert.Empty(Round(probe, 0).Directives);
    }

    [Fact]
    public void FedProx_tells_its_strength_and_the_time_of_a_round()
    {
        var time = TimeSpan.FromSeconds(2);
        using var probe = Updates.Probe(new FedProx(3, Mu: 0.1f) { RoundTime = time, Directive = new() { BatchRows = 8 } });
        Assert.Equal([new() { Proximal = 0.1f, RoundTime = time, BatchRows = 8 }], Round(probe, 0).Directives);
    }

    [Fact]
    public void What_one_device_is_told_travels_until_it_has_learned_from_a_version_that_carried_it()
    {
        using var probe = Updates.Probe(Telling(d => d == "b" ? new() { StepsPerUpdate = 2 } : Directive.Unchanged));
        Assert.Equal([new() { Device = "b", StepsPerUpdate = 2 }], Round(probe, 0).Directives);
        Assert.Single(Round(probe, 1, bases: d => d == "b" ? 0 : 1).Directives);      // b has not seen it: the version was replaced
        Assert.Empty(Round(probe, 2).Directives);
        Assert.Empty(Round(probe, 3).Directives);
    }

    [Fact]
    public void Only_what_has_changed_for_a_device_is_told_again()
    {
        var steps = new Dictionary<string, int> { ["a"] = 1, ["b"] = 2, ["c"] = 3 };
        using var probe = Updates.Probe(Telling(d => new() { StepsPerUpdate = steps[d] }));
        Assert.Equal(["a", "b", "c"], Round(probe, 0).Directives.Select(d => d.Device));
        Assert.Empty(Round(probe, 1).Directives);
        steps["c"] = 7;
        Assert.Equal([new() { Device = "c", StepsPerUpdate = 7 }], Round(probe, 2).Directives);
        Assert.Empty(Round(probe, 3).Directives);
    }

    [Fact]
    public void A_device_that_starts_again_is_told_again()
    {
        using var probe = Updates.Probe(Telling(d => new() { StepsPerUpdate = 1 + d[0] }));
        Round(probe, 0);
        Assert.Empty(Round(probe, 1).Directives);
        probe.Send(Updates.Of("b", 1, 1, baseVersion: 2) with { Epoch = 2 });
        Assert.Equal(["b"], Round(probe, 2, epoch: d => d == "b" ? 2 : 1).Directives.Select(d => d.Device));
    }

    [Fact]
    public void A_device_that_has_gone_is_told_nothing()
    {
        var asked = new List<string>();
        using var probe = Updates.Probe(Telling(d =>
        {
            asked.Add(d);
            return new() { StepsPerUpdate = 1 + d[0] };
        }));
        foreach (var device in Fleet) { probe.Send(Updates.Of(device, 1, 1, leaving: device == "b")); }
        Assert.Equal(["a", "c"], probe.Take<Weights>().Directives.Select(d => d.Device));
        Assert.Equal(["a", "c"], asked);
    }

    [Fact]
    public void A_directive_that_no_device_could_follow_is_counted_and_not_sent()
    {
        using var probe = Updates.Probe(Telling(d => d == "b" ? new() { StepsPerUpdate = 0 } : Directive.Unchanged));
        Assert.Empty(Round(probe, 0).Directives);
        Assert.Equal(1, probe.Metrics.Counter("directives-invalid"));
    }

    [Fact]
    public void A_version_carries_a_bounded_number_and_the_next_one_the_others()
    {
        using var probe = Updates.Probe(Telling(d => new() { StepsPerUpdate = 1 + d[0] }), new() { MaxDirectives = 2 });
        Assert.Equal(["a", "b"], Round(probe, 0).Directives.Select(d => d.Device));
        Assert.Equal(["c", "a"], Round(probe, 1, bases: _ => 0).Directives.Select(d => d.Device));      // nobody has answered yet
        Assert.Equal(["b"], Round(probe, 2, bases: d => d == "b" ? 0 : 1).Directives.Select(d => d.Device));
    }

    private static Weights Round(OperatorProbe probe, int round, Func<string, int>? bases = null, Func<string, int>? epoch = null)
    {
        foreach (var device in Fleet)
        {
            probe.Send(Updates.Of(device, 10 + round, 1, bases?.Invoke(device) ?? round) with { Epoch = epoch?.Invoke(device) ?? 1 });
        }
        return probe.Take<Weights>();
    }

    private static Rules Telling(Func<string, Directive> what) => new FedAvg(3).Rounds with { Direct = new Told(what) };

    private sealed record Told(Func<string, Directive> What) : Direct
    {
        public override Directive For(in DeviceView device, in RoundView round) => What(device.Device.Name);
    }
}
