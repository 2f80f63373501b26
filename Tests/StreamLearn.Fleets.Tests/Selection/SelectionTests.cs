namespace StreamLearn.Fleets.Tests;

/// <summary>The rules of selection on fleets made by hand.</summary>
public sealed class SelectionTests
{
    private readonly double[] _memory = new double[FleetView.MemoryValues];
    private readonly RandomStream _random = new(7, "selection");

    [Fact]
    public void Random_draws_without_repeats_and_every_device_as_often()
    {
        var fleet = Enumerable.Range(0, 10).Select(Device).ToArray();
        var chosen = new int[10];
        for (var round = 0; round < 2000; round++)
        {
            var cohort = Choose(Cohort.Random(3), fleet);
            Assert.Equal(3, cohort.Distinct().Count());
            foreach (var device in cohort) { chosen[int.Parse(device[1..])]++; }
        }
        Assert.All(chosen, count => Assert.InRange(count, 520, 680));       // 600 ± 4 standard deviations of 20.5
    }

    [Fact]
    public void The_same_stream_draws_the_same_devices()
    {
        var fleet = Enumerable.Range(0, 50).Select(Device).ToArray();
        List<string> Draw(long seed)
        {
            var cohort = new List<DeviceId>();
            Cohort.Random(5).Choose(View(fleet), new(seed, "same"), cohort);
            return [.. cohort.Select(d => d.Name)];
        }
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
    }

    [Theory, InlineData(0.1, 21, 2), InlineData(0.1, 3, 1), InlineData(1, 21, 21)]
    public void Fraction_invites_a_rounded_share_and_at_least_one(double share, int devices, int invited) =>
        Assert.Equal(invited, Choose(Cohort.Fraction(share), [.. Enumerable.Range(0, devices).Select(Device)]).Count);

    [Theory, InlineData(10, 1.3, 13), InlineData(5, 1.4, 7), InlineData(90, 1.3, 99)]
    public void Over_selection_invites_more_than_the_goal(int goal, double factor, int invited) =>
        Assert.Equal(invited, Choose(Cohort.OverSelection(goal, factor), [.. Enumerable.Range(0, 99).Select(Device)]).Count);

    [Fact]
    public void Tiers_measures_devices_first_then_draws_from_one_tier_and_leaves_out_those_that_never_report()
    {
        var select = Cohort.Tier(2, tiers: 5, profilingRounds: 3);
        DeviceView Measured(int d) => Device(d) with
        {
            Invitations = 3,
            Participations = d == 4 ? 0 : 1,
            Latency = TimeSpan.FromSeconds(100 - d),
        };
        var fleet = Enumerable.Range(0, 21).Select(Measured).ToArray();

        Assert.Equal(["d3", "d7"], Choose(select, [.. fleet.Select((v, d) => d is 3 or 7 ? v with { Invitations = 2 } : v)]).Order());
        var drawn = new Dictionary<int, int>();
        for (var round = 0; round < 1000; round++)
        {
            // 20 devices in 5 tiers of 4: d20 … d17 are the fastest, d0 … d3 the slowest
            var tiers = Choose(select, fleet).Select(d => int.Parse(d[1..])).Select(d => (20 - d - (d < 4 ? 1 : 0)) / 4).ToList();
            Assert.Equal(2, tiers.Count);
            Assert.Single(tiers.Distinct());
            drawn[tiers[0]] = drawn.GetValueOrDefault(tiers[0]) + 1;
        }

        Assert.Equal([0, 1, 2, 3, 4], drawn.Keys.Order());
        Assert.All(drawn.Values, count => Assert.InRange(count, 150, 250));
    }

    [Fact]
    public void Tiers_of_fewer_devices_than_tiers_have_one_each()
    {
        DeviceView Measured(int d) => Device(d) with { Invitations = 5, Participations = 5, Latency = TimeSpan.FromSeconds(d) };
        Assert.Single(Choose(Cohort.Tier(2), Measured(0), Measured(1), Measured(2)));
    }

    [Fact]
    public void Utility_prefers_what_has_much_to_learn_and_is_fast_enough()
    {
        // a single choice, nothing to explore: the cut-off leaves what is at most 5 % below the best
        var cohort = Cohort.Utility(1, exploreLeast: 0);
        DeviceView Tried(int d, float loss, double seconds) =>
            Device(d) with { Samples = 64, Loss = loss, Latency = TimeSpan.FromSeconds(seconds), Invitations = 1, LastRound = 8 };
        Assert.Equal(["d1"], Choose(cohort, Tried(0, 1, 1), Tried(1, 2, 1), Tried(2, 0.5f, 1)));
        Array.Clear(_memory);
        Assert.Equal(["d0"], Choose(cohort, Tried(0, 1, 1), Tried(1, 3, 2), Tried(2, 0.5f, 1)));        // 3 · (1/2)² < 1
        Array.Clear(_memory);
        Assert.Equal(["d1"], Choose(cohort, Tried(0, 1, 1), Tried(1, 5, 2), Tried(2, 0.5f, 1)));        // 5 · (1/2)² > 1
        Array.Clear(_memory);
        Assert.Equal(["d2"], Choose(cohort, Tried(0, float.NaN, 1), Tried(1, float.PositiveInfinity, 1), Tried(2, 0.1f, 1)));
    }

    [Fact]
    public void Utility_brings_back_what_was_not_chosen_for_long()
    {
        _memory[0] = 99;        // rounds
        DeviceView Tried(int d, float loss, long last) =>
            Device(d) with { Samples = 64, Loss = loss, Latency = TimeSpan.FromSeconds(1), Invitations = 1, LastRound = last };
        // √(0.1·ln 100 / 5) = 0.30 for the one, 0.07 for the other
        var chosen = Choose(Cohort.Utility(1, exploreLeast: 0), 100, Tried(0, 1, 99), Tried(1, 0.9f, 5));
        Assert.Equal(["d1"], chosen);
    }

    [Fact]
    public void Utility_explores_less_and_less()
    {
        var fleet = Enumerable.Range(0, 40).Select(d => Device(d) with { Samples = 64, Loss = 1, Latency = TimeSpan.FromSeconds(1) })
            .Concat(Enumerable.Range(40, 40).Select(Device)).ToArray();
        int Fresh() => Choose(Cohort.Utility(20), fleet).Count(d => int.Parse(d[1..]) >= 40);
        Assert.Equal(18, Fresh());              // 0.9 · 20
        for (var round = 2; round < 30; round++) { Fresh(); }
        Assert.Equal(10, Fresh());              // 0.9 · 0.98²⁹ · 20 = 10.02
        for (var round = 31; round < 120; round++) { Fresh(); }
        Assert.Equal(4, Fresh());               // not below 0.2
    }

    [Fact]
    public void Utility_takes_slower_devices_when_the_fast_ones_have_less_to_give()
    {
        float loss = 1;
        DeviceView Tried(int d) => Device(d) with
        {
            Samples = 64,
            Loss = loss,
            Latency = TimeSpan.FromSeconds(1 + d),
            Invitations = 1,
            LastRound = 8,
        };
        var select = Cohort.Utility(2, exploreLeast: 0, window: 5, quantileStep: 0.25);
        for (var round = 0; round < 20; round++)
        {
            Choose(select, [.. Enumerable.Range(0, 10).Select(Tried)]);
            loss *= 0.9f;
        }

        Assert.Equal(0.75, _memory[1]);         // the first window has none before it, three later ones give less
    }

    [Fact]
    public void With_too_few_tried_the_others_fill_the_cohort()
    {
        var fleet = Enumerable.Range(0, 3).Select(Device).Append(Device(3) with { Invitations = 1 }).ToArray();
        Assert.Equal(["d0", "d1", "d2", "d3"], Choose(Cohort.Utility(4), fleet).Order());
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        Func<Cohort>[] wrong =
        [
            () => Cohort.Random(0), () => Cohort.Fraction(0), () => Cohort.Fraction(1.1), () => Cohort.OverSelection(0),
            () => Cohort.OverSelection(5, 0.9), () => Cohort.Tier(0), () => Cohort.Tier(1, 0), () => Cohort.Tier(1, 5, 0),
            () => Cohort.Utility(0), () => Cohort.Utility(1, explore: -1), () => Cohort.Utility(1, alpha: double.NaN),
            () => Cohort.Utility(1, window: 0), () => Cohort.Utility(1, cutOff: 0),
        ];
        Assert.All(wrong, make => Assert.Throws<ArgumentOutOfRangeException>(make));
    }

    [Fact]
    public void Each_prints_its_settings_and_compares_by_them()
    {
        Cohort[] cohorts =
            [Cohort.Random(2), Cohort.Fraction(0.5), Cohort.OverSelection(2), Cohort.Tier(2), Cohort.Utility(2, cutOff: 0.9)];
        Assert.Equal(
        [
            "RandomCohort { Count = 2 }", "FractionCohort { Share = 0.5 }", "OverSelection { Needed = 2, Factor = 1.3 }",
            "TierCohort { Count = 2, Tiers = 5, ProfilingRounds = 5 }",
            "UtilityCohort { Count = 2, Explore = 0.9, ExploreDecay = 0.98, ExploreLeast = 0.2, Alpha = 2, CutOff = 0.9, Window = 20, "
                + "Quantile = 0.3, QuantileStep = 0.02 }",
        ], cohorts.Select(c => c.ToString()));
        Assert.Equal(Cohort.Utility(2, cutOff: 0.9), cohorts[^1]);
        Assert.NotEqual(Cohort.Utility(2), cohorts[^1]);
    }

    private static DeviceView Device(int number) => new() { Device = new($"d{number}"), BaseVersion = -1, Score = 1 };

    private FleetView View(ReadOnlySpan<DeviceView> fleet, long version = 9) =>
        new() { Devices = fleet, Version = version, Memory = _memory };

    private List<string> Choose(Cohort select, params ReadOnlySpan<DeviceView> fleet) => Choose(select, 9, fleet);

    private List<string> Choose(Cohort select, long version, params ReadOnlySpan<DeviceView> fleet)
    {
        var cohort = new List<DeviceId>();
        select.Choose(View(fleet, version), _random, cohort);
        return [.. cohort.Select(d => d.Name)];
    }
}
