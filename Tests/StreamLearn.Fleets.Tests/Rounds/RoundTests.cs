namespace StreamLearn.Fleets.Tests;

public sealed class RoundTests
{
    [Fact]
    public void A_round_says_what_went_into_its_version_and_when()
    {
        using var probe = Updates.Probe(new FedAvg(2), new() { Averaging = Averaging.None });
        probe.Advance(TimeSpan.FromSeconds(3));
        probe.Send(Updates.Of("b", 1, 3, samples: 20));
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Send(Updates.Of("a", 1, -1, samples: 10));
        probe.Advance(TimeSpan.FromSeconds(5));
        probe.Send(Updates.Of("a", 2, 1, samples: 10), Updates.Of("b", 2, 1, baseVersion: 1, samples: 20));
        var rounds = probe.TakeAll<Round>(port: 1);
        // four values each: a norm is twice the value
        Assert.Equal([new("a", 1, 1, 0, 0, 10, 10, 2), new("b", 1, 1, 0, 0, 20, 20, 6)], rounds[0].Contributions);
        Assert.Equal([new("a", 1, 2, 0, 1, (float)(10 / Math.Sqrt(2)), 10, 2), new("b", 1, 2, 1, 0, 20, 20, 2)], rounds[1].Contributions);
        Assert.Equal([1L, 2], rounds.Select(r => r.Version));
        var start = Testing.OperatorProbe.Start;
        Assert.Equal([(start.AddSeconds(3), start.AddSeconds(5)), (start.AddSeconds(5), start.AddSeconds(10))],
            rounds.Select(r => (r.StartedAt, r.Ended)));
        Assert.All(rounds, r => Assert.False(r.Void));
    }

    [Fact]
    public void What_was_refused_stands_in_the_round_that_ends_next()
    {
        using var probe = Updates.Probe(new FedBuff(1));
        probe.Send(Updates.Of("a", 1, float.NaN), Updates.Of("b", 4, 1) with { SchemaHash = 7 }, Updates.Of("a", 2, 1));
        probe.Send(Updates.Of("a", 3, 1, baseVersion: 1));
        var rounds = probe.TakeAll<Round>(port: 1);
        Assert.Equal([new("a", 1, 1, "non-finite"), new("b", 1, 4, "schema")], rounds[0].Refusals);
        Assert.Empty(rounds[1].Refusals);
    }

    [Fact]
    public void The_lists_of_a_round_are_bounded()
    {
        using var probe = Updates.Probe(new FedBuff(5000), new() { MaxNorm = 10 });
        for (var i = 1; i <= 5000; i++) { probe.Send(Updates.Of("a", i, 1, baseVersion: 0) with { Samples = 0 }); }
        for (var i = 1; i <= 5000; i++) { probe.Send(Updates.Of("b", i, 1)); }
        var round = probe.Take<Round>(port: 1);
        Assert.Equal((4096, 4096), (round.Refusals.Length, round.Contributions.Length));
        Assert.Equal((1, 1), (round.Refusals[0].Sequence, round.Contributions[0].Sequence));
        Assert.Equal((5000L, 5000L), (probe.Metrics.Drops["no-samples"], probe.Metrics.Counter("updates-applied")));
    }

    [Fact]
    public void The_model_in_use_flows_out_of_rounds()
    {
        using var probe = Testing.OperatorProbe.Of<Round, Weights>(flow => flow.Averaged());
        var model = Updates.Model.Initial with { Version = 7 };
        probe.Send(Ended(model));
        Assert.Same(model, probe.Take<Weights>());
    }

    [Fact]
    public void A_round_prints_as_a_line()
    {
        var round = Ended(Updates.Model.Initial with { Version = 7 });
        Assert.Equal("version 7 of 0 updates", $"{round}");
        Assert.Equal("version 7 of 2 updates, 1 refused, 3 missing",
            $"{round with { Contributions = [default, default], Refusals = [default], Missing = 3 }}");
    }

    private static Round Ended(Weights model) => new()
    {
        Averaged = model,
        Made = model,
        Contributions = [],
        Refusals = [],
        Stragglers = [],
        StartedAt = default,
        Ended = default,
    };

    [Fact]
    public void What_a_block_may_hold_is_declared()
    {
        long Bytes(Strategy strategy, AggregateOptions options) => new AggregateBlock(Updates.Model, strategy, options).StateBytes(null);
        var options = new AggregateOptions { MaxDevices = 10, MaxHeldUpdates = 100, Averaging = Averaging.None };
        var model = Updates.Model.Plan.ParameterBytes;
        var fixedBytes = Bytes(new FedBuff(1), options) - (model * (3 + 16));   // weights, version, sum; updates of the first rounds
        // weights and slots twice: those of before a small round
        Assert.Equal(model * (5 + 100), Bytes(new FedAvg(1), options) - fixedBytes);
        Assert.Equal(model * (9 + 100), Bytes(new FedAdam(1), options) - fixedBytes);
        Assert.Equal(model * (3 + 100), Bytes(new FedMedian(1), options) - fixedBytes);
        Assert.Equal(model * (3 + 100), Bytes(new FedAvg(1).Rounds with { WholeFrom = 0 }, options) - fixedBytes);
        Assert.Equal(model * (2 + 100 + 9), Bytes(new FedAsync(2), options) - fixedBytes);
        Assert.Equal(model,
            Bytes(new FedBuff(1), options with { Averaging = Averaging.Exponential(0.5f) }) - Bytes(new FedBuff(1), options));
        Assert.Equal((1536 + (24 * 64)) * 5, Bytes(new FedBuff(1), options with { MaxDevices = 15 }) - Bytes(new FedBuff(1), options));
        Assert.Equal(model * 10, Bytes(new FedAvg(1), options with { MaxHeldUpdates = 110 }) - Bytes(new FedAvg(1), options));
    }

    [Fact]
    public void A_rule_that_opens_more_slots_than_it_declares_fails()
    {
        var state = new ServerState(Updates.Model.Initial);
        state.Renew(maxSlots: 1);
        state.Slot("m")[0] = 1;
        Assert.Equal(1, state.Slot("m")[0]);
        Assert.Throws<InvalidOperationException>(() => state.Slot("q").Length);
    }
}
