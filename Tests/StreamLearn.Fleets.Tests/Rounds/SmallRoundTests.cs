using System.IO.Compression;

namespace StreamLearn.Fleets.Tests;

/// <summary>Rounds of far fewer devices than usual, as at the end of a run, when devices run out of rows.</summary>
public sealed class SmallRoundTests
{
    private const int Devices = 8;

    public static TheoryData<Strategy> Barriers =>
    [
        new FedAvg(Devices), new FedProx(Devices), new FedAvgM(Devices), new FedAdagrad(Devices), new FedAdam(Devices),
        new FedYogi(Devices), new FedMedian(Devices), new FedTrimmedMean(Devices),
        new AdaptiveTau(Devices).Rounds with { Enroll = 0, Steer = Steer.None },      // without devices that announce themselves
        new FedAvg(Devices).Rounds with { Apply = Apply.MeanOfDeltas() },
    ];

    public static TheoryData<Strategy, int> BarriersLeft => [.. Barriers.SelectMany(static s => new[] { (s.Data, 1), (s.Data, 4) })];

    [Theory, MemberData(nameof(BarriersLeft))]
    public void A_round_of_the_devices_that_are_left_moves_the_model_by_their_share(Strategy strategy, int left)
    {
        var (whole, scaled) = (Run(strategy.Rounds with { WholeFrom = 0 }, left), Run(strategy, left));
        Assert.Equal(whole[..^1], scaled[..^1]);        // to the bit
        var (step, before) = (whole[^1] - whole[^2], whole[^2]);
        Assert.NotEqual(0, step);
        Assert.Equal(before + (step * left / Devices), scaled[^1], MathF.Abs(step) * 1e-4f);
    }

    [Theory, MemberData(nameof(Barriers))]
    public void A_round_of_half_of_the_devices_that_are_there_counts_whole(Strategy strategy)
    {
        strategy = strategy.Rounds with { Due = Due.AtDeadline(TimeSpan.FromSeconds(9), strategy.Rounds.Due, 0.1, Devices) };
        var whole = strategy.Rounds with { WholeFrom = 0 };
        Assert.Equal(Run(whole, left: Devices / 2, leave: false), Run(strategy, left: Devices / 2, leave: false));
        Assert.NotEqual(Run(whole, left: 3, leave: false), Run(strategy, left: 3, leave: false));
    }

    /// <summary>β = ½, η = 1; updates of 1, then one of 4 and one of 0 by a device that is alone: its rounds count for 1/8, from the
    /// version before both.</summary>
    [Fact]
    public void A_small_round_is_a_share_of_a_round_for_the_momentum_too()
    {
        using var probe = Updates.Probe(new FedAvgM(Devices, LearningRate: 1, Momentum: 0.5f));
        Round(probe, 1, Devices, 1);
        Round(probe, 2, Devices, 1);                                            // m = 1.5, w = 2.5
        Leave(probe, 1);
        var alone = Round(probe, 3, 1, 4);                                      // m = 1.5 + (4.75 − 1.5) / 8, w = 2.5 + 4.75 / 8
        var again = Round(probe, 4, 1, 0);                                      // 0.59375 and half of m, from 2.5
        Assert.Equal(3.09375f, alone, 1e-5f);
        Assert.Equal(2.5f + ((0.59375f + (1.90625f / 2)) / 8), again, 1e-5f);
        Assert.Equal(2, probe.Metrics.Counter("small-rounds"));
    }

    /// <summary>They have then sent as many updates as all had. One alone never is the fleet, unless the others are forgotten.</summary>
    [Theory]
    [InlineData(10, 7, 4)]
    [InlineData(10, 4, 18)]
    [InlineData(3, 2, 10)]
    [InlineData(1000, 2, 169)]      // at most fifty rounds of all count
    [InlineData(3, 1, null)]
    public void Those_that_are_left_are_the_fleet_after_as_many_updates(int rounds, int left, int? after)
    {
        var usual = new UsualDevices.Mean();
        for (var i = 0; i < rounds; i++) { usual = usual.After(Devices); }
        Assert.Equal(Devices, usual.Usual);
        var small = 0;
        for (; left < UsualDevices.Whole * usual.Usual && small < 10_000; small++) { usual = usual.After(left); }
        Assert.Equal(after ?? 10_000, small);
        Assert.InRange(usual.Usual, after is null ? Devices : left, after is null ? Devices : left / UsualDevices.Whole);
    }

    [Fact]
    public void Once_those_that_have_gone_are_forgotten_the_others_are_the_fleet()
    {
        BlockMetrics metrics = new("aggregate");
        var edge = States.Aggregate(States.Context(metrics), new FedAvg(3));
        foreach (var device in new[] { "a", "b", "c" }) { edge.Process(Updates.Of(device, 1, 1)); }
        foreach (var device in new[] { "b", "c" }) { edge.Process(Updates.Of(device, 2, 0, samples: 0, leaving: true)); }
        edge.Process(Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(1, metrics.Counter("small-rounds"));
        foreach (var device in new[] { "b", "c", "b", "c" }) { edge.Control(new ForgottenDevice(device)); }
        edge.Process(Updates.Of("a", 3, 1, baseVersion: 2));
        Assert.Equal((3L, 1L), (metrics.Counter("versions"), metrics.Counter("small-rounds")));
    }

    [Fact]
    public void A_restarted_aggregator_knows_how_many_devices_are_usual()
    {
        BlockMetrics metrics = new("aggregate");
        var before = States.Aggregate(States.Context(goesOn: true), new FedAvg(3));
        var after = States.Aggregate(States.Context(metrics, goesOn: true), new FedAvg(3));
        foreach (var device in new[] { "a", "b", "c" }) { before.Process(Updates.Of(device, 1, 1)); }
        States.Carry(before.State, after.State);
        after.Process(Updates.Of("b", 2, 0, samples: 0, leaving: true));
        after.Process(Updates.Of("c", 2, 0, samples: 0, leaving: true));
        after.Process(Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(1, metrics.Counter("small-rounds"));
    }

    /// <summary>The round before was one of those that are left, too.</summary>
    [Fact]
    public void Restarted_within_a_round_of_those_that_are_left_it_makes_the_same_versions()
    {
        var whole = States.Aggregate(States.Context(goesOn: true), new FedAvg(3));
        foreach (var device in new[] { "a", "b", "c" }) { whole.Process(Updates.Of(device, 1, 1)); }
        whole.Process(Updates.Of("c", 2, 0, samples: 0, leaving: true));
        foreach (var device in new[] { "a", "b" }) { whole.Process(Updates.Of(device, 2, 2, baseVersion: 1)); }
        whole.Process(Updates.Of("a", 3, 3, baseVersion: 2));
        var restarted = States.Aggregate(States.Context(goesOn: true), new FedAvg(3));
        States.Carry(whole.State, restarted.State);

        foreach (var edge in new[] { whole, restarted })
        {
            edge.Process(Updates.Of("b", 3, 3, baseVersion: 2));
            edge.Process(Updates.Of("a", 4, 3, baseVersion: 3));
        }

        Assert.Equal(States.Written(whole.State), States.Written(restarted.State));
    }

    /// <summary>Of an aggregator of before, with one round of three devices, and the update of one of them for the next.</summary>
    [Fact]
    public void A_state_of_the_format_before_is_opened()
    {
        const string Packed =
            "eNqbL67Heq/29G8GBgY2BhhosL+gvMfe0vGrPYgNwowMmAAkxsxQXJrLxoAbwDU6GNp817zLgUWJQ78DiPqPBgiZiM+5EHEOB1RnmzhAaAFUcWaw"
            + "oYkwMSY8vkGWO31hmS0jNp9i9QsjmipGMEILFEYsRoH5AkCCBUeIMjIQBSRAnufgWOwApRkckG0nFOi4PdbgCJH5sB9LSDEyJOHyEwOOoMMfjFh0"
            + "MuJLW7iDkQFHwoSkkUYDKP3BnqbBxAglk4dkMLEcNoDSdAkmAYaBB4y4/ACPQGakMIOVN+gBglADTWeoQECA7SOoDGNpXRTgAKEFHAi7Dam8g0UG"
            + "WIARWrqFA3Gwj68PIxPWAg/Gnw+tEpCTAWoRDypDEDgg2cQDEXMSDsTFOYLV8OEXEwNJyRkA0WYPjA==";
        using var whole = new MemoryStream();
        using (var unpack = new ZLibStream(new MemoryStream(Convert.FromBase64String(Packed)), CompressionMode.Decompress))
        {
            unpack.CopyTo(whole);
        }

        BlockMetrics metrics = new("aggregate");
        var after = States.Aggregate(States.Context(metrics, goesOn: true), new FedAvg(3));
        StateStream s = new(whole.ToArray(), new(guard: true), format: Assert.Single(after.EarlierFormats));

        after.State(ref s);

        Assert.True(s.HasEnded);
        after.Process(Updates.Of("b", 2, 0, samples: 0, leaving: true));
        after.Process(Updates.Of("c", 2, 0, samples: 0, leaving: true));
        Assert.Equal((1L, 1L, 1L), (metrics.Counter("versions"), metrics.Counter("updates-applied"), metrics.Counter("small-rounds")));
    }

    [Fact]
    public void A_device_that_claims_much_weight_makes_no_round_small_where_weights_do_not_enter()
    {
        using var probe = Updates.Probe(new FedMedian(Devices));
        Round(probe, 1, Devices, 1);
        var moved = Round(probe, 2, Devices, 1, samplesOfFirst: 1_000_000);
        Assert.Equal(2, moved, 1e-6f);
    }

    [Fact]
    public void Rounds_that_end_with_a_number_of_updates_count_whole()
    {
        Assert.All([new FedBuff(3), new FedAsync(3)], static (Strategy s) => Assert.False(s.Rounds.WeakensSmallRounds));
        Assert.True(new AdaptiveTau(3).Rounds.WeakensSmallRounds);
        Assert.Throws<ArgumentOutOfRangeException>(() => (new FedAvg(1).Rounds with { WholeFrom = 1.5 }).Check());
    }

    /// <summary>What was added to a weight after each of four rounds, of which the last is of those that are left.</summary>
    private static float[] Run(Strategy strategy, int left, bool leave = true)
    {
        using var probe = Updates.Probe(strategy);
        float[] moved = [Round(probe, 1, Devices, 1, 0.1f), Round(probe, 2, Devices, 0.5f, 0.1f), Round(probe, 3, Devices, 2, 0.1f)];
        if (leave) { Leave(probe, left); }
        return [.. moved, Round(probe, 4, left, 3, 0.1f)];
    }

    private static float Round(OperatorProbe probe, int round, int devices, float value, float apart = 0, int samplesOfFirst = 16)
    {
        for (var i = 0; i < devices; i++)
        {
            probe.Send(Updates.Of($"{i}", round, value + (i * apart), round - 1, i == 0 ? samplesOfFirst : 16) with
            {
                Estimate = new() { Rows = 10, Loss = 1, Gradient = [0] },
            });
        }
        if (probe.Count() == 0) { probe.Advance(TimeSpan.FromSeconds(9)); }
        return Updates.Moved(probe.Take<Weights>())[0];
    }

    private static void Leave(OperatorProbe probe, int left)
    {
        for (var i = left; i < Devices; i++) { probe.Send(Updates.Of($"{i}", 99, 0, samples: 0, leaving: true)); }
    }
}
