namespace StreamLearn.Learning.Tests;

public sealed class ExitBudgetTests
{
    private const long Full = 1000;

    /// <summary>Nine choices from 20 % to 100 % of the work, in steps of 10 %.</summary>
    private static readonly ExitCurve Curve = new()
    {
        Measure = ExitMeasure.Entropy,
        FullAccuracy = 0.9,
        Points = [.. Enumerable.Range(0, 9).Select(i => new ExitPoint([i], 0.8 + (0.0125 * i), 0.2 + (0.1 * i), [0.5, 0.5]))],
    };

    [Fact]
    public void It_starts_at_the_best_choice_within_the_budget()
    {
        Assert.Equal(3, ExitBudget.Of(Curve, 550, Full).Index);     // 0.5 of the work ≤ 0.95 · 550
        Assert.Equal(2, ExitBudget.Of(Curve, 520, Full).Index);
        Assert.Equal(0, ExitBudget.Of(Curve, 10, Full).Index);
        Assert.Equal(8, ExitBudget.Of(Curve, 5000, Full).Index);
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitBudget.Of(Curve, double.NaN, Full));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitBudget.Of(Curve, 0, Full));
    }

    [Fact]
    public void It_moves_by_one_choice_each_32_rows_at_most()
    {
        var budget = ExitBudget.Of(Curve, 990, Full);
        var moves = new List<int>();
        for (var row = 1; row <= 160; row++)
        {
            var next = budget.Add(Curve, 960);
            if (next.Index != budget.Index) { moves.Add(row); }
            Assert.Equal(next.Index == budget.Index ? 0 : 1, Math.Abs(next.Index - budget.Index));
            Assert.Equal(budget.RowsToDecision == 1, row % 32 == 0);
            budget = next;
        }

        Assert.Equal([32, 64, 96, 128, 160], moves);
        Assert.Equal(2, budget.Index);
    }

    [Theory, InlineData(474, 0), InlineData(452, 0), InlineData(451, 1), InlineData(476, -4)]
    public void It_stays_where_the_work_is_near_the_aim_and_takes_a_more_accurate_choice_after_128_rows(long work, int steps)
    {
        var budget = ExitBudget.Of(Curve, 500, Full) with { Index = 5 };
        for (var row = 1; row <= 128; row++)
        {
            if (steps > 0) { Assert.Equal(5, budget.Index); }
            budget = budget.Add(Curve, work);
        }
        Assert.Equal(5 + steps, budget.Index);
    }

    [Fact]
    public void It_stays_on_the_curve()
    {
        var (poor, rich) = (ExitBudget.Of(Curve, 1, Full), ExitBudget.Of(Curve, 1e6, Full));
        for (var row = 0; row < 320; row++) { (poor, rich) = (poor.Add(Curve, 200), rich.Add(Curve, 1000)); }
        Assert.Equal((0, 8), (poor.Index, rich.Index));
        Assert.Equal((200.0, 1000.0), (poor.Measured, rich.Measured));
    }

    [Fact]
    public void The_measured_work_is_the_plain_mean_at_first_and_forgets_later()
    {
        var budget = ExitBudget.Of(Curve, 10, Full);
        for (var row = 0; row < 127; row++) { budget = budget.Add(Curve, row % 2 == 0 ? 100 : 300); }
        Assert.Equal(((64 * 100) + (63 * 300)) / 127.0, budget.Measured, 1e-9);
        for (var row = 0; row < 2000; row++) { budget = budget.Add(Curve, 250); }
        Assert.Equal(250, budget.Measured, 0.01);
    }

    [Fact]
    public void A_full_queue_goes_to_the_cheapest_and_a_drift_alarm_to_the_most_accurate_choice()
    {
        var budget = ExitBudget.Of(Curve, 600, Full);
        Assert.Equal((0, 600.0), (budget.QueueFull().Index, budget.QueueFull().MultiplyAddsPerRow));
        Assert.Equal(8, budget.DriftAlarm(Curve).Index);
    }

    /// <summary>The rows are harder than the validation rows were: every choice works 30 % more than the curve says.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void It_follows_the_measured_work_where_the_curve_is_wrong(long seed)
    {
        var random = new RandomStream(seed, "budget");
        var budget = ExitBudget.Of(Curve, 600, Full);
        var spent = 0L;
        for (var row = 0; row < 2000; row++)
        {
            var work = (long)(1.3 * Full * Curve.Points[budget.Index].WorkFraction * (0.5 + random.NextDouble()));
            if (row >= 200) { spent += work; }
            budget = budget.Add(Curve, work);
        }
        Assert.InRange(spent / 1800.0, 520, 600);
    }
}
