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

    [Theory, MemberData(nameof(Barriers))]
    public void A_round_of_one_device_of_eight_moves_the_model_by_an_eighth(Strategy strategy)
    {
        var (whole, scaled) = (Run(strategy.Rounds with { WholeFrom = 0 }, left: 1), Run(strategy, left: 1));
        Assert.Equal(whole[..^1], scaled[..^1]);        // to the bit
        var (step, before) = (whole[^1] - whole[^2], whole[^2]);
        Assert.NotEqual(0, step);
        Assert.Equal(before + (step / Devices), scaled[^1], MathF.Abs(step) * 1e-4f);
    }

    [Theory, MemberData(nameof(Barriers))]
    public void A_round_of_half_the_devices_counts_whole(Strategy strategy) =>
        Assert.Equal(Run(strategy.Rounds with { WholeFrom = 0 }, left: Devices / 2), Run(strategy, left: Devices / 2));

    /// <summary>β = ½, η = 1; updates of 1, then one of 4 and one of 0 by a device that is alone: its rounds count for 1/8, and 3/17.
    /// </summary>
    [Fact]
    public void A_small_round_is_a_share_of_a_round_for_the_momentum_too()
    {
        using var probe = Updates.Probe(new FedAvgM(Devices, LearningRate: 1, Momentum: 0.5f));
        Round(probe, 1, Devices, 1);
        Round(probe, 2, Devices, 1);                                            // m = 1.5, w = 2.5
        Leave(probe, 1);
        var alone = Round(probe, 3, 1, 4);                                      // m = 1.5 + (4.75 − 1.5) / 8, w = 2.5 + 4.75 / 8
        var again = Round(probe, 4, 1, 0);                                      // half of m, times 3 / 17
        Assert.Equal(3.09375f, alone, 1e-5f);
        Assert.Equal(3.09375f + (1.90625f / 2 * 3 / 17), again, 1e-5f);
        Assert.Equal(2, probe.Metrics.Counter("small-rounds"));
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
    private static float[] Run(Strategy strategy, int left)
    {
        using var probe = Updates.Probe(strategy);
        float[] moved = [Round(probe, 1, Devices, 1, 0.1f), Round(probe, 2, Devices, 0.5f, 0.1f), Round(probe, 3, Devices, 2, 0.1f)];
        Leave(probe, left);
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
        return Updates.Moved(probe.Take<Weights>())[0];
    }

    private static void Leave(OperatorProbe probe, int left)
    {
        for (var i = left; i < Devices; i++) { probe.Send(Updates.Of($"{i}", 99, 0, samples: 0, leaving: true)); }
    }
}
