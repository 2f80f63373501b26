namespace StreamLearn.Fleets.Tests;

/// <summary>The plan on costs that are written down: nothing is trained.</summary>
public sealed class TauPlanTests(ITestOutputHelper output)
{
    private static readonly TauSettings OfTheSource = new() { Phi = 0.025 };
    private const double Step = 0.013015;           // seconds, as measured for the paper
    private const double StepSpread = 0.006946;
    private const double Aggregation = 0.131604;
    private const double AggregationSpread = 0.053873;
    private const double Limit = 15;
    private static readonly Divergence Known = new(1, 1, 1);
    private static readonly ImmutableArray<Resource> Seconds = [Resource.Time(TimeSpan.FromSeconds(Limit))];

    [Theory, InlineData(0), InlineData(0.3), InlineData(1), InlineData(30)]
    public void Without_noise_the_budget_holds_and_is_used(double delta)
    {
        for (var limit = 3.0; limit < 40; limit += 0.37)
        {
            var plan = Run(new([Resource.Time(TimeSpan.FromSeconds(limit))]), static steps => (steps * Step, Aggregation),
                new(1, 1, delta));
            Assert.InRange(plan.Used[0], 0.95 * limit, limit);
        }
    }

    [Theory, InlineData(1, 0.975, 1.02), InlineData(4, 0.91, 1.08)]
    public void With_noise_the_budget_is_missed_by_little_in_19_of_20_runs(double delay, double least, double most)
    {
        var random = new Random(1);
        var used = Enumerable.Range(0, 1000)
            .Select(_ => Run(new(Seconds), steps => Noisy(random, steps, delay), Known).Used[0] / Limit).Order().ToList();
        output.WriteLine(FormattableString.Invariant($"delay x{delay}: share of the budget that is used: least {used[0]:0.000}, ")
            + FormattableString.Invariant($"19 of 20 in {used[25]:0.000} to {used[974]:0.000}, most {used[^1]:0.000}"));
        Assert.InRange(used[25], least, most);
        Assert.InRange(used[974], least, most);
    }

    [Theory, InlineData(1), InlineData(4)]
    public void A_safe_plan_stays_within_the_budget_in_99_of_100_runs(double delay)
    {
        var random = new Random(2);
        var used = Enumerable.Range(0, 1000)
            .Select(_ => Run(new(Seconds, new() { IsSafe = true }), steps => Noisy(random, steps, delay), Known).Used[0] / Limit)
            .Order().ToList();
        output.WriteLine(FormattableString.Invariant($"delay x{delay}: share of the budget that is used: least {used[0]:0.000}, ")
            + FormattableString.Invariant($"median {used[500]:0.000}, 99 of 100 at most {used[990]:0.000}, most {used[^1]:0.000}"));
        Assert.InRange(used.Count(static u => u <= 1), 990, 1000);
        Assert.InRange(used[500], 0.9, 1);
    }

    [Fact]
    public void Of_two_budgets_the_binding_one_decides_and_half_of_the_bytes_raise_tau()
    {
        const double BytesOfRound = 40_000;
        TauPlan With(long bytes)
        {
            var plan = new TauPlan([Resource.Time(TimeSpan.FromSeconds(Limit)), Resource.Bytes(bytes)], OfTheSource);
            while (plan.Stage == TauStage.Learning && plan.Divergence is null)
            {
                plan = plan.After(new([Step, 0], [Step + Aggregation, BytesOfRound], Known));
            }
            while (plan.Stage == TauStage.Learning && plan.Used[0] < 2)
            {
                plan = plan.After(new([Step * plan.Steps, 0], [(Step * plan.Steps) + Aggregation, BytesOfRound], Known));
            }
            return plan;
        }

        var (time, bytes, half) = (With(long.MaxValue / 2).Steps, With(1_000_000).Steps, With(500_000).Steps);

        Assert.Equal(28, time);
        Assert.True(time < bytes && bytes < half, $"{time}, {bytes}, {half}");
    }

    [Fact]
    public void Steps_grow_tenfold_at_most_and_begin_with_one_again_when_data_change()
    {
        var (plan, steps) = (new TauPlan(Seconds, OfTheSource), new List<int>());
        for (var round = 0; round < 4; round++)
        {
            steps.Add(plan.Steps);
            plan = plan.After(Quiet(plan.Steps, new(1, 1, 0)));
        }
        Assert.Equal([1, 10, 100, 100], steps);
        Assert.Equal((1, null), (plan.Restart().Steps, plan.Restart().Divergence));
    }

    [Fact]
    public void Fixed_steps_are_made_in_every_round_but_the_last_and_the_one_that_evaluates()
    {
        var (plan, steps) = (new TauPlan(Seconds, new() { FixedSteps = 400 }), new List<int>());
        while (plan.Stage != TauStage.Ended)
        {
            steps.Add(plan.Steps);
            plan = plan.After(Quiet(plan.Steps, Known));
        }
        Assert.Equal([400, 400, 311, 1], steps);      // (15 - 2 × 5.3376 - 2 × 0.1316 - 0.0130) / 0.0130
        Assert.Equal(400, new TauPlan(Seconds, new() { FixedSteps = 400 }).Restart().Steps);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TauPlan(Seconds, new() { FixedSteps = 0 }));
    }

    [Fact]
    public void A_model_that_is_not_finite_costs_one_round_of_one_step()
    {
        var plan = new TauPlan(Seconds, OfTheSource).After(Quiet(1, Known)).After(Quiet(10, Known));
        Assert.Equal(28, plan.Steps);
        var after = plan.After(Quiet(28, null) with { IsFinite = false });
        Assert.Equal((1, TauStage.Learning), (after.Steps, after.Stage));
        Assert.Equal(10, after.After(Quiet(1, Known)).Steps);
    }

    [Fact]
    public void A_budget_below_a_round_learns_once_and_evaluates()
    {
        var plan = new TauPlan([Resource.Time(TimeSpan.FromSeconds(0.05))]).After(Quiet(1, null));
        Assert.Equal((1, TauStage.Evaluating), (plan.Steps, plan.Stage));
        plan = plan.After(Quiet(1, null));
        Assert.Equal(TauStage.Ended, plan.Stage);
        Assert.Throws<InvalidOperationException>(() => plan.After(Quiet(1, null)));
    }

    [Fact]
    public void What_cannot_be_planned_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new TauPlan([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TauPlan([Resource.Bytes(0)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TauPlan(Seconds, new() { Phi = double.NaN }));
        Assert.Throws<ArgumentException>(() => new TauPlan(Seconds).After(new([1, 1], [1, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TauPlan(Seconds).After(new([double.NaN], [1])));
    }

    [Fact]
    public void Time_is_that_of_the_slowest_and_energy_that_of_all()
    {
        Assert.Equal(3, Resource.Time(TimeSpan.FromSeconds(9)).Total([1, 3, 2]));
        Assert.Equal(6, Resource.Energy(9).Total([1, 3, 2]));
    }

    /// <summary>Late steps that are worth a tenth of early ones after 100 steps: a decay of .023, and nearer to it the more of them are
    /// shown.</summary>
    [Fact]
    public void Without_phi_steps_follow_from_what_late_ones_are_worth()
    {
        TauPlan alike = Begun(new(double.NaN, double.NaN, 0.01)), apart = Begun(new(double.NaN, double.NaN, 1.5));
        Assert.Equal((100, 10), (alike.Steps, apart.Steps));
        alike = alike.After(Worth(100, new(1, double.NaN, 0.01)));
        Assert.Equal(100, alike.After(Worth(100, new(1, 1, 0.01))).Steps);
        Assert.InRange(alike.After(Worth(100, new(1, 0.1, 0.01))).Steps, 26, 31);
        Assert.Equal(1, alike.After(Worth(100, new(1, -1, 0.01))).Restart().Steps);
        Assert.Equal(1, Begun(null).Restart().Steps);

        static TauPlan Begun(LocalWorth? worth) => new TauPlan(Seconds).After(Quiet(1, null) with { Steps = 1, Worth = worth });
    }

    /// <summary>Nobody knows the costs yet: devices stop when they have taken as long as they waited.</summary>
    [Fact]
    public void Without_phi_the_first_round_is_of_all_steps_that_fit_a_part_of_the_time_and_no_other_one_is_so_bounded()
    {
        var course = new TauCourse(Seconds, new());
        Assert.Equal((100, TimeSpan.FromSeconds(4.5)), (course.Steps, course.RoundTime));
        course.After(40, [40 * Step], [(40 * Step) + Aggregation], apart: null, isFinite: true, new LocalWorth(double.NaN, double.NaN, 1));
        Assert.Equal(TimeSpan.MaxValue, course.RoundTime);
        Assert.All([new TauCourse([Resource.Bytes(1_000_000)], new()), new TauCourse(Seconds, OfTheSource)],
            static c => Assert.Equal((1, null), (c.Steps, c.RoundTime)));
    }

    private static TauRound Worth(int steps, LocalWorth worth) => Quiet(steps, null) with { Worth = worth };
    private static TauRound Quiet(int steps, Divergence? known) => new([Step * steps], [(Step * steps) + Aggregation], known);

    private static TauPlan Run(TauPlan plan, Func<int, (double Local, double Global)> costs, Divergence known)
    {
        while (plan.Stage != TauStage.Ended)
        {
            var (local, global) = costs(plan.Steps);
            plan = plan.After(new([local], [local + global], known));
        }
        return plan;
    }

    private static (double Local, double Global) Noisy(Random random, int steps, double delay)
    {
        var local = 0.0;
        for (var step = 0; step < steps; step++) { local += Drawn(random, Step, StepSpread); }
        return (local, delay * Drawn(random, Aggregation, AggregationSpread));
    }

    private static double Drawn(Random random, double mean, double spread) => Math.Max(1e-10,
        mean + (spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
}
