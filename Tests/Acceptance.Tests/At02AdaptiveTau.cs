using Papers;

namespace Acceptance.Tests;

/// <summary>Section 2.8: five nodes, svm-smooth, glyph-digits, the timing model of the authors' code, means over seeds 0 to 2.</summary>
public sealed class At02AdaptiveTau
{
    private static readonly int Seeds = LongForm.IsAsked ? 3 : 1;
    private const double WithinOfBest = 0.02;
    private const double WithinOfBestDelayed = 0.04;
    private const double AccuracyPoint = 0.01;
    private const double Bad = 0.025;
    private const double Apart = 0.3;       // by which means of steps may differ

    /// <summary>The rule of the source, whose phi the specification names: its numbers of steps are what is asked for.</summary>
    private static readonly TauSettings OfTheSource = new() { Phi = 0.025 };

    private static readonly TauFleetSettings Steady = new() { Timing = TimingModel.Stochastic.Steady };

    /// <summary>The fixed numbers of steps: in the short form, those about the best of each case.</summary>
    private static readonly ImmutableArray<int> FixedSteps = LongForm.IsAsked ? TauSweep.FixedSteps : [5, 7, 10, 30, 100];

    /// <summary>Of the comparisons that several tests look at. The rule of the source differs in the steps that it chooses alone: its
    /// fixed numbers are those of the base.</summary>
    private static readonly Lazy<ImmutableArray<TauComparison>> Base = Of("base", FixedSteps), Delayed = Of("delay", FixedSteps),
        Published = Chosen("published"), PublishedDelayed = Chosen("published-delay");

    [Fact]
    public void AT_2a_In_each_case_adaptive_tau_is_near_the_best_fixed_number()
    {
        Assert.All(Base.Value, static c => Assert.InRange(c.Excess, double.NegativeInfinity, WithinOfBest));
        Assert.All(Base.Value, static c => Assert.InRange(c.Adaptive.Accuracy, c.BestAccuracy - AccuracyPoint, 1));
    }

    [LongFact]
    public void AT_2a_So_it_is_where_aggregations_take_four_times_as_long() =>
        Assert.All(Delayed.Value, static c => Assert.InRange(c.Excess, double.NegativeInfinity, WithinOfBestDelayed));

    /// <summary>Seven steps are bad where aggregations take longer; in the base, by a little less than is asked for.</summary>
    [LongFact]
    public void AT_2b_Each_fixed_number_is_bad_in_some_case()
    {
        Assert.All(FixedSteps.Remove(7), static steps => Assert.Contains(Base.Value, c => Excess(c, steps) > Bad));
        Assert.Contains(Base.Value, static c => Excess(c, 7) > 0.02);
        Assert.Contains(Delayed.Value, static c => Excess(c, 7) > Bad);

        static double Excess(TauComparison of, int steps) => (of.Fixed[steps].Loss / of.BestLoss) - 1;
    }

    [Fact]
    public void AT_2c_The_more_alike_the_data_the_more_steps_and_so_where_aggregations_cost_more()
    {
        var (steps, delayed) = (Steps(Published.Value), Steps(PublishedDelayed.Value));

        Assert.True(steps[DataCase.Replicated] > steps[DataCase.Uniform], $"{steps[DataCase.Replicated]} and {steps[DataCase.Uniform]}");
        Assert.True(steps[DataCase.Uniform] > steps[DataCase.ByLabel], $"{steps[DataCase.Uniform]} and {steps[DataCase.ByLabel]}");
        Assert.True(steps[DataCase.ByLabel] >= steps[DataCase.Mixed], $"{steps[DataCase.ByLabel]} and {steps[DataCase.Mixed]}");
        Assert.All([DataCase.Uniform, DataCase.ByLabel, DataCase.Mixed],
            c => Assert.True(delayed[c] > steps[c], $"{c}: {delayed[c]} and {steps[c]}"));
    }

    /// <summary>Of the specification's table, with the phi that it names, and as far off as AT-2f lets a mean be.</summary>
    [LongFact]
    public void Mean_steps_are_those_of_the_calibration()
    {
        Assert.All(Published.Value, static c => Assert.Equal(0.025, c.Settings.Settings.Phi));
        Assert.All(Published.Value.Zip(Base.Value), static c =>
            Assert.InRange((c.First with { Fixed = c.Second.Fixed }).Excess, double.NegativeInfinity, WithinOfBest));
        Assert.All(Published.Value.Zip([32, 6.5, 70, 4.2]), static c =>
            Assert.InRange(c.First.Adaptive.Steps, (1 - Apart) * c.Second, (1 + Apart) * c.Second));
    }

    [Theory]
    [InlineData(DataCase.Uniform)]
    [InlineData(DataCase.ByLabel)]
    [InlineData(DataCase.Replicated)]
    [InlineData(DataCase.Mixed)]
    public void AT_2d_Without_noise_the_budget_is_spent_and_not_exceeded(DataCase dataCase)
    {
        var result = Run(Steady with { Case = dataCase });

        Assert.InRange(result.UsedSeconds, 0.95 * Steady.Budget.TotalSeconds, Steady.Budget.TotalSeconds);
    }

    /// <summary>Bytes are those that the links of the nodes carried from the first version to the last round.</summary>
    [Fact]
    public void AT_2e_Of_time_and_bytes_the_binding_one_decides_and_half_the_bytes_make_for_more_steps()
    {
        const int Round = 4;        // from here on growth is no bound
        var (free, _, _) = RunWith(null);
        var (some, carried, rounds) = RunWith(1_500_000);
        var (half, carriedHalf, roundsHalf) = RunWith(750_000);

        AssertSpent(1_500_000, carried, rounds);
        AssertSpent(750_000, carriedHalf, roundsHalf);
        Assert.True(free[Round] < some[Round] && some[Round] < half[Round], $"{free[Round]}, {some[Round]} and {half[Round]} steps");

        static (List<int> Steps, double Carried, int Rounds) RunWith(long? bytes)
        {
            using var fleet = new TauFleet(Steady with { Case = DataCase.ByLabel, Bytes = bytes, Settings = OfTheSource });
            var announced = RunUntil(fleet, static f => f.Steps.Count > 0);
            var carried = RunUntil(fleet, static f => f.HasEnded) - announced;
            return ([.. fleet.Steps.Select(static s => s.Steps)], carried, fleet.Steps.Count - 1);
        }

        // slices are shorter than an aggregation, so the version just made has not gone yet
        static double RunUntil(TauFleet fleet, Func<TauFleet, bool> has)
        {
            while (!has(fleet)) { fleet.RunFor(Steady.Timing.Aggregation / 10, TestContext.Current.CancellationToken); }
            return Enumerable.Range(0, Steady.Nodes).Select(fleet.BytesOf).Sum(static b => b.Sent + b.Got);
        }

        // no round would have fitted any more, for after it the model is evaluated
        static void AssertSpent(double bytes, double carried, int rounds) => Assert.InRange(carried, bytes - (2 * carried / rounds), bytes);
    }

    [Fact]
    public void AT_2f_Ten_rounds_after_the_data_have_changed_the_steps_are_those_of_the_new_data()
    {
        const int Rounds = 10;
        var (after, uniform, byLabel) = (0.0, Steps(Published.Value)[DataCase.Uniform], Steps(Published.Value)[DataCase.ByLabel]);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var half = new TauFleetSettings().Budget / 2;
            using var fleet = new TauFleet(
                new() { Seed = seed, Settings = OfTheSource, Commands = [new(half, DemoCommand.SetCase(DataCase.ByLabel))] });
            fleet.Run(TestContext.Current.CancellationToken);
            after += fleet.Steps.SkipWhile(s => s.At < half).Skip(1).Skip(Rounds).SkipLast(2).Average(static s => s.Steps) / Seeds;
        }

        Assert.InRange(after, (1 - Apart) * byLabel, (1 + Apart) * byLabel);
        Assert.InRange(after, 0, uniform / 2);
    }

    /// <summary>The time of the last step is known when an update goes: with one step in a round, it is all of it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void What_is_measured_of_steps_and_aggregations_is_what_they_take(int steps)
    {
        using var fleet = new TauFleet(Steady with { Settings = new() { FixedSteps = steps } });
        fleet.Run(TestContext.Current.CancellationToken);

        Assert.Equal(Steady.Timing.Step.TotalSeconds, fleet.Gauges["c-time_s"], 1e-6);
        Assert.Equal(Steady.Timing.Aggregation.TotalSeconds, fleet.Gauges["b-time_s"], 1e-5);
    }

    [Fact]
    public void A_run_can_be_repeated_bit_for_bit()
    {
        TauFleetSettings settings = new() { Case = DataCase.Mixed, Budget = TimeSpan.FromSeconds(1) };
        var first = Run(settings);

        Assert.Equal(first, Run(settings));
        Assert.NotEqual(first, Run(settings with { Seed = 1 }));
    }

    private static TauResult Run(TauFleetSettings settings)
    {
        using var fleet = new TauFleet(settings);
        return fleet.Run(TestContext.Current.CancellationToken);
    }

    private static Dictionary<DataCase, double> Steps(ImmutableArray<TauComparison> cases) =>
        cases.ToDictionary(static c => c.Settings.Case, static c => c.Adaptive.Steps);

    private static Lazy<ImmutableArray<TauComparison>> Of(string experiment, ImmutableArray<int> fixedSteps) => new(() =>
        TauSweep.Run([.. Enum.GetValues<DataCase>().Select(c => SettingsOf(experiment, c))], Seeds, fixedSteps: fixedSteps));

    private static Lazy<ImmutableArray<TauComparison>> Chosen(string experiment) => new(() =>
        [.. Enum.GetValues<DataCase>().AsParallel().AsOrdered().Select(c => SettingsOf(experiment, c)).Select(static of =>
            new TauComparison(of, TauResult.Mean([.. Enumerable.Range(0, Seeds).Select(seed => Run(of with { Seed = seed }))]),
                ImmutableSortedDictionary<int, TauResult>.Empty))]);

    private static TauFleetSettings SettingsOf(string experiment, DataCase dataCase) =>
        TauExperiment.All.Single(e => e.Name == experiment).Of(TauModel.Svm, dataCase);
}
