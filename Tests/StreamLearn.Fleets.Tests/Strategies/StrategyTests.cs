using System.Globalization;

namespace StreamLearn.Fleets.Tests;

/// <summary>What holds for every strategy of the library.</summary>
public sealed class StrategyTests
{
    public static TheoryData<Strategy> All() =>
    [
        new FedAvg(3), new FedAvg(3) { Cohort = Cohort.Random(2) },
        new FedAvg(3) { Cohort = Cohort.Fraction(0.5), AcceptsLate = true },
        new FedAvg(3) { Cohort = Cohort.OverSelection(2) }, new FedAvg(3) { Cohort = Cohort.Tier(1, 2, 1) },
        new FedAvg(3) { Cohort = Cohort.Utility(2) }, new FedAvg(3) { Deadline = TimeSpan.FromSeconds(10), MinFraction = 1 },
        new FedAvg(3) { DeadlineFactor = 1.5 }, new FedProx(3), new FedAvgM(3), new FedAdagrad(3), new FedAdam(3), new FedYogi(3),
        new FedMedian(3), new FedTrimmedMean(3, 0.34), new OneShot(3), new FedBuff(2), new FedBuff(3, 0.5f, TimeSpan.FromSeconds(1)),
        new FedBuff(2) { Staleness = Staleness.Polynomial(1) },
        new FedAsync(3), new FedAsync(3) { Staleness = Staleness.Constant }, new FedAsync(3) { Staleness = Staleness.Hinge() },
        new AdaptiveTau(3) { Budget = [Resource.Time(TimeSpan.FromSeconds(15))] },
    ];

    [Fact]
    public void Every_strategy_of_the_library_is_in_the_list()
    {
        var strategies = typeof(Strategy).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Strategy)) && !t.IsAbstract && t != typeof(Rules));
        Assert.Equal(strategies.Select(t => t.Name).Order(), All().Select(s => s.Data.GetType().Name).Distinct().Order());
    }

    [Theory, MemberData(nameof(All))]
    public void The_same_updates_give_the_same_bits(Strategy strategy)
    {
        Assert.Equal(Run(strategy, refused: 1), Run(strategy, refused: 1));
        Assert.NotEmpty(Run(strategy, refused: 1));
    }

    [Theory, MemberData(nameof(All))]
    public void What_a_refused_update_holds_changes_no_bit(Strategy strategy) =>
        Assert.Equal(Run(strategy, refused: 1), Run(strategy, refused: -1.5f));

    /// <summary>Those that wait for all: with the others the first to come count.</summary>
    public static TheoryData<Strategy> Whole() =>
        [.. All().Select(static s => s.Data)
            .Where(static s => s is not (FedBuff or FedAsync or SynchronousStrategy { Cohort.Goal: not null }))];

    /// <summary>Those that take updates as they come.</summary>
    public static TheoryData<Strategy> FirstCome() => [.. All().Select(static s => s.Data).Where(static s => s is FedBuff or FedAsync)];

    [Fact]
    public void Most_strategies_wait_for_all_and_six_take_updates_as_they_come() =>
        Assert.Equal((23, 16, 6), (All().Count, Whole().Count, FirstCome().Count));

    [Theory, MemberData(nameof(FirstCome))]
    public void Where_the_first_to_come_count_the_order_of_arrival_does_too(Strategy strategy) =>
        Assert.NotEqual(Rounds(strategy, 0, 1, 2), Rounds(strategy, 2, 0, 1));

    [Theory, MemberData(nameof(Whole))]
    public void Where_the_set_is_whole_the_order_of_arrival_changes_no_bit(Strategy strategy)
    {
        Assert.InRange(Rounds(strategy, 0, 1, 2).Count, 2, int.MaxValue);
        Assert.Equal(Rounds(strategy, 0, 1, 2), Rounds(strategy, 2, 0, 1));
        Assert.Equal(Rounds(strategy, 0, 1, 2), Rounds(strategy, 1, 2, 0));
    }

    [Theory, MemberData(nameof(All))]
    public void A_strategy_equals_its_like_and_prints_its_name(Strategy strategy)
    {
        Assert.StartsWith(strategy.GetType().Name + " { ", strategy.ToString(), StringComparison.Ordinal);
        Assert.Equal(strategy, strategy with { });
        Assert.Equal(strategy.ToString(), (strategy with { }).ToString());
        Assert.Single(All(), s => s.Data.Equals(strategy));
        Assert.Single(All(), s => s.Data.ToString() == strategy.ToString());
    }

    [Theory, MemberData(nameof(All))]
    public void The_rules_of_a_strategy_are_values(Strategy strategy)
    {
        var rules = (strategy with { }).Rounds;
        Assert.Equal(strategy.Rounds, rules);
        Assert.Equal(strategy.Rounds.GetHashCode(), rules.GetHashCode());
        Assert.Equal(strategy.Rounds.ToString(), rules.ToString());
        Assert.Same(rules, rules.Rounds);
        var others = All().Select(s => s.Data).Where(s => s.Rounds.Equals(rules)).ToList();
        Assert.Equal(others.Select(s => s.ToString()), All().Select(s => s.Data).Where(s => s.Rounds.ToString() == rules.ToString())
            .Select(s => s.ToString()));
        Assert.Equal([strategy], others);
    }

    [Theory, MemberData(nameof(All))]
    public void A_strategy_put_together_from_the_rules_of_a_preset_makes_its_versions(Strategy strategy) =>
        Assert.Equal(Rounds(strategy, 0, 1, 2), Rounds(strategy.Rounds, 0, 1, 2));

    /// <summary>Every preset, with one setting after the other changed.</summary>
    public static TheoryData<Strategy, Strategy> Changed()
    {
        var all = new TheoryData<Strategy, Strategy>();
        SynchronousStrategy[] presets =
            [new FedAvg(3), new FedProx(3), new FedAvgM(3), new FedAdagrad(3), new FedAdam(3), new FedYogi(3), new FedMedian(3),
            new FedTrimmedMean(3)];
        foreach (var preset in presets)
        {
            all.Add(preset, preset with { Devices = 4 });
            all.Add(preset, preset with { LearningRate = 0.25f });
            all.Add(preset, preset with { Cohort = Cohort.Random(2) });
            all.Add(preset, preset with { Deadline = TimeSpan.FromSeconds(1) });
            all.Add(preset, preset with { DeadlineFactor = 1.5 });
            all.Add(preset with { DeadlineFactor = 1.5 }, preset with { DeadlineFactor = 1.5, MinFraction = 0.25 });
            all.Add(preset, preset with { AcceptsLate = false });
            all.Add(preset, preset with { Directive = new() { StepsPerUpdate = 2 } });
        }

        all.Add(new FedProx(3), new FedProx(3, Mu: 0.1f));
        all.Add(new FedProx(3), new FedProx(3) { RoundTime = TimeSpan.FromSeconds(1) });
        all.Add(new FedAvgM(3), new FedAvgM(3, Momentum: 0.5f));
        all.Add(new FedAdam(3), new FedAdam(3) { Beta1 = 0.5f });
        all.Add(new FedAdagrad(3), new FedAdagrad(3) { Epsilon = 0.5f });
        all.Add(new FedYogi(3), new FedYogi(3) { Beta2 = 0.5f });
        all.Add(new FedTrimmedMean(3), new FedTrimmedMean(3, Trimmed: 0.25));
        all.Add(new OneShot(3), new OneShot(4));
        all.Add(new FedBuff(3), new FedBuff(4));
        all.Add(new FedBuff(3), new FedBuff(3, LearningRate: 0.5f));
        all.Add(new FedBuff(3), new FedBuff(3, Deadline: TimeSpan.FromSeconds(1)));
        all.Add(new FedBuff(3), new FedBuff(3) { Staleness = Staleness.Constant });
        all.Add(new FedBuff(3), new FedBuff(3) { Directive = new() { StepsPerUpdate = 2 } });
        all.Add(new FedAsync(3), new FedAsync(4));
        all.Add(new FedAsync(3), new FedAsync(3, Alpha: 0.5f));
        all.Add(new FedAsync(3), new FedAsync(3) { MaxStaleness = 5 });
        all.Add(new FedAsync(3), new FedAsync(3) { Staleness = Staleness.Hinge(5) });
        all.Add(new FedAsync(3), new FedAsync(3) { Directive = new() { StepsPerUpdate = 2 } });
        return all;
    }

    [Theory, MemberData(nameof(Changed))]
    public void A_strategy_differs_from_one_of_another_setting(Strategy strategy, Strategy changed)
    {
        changed.Check();
        Assert.NotEqual(strategy, changed);
        Assert.NotEqual(strategy.ToString(), changed.ToString());
        Assert.NotEqual(strategy.Rounds, changed.Rounds);
        Assert.NotEqual(strategy.Rounds.ToString(), changed.Rounds.ToString());
    }

    [Fact]
    public void Rules_print_their_settings_whatever_the_culture()
    {
        const string FedBuffs = "Rules { Select = EveryoneCohort { }, Due = AfterUpdates { Count = 10, Deadline =  }, "
            + "Weigh = ByStaleness { Staleness = PolynomialStaleness { A = 0.5 }, Share = 1, Devices =  }, "
            + "Apply = MeanOfDeltas { LearningRate = 0.5 }, Direct = Same { }, AcceptsLate = True, "
            + "Enroll = 0, WholeFrom = 0.5, Steer = Unsteered { } }";
        var before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.Equal(FedBuffs, new FedBuff(10, 0.5f).Rounds.ToString());
            Assert.Equal("FedAvg { Devices = 3, LearningRate = 0.5, Cohort = OverSelection { Needed = 2, Factor = 1.3 } }",
                new FedAvg(3, 0.5f) { Cohort = Cohort.OverSelection(2) }.ToString());
            Assert.Equal("0,5", 0.5.ToString(CultureInfo.CurrentCulture));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_preset_is_put_together_from_the_rules_of_the_library()
    {
        var three = TimeSpan.FromSeconds(3);
        var told = new Directive { BatchRows = 8 };
        Assert.Equal(
            new Rules(Cohort.Everyone, Due.AfterUpdates(10, three), Weigh.ByStaleness(Staleness.Polynomial()), Apply.MeanOfDeltas(0.5f),
                Direct.Unchanged),
            new FedBuff(10, 0.5f, three).Rounds);
        var due = Due.AtDeadline(three, Due.WhenAll(4), devices: 4);
        var rounds = new Rules(Cohort.Random(2), due, Weigh.BySamples, Apply.WeightedMean(), Direct.Same(told));
        Assert.Equal(
            rounds with { AcceptsLate = false, Enroll = 4 },
            new FedAvg(4) { Cohort = Cohort.Random(2), Deadline = three, Directive = told }.Rounds);
        Assert.Equal(Apply.TrimmedMean(0.2), new FedTrimmedMean(3).Rounds.Apply);
        Assert.Equal(Apply.CoordinateMedian(), new FedMedian(3).Rounds.Apply);
    }

    [Fact]
    public void Rules_refuse_what_is_out_of_range()
    {
        Func<Rule>[] wrong =
        [
            () => Weigh.ByStaleness(Staleness.Constant, 0), () => Weigh.ByStaleness(Staleness.Constant, devices: 0),
            () => Apply.WeightedMean(0), () => Apply.MeanOfDeltas(float.NaN), () => Apply.CoordinateMedian(-1),
            () => Apply.TrimmedMean(0.5), () => Apply.TrimmedMean(0.2, 0), () => Apply.SignVote(0),
        ];
        Assert.All(wrong, make => Assert.Throws<ArgumentOutOfRangeException>(make));
        Assert.Throws<ArgumentNullException>(() => Weigh.ByStaleness(null!));
        Assert.Throws<ArgumentNullException>(() => Direct.Same(null!));
        Assert.Throws<ArgumentException>(() => Direct.Same(new() { Device = "a" }));
    }

    [Fact]
    public void Missing_rules_are_refused_at_wiring()
    {
        var rules = new FedBuff(1).Rounds;
        Rules[] wrong =
            [rules with { Select = null! }, rules with { Due = null! }, rules with { Weigh = null! }, rules with { Apply = null! },
            rules with { Direct = null! }];
        Assert.All(wrong, strategy => Assert.Throws<ArgumentNullException>(() => Updates.Probe(strategy)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(rules with { Enroll = -1 }));
    }

    [Fact]
    public void FedProx_without_its_term_is_FedAvg_to_the_bit() =>
        Assert.Equal(Rounds(new FedAvg(3), 0, 1, 2), Rounds(new FedProx(3, Mu: 0), 0, 1, 2));

    [Fact]
    public void Presets_print_and_compare_by_value()
    {
        Assert.Equal("FedAvg { Devices = 3, LearningRate = 1 }", new FedAvg(3).ToString());
        Assert.Equal("FedAvg { Devices = 3, LearningRate = 1, Cohort = OverSelection { Needed = 2, Factor = 1.3 } }",
            new FedAvg(3) { Cohort = Cohort.OverSelection(2) }.ToString());
        var buffered = new FedBuff(10, 0.5f, TimeSpan.FromSeconds(3));
        Assert.Equal("FedBuff { BufferSize = 10, LearningRate = 0.5, Deadline = 00:00:03 }", buffered.ToString());
        Assert.Equal("FedBuff { BufferSize = 3, LearningRate = 1, Deadline = , Staleness = PolynomialStaleness { A = 1 } }",
            new FedBuff(3) { Staleness = Staleness.Polynomial(1) }.ToString());
        Assert.Equal(new FedBuff(10), new FedBuff(10));
        Assert.NotEqual(new FedBuff(10), new FedBuff(11));
        Assert.NotEqual<Strategy>(new FedAvg(10), new FedBuff(10));
    }

    [Fact]
    public void Two_pipelines_of_one_definition_are_equal()
    {
        static Pipeline Define(Strategy strategy) => Pipeline.Define("edge", p =>
        {
            var (versions, inUse) = p.Input<WeightDelta>("updates").Aggregate(new SoftmaxRegression(2, 2), strategy);
            versions.Output("versions");
            inUse.Output("in-use");
        });
        Assert.Equal(Define(new FedAvg(3)), Define(new FedAvg(3)));
        Assert.NotEqual(Define(new FedAvg(3)), Define(new FedAvg(4)));
        Assert.Contains("FedAvg { Devices = 3, LearningRate = 1 }", Define(new FedAvg(3)).ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_weights_of_FedBuff_are_those_of_its_formula()
    {
        var weigh = new FedBuff(1).Rounds.Weigh;
        var round = new RoundView { Version = 9, Updates = 0, Devices = 0, Invited = 0, Alive = 0, Known = 0, Elapsed = TimeSpan.Zero };
        Assert.Equal(1, weigh.Of(new(new("d"), 1, 1, 9, 16, 4, 0), round));
        Assert.Equal(0.5f, weigh.Of(new(new("d"), 1, 1, 6, 16, 4, 0), round));
        Assert.Equal(MathF.Sqrt(0.1f), weigh.Of(new(new("d"), 1, 1, 0, 16, 4, 0), round), 1e-7f);
        var shorter = (new FedBuff(1) { Staleness = Staleness.Polynomial(1) }).Rounds.Weigh;
        Assert.Equal(0.25f, shorter.Of(new(new("d"), 1, 1, 6, 16, 4, 0), round));
        var hinged = (new FedBuff(1) { Staleness = Staleness.Hinge(a: 1) }).Rounds.Weigh;       // bends at the devices that are known
        Assert.Equal(1, hinged.Of(new(new("d"), 1, 1, 1, 16, 4, 0), round with { Known = 8 }));
        Assert.Equal(0.5f, hinged.Of(new(new("d"), 1, 1, 1, 16, 4, 0), round with { Known = 7 }));
    }

    [Theory, MemberData(nameof(All))]
    public void What_is_declared_as_state_is_enough_for_it(Strategy strategy)
    {
        var apply = strategy.Rounds.Apply;
        var state = new ServerState(Updates.Model.Initial);
        state.Renew(apply.Slots);
        var values = Updates.Of("d", 1, 1).Values.AsSpan();
        for (var round = 0; round < 3; round++)
        {
            (state.Updates, state.TotalWeight) = (1, 1);
            state.Set = new([new(Updates.Of("d", 1, 1), 1, 1)]);
            apply.Add(state, new(new(new("d"), 1, 1, 0, 1, 1, 0), 1, values, Updates.Model.Initial.Values.AsSpan()));
            apply.Finish(state);
        }

        Assert.NotEqual(Updates.Model.Initial.Values, state.Weights.ToArray());
    }

    /// <summary>Twelve updates of three devices; every fourth weighs nothing and holds the given values.</summary>
    private static List<string> Run(Strategy strategy, float refused)
    {
        using var probe = Updates.Probe(strategy.Rounds with { Weigh = new Picky(strategy.Rounds.Weigh) });
        var random = new RandomStream(5, "updates");
        for (var i = 0; i < 12; i++)
        {
            var device = "cab"[i % 3].ToString();
            var value = i % 4 == 3 ? refused : (float)random.NextGaussian();
            probe.Send(Updates.Of(device, i + 1, value, samples: i % 4 == 3 ? 13 : 20 + i) with { Moments = new(3, [value], [1]) });
            probe.Advance(TimeSpan.FromMilliseconds(100));
        }
        return Bits(probe);
    }

    /// <summary>Four rounds of three devices, each from the newest version, in an order of arrival.</summary>
    private static List<string> Rounds(Strategy strategy, params int[] order)
    {
        using var probe = Updates.Probe(strategy);
        var random = new RandomStream(6, "rounds");
        var bits = new List<string>();
        Weights? version = null;
        for (var round = 0; round < 4; round++)
        {
            var drawn = Enumerable.Range(0, 12).Select(_ => (float)random.NextGaussian()).ToArray();
            foreach (var d in order.Where(d => version?.Invited?.Contains($"device-{d}") ?? true))
            {
                probe.Send(Updates.Of($"device-{d}", round + 1, 0, round, samples: 10 + d) with
                {
                    Values = [0, 0, .. drawn.AsSpan(4 * d, 4)],
                    Moments = new(1 + d, [drawn[d]], [1]),
                });
            }
            if (probe.Count() > 0) { bits.Add((version = probe.Take<Weights>()).Sha256()); }
        }

        return [.. bits, .. Bits(probe)];
    }

    private static List<string> Bits(OperatorProbe probe) =>
        [.. probe.TakeAll<Weights>().Concat(probe.TakeAll<Round>(port: 1).Select(r => r.Averaged)).Select(w => w.Sha256())];

    /// <summary>As another rule weighs, and nothing for updates of 13 samples.</summary>
    private sealed record Picky(Weigh Inner) : Weigh
    {
        public override float Of(in UpdateHeader update, in RoundView round) => update.Samples == 13 ? 0 : Inner.Of(update, round);
    }
}
