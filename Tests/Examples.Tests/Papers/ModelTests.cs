namespace Examples.Tests;

/// <summary>What fleets can learn beside even digits.</summary>
public sealed class ModelTests
{
    public static TheoryData<string> Names => [.. TauModel.All.Select(static m => m.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_fit_the_model_and_are_the_same_for_the_same_seed(string name)
    {
        var model = TauModel.All.Single(m => m.Name == name);

        var rows = model.Make(500, 3);

        Assert.Equal((500, model.Model.Plan.Input.Size), (rows.Count, rows.Width));
        Assert.Equal(model.Model.Plan.Target switch { TargetKind.Label => (500, 0), TargetKind.Value => (0, 500), _ => (0, 0) },
            (rows.Labels.Length, rows.Targets.Length));
        Assert.Equal(rows.Features, model.Make(500, 3).Features);
        Assert.NotEqual(rows.Features, model.Make(500, 4).Features);
        Assert.Equal(Enumerable.Range(0, TauRows.KindCount), rows.Kinds.Distinct().Order());
    }

    /// <summary>Rows are dealt by it.</summary>
    [Theory]
    [InlineData("linreg")]
    [InlineData("kmeans")]
    public void The_kind_of_a_row_without_a_class_is_the_cluster_with_the_nearest_mean(string name)
    {
        var rows = TauModel.All.Single(m => m.Name == name).Make(1_000, 0);
        var means = Enumerable.Range(0, TauRows.KindCount).Select(k => Mean(rows, k)).ToArray();

        var near = Enumerable.Range(0, rows.Count)
            .Count(r => means.Index().MinBy(m => Squares(rows.Row(r), m.Item)).Index == rows.Kinds[r]);

        Assert.InRange(near, 0.97 * rows.Count, rows.Count);        // not all: rounds are few
    }

    [Fact]
    public void Targets_have_mean_0_and_deviation_1()
    {
        var targets = TauModel.LinReg.Make(1_000, 1).Targets;

        Assert.Equal(0, targets.Average(static t => (double)t), 1e-5);
        Assert.Equal(1, targets.Average(static t => (double)t * t), 1e-5);
    }

    [Fact]
    public void A_small_digit_is_a_large_one_seen_from_afar()
    {
        var (small, large) = (TauModel.CnnSmall.Make(20, 2), TauModel.Svm.Make(20, 2));

        Assert.Equal(large.Kinds, small.Labels);
        Assert.Equal((Pixel(0, 0) + Pixel(0, 1) + Pixel(1, 0) + Pixel(1, 1)) / 4, small.Row(19)[(5 * 14) + 9], 1e-6f);

        float Pixel(int down, int right) => large.Row(19)[((10 + down) * 28) + 18 + right];
    }

    /// <summary>All rows arrive, whatever they bring along: the loss on all rows is what nodes learn.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_fleet_learns_each_of_them(string name)
    {
        var model = TauModel.All.Single(m => m.Name == name);
        TauFleetSettings settings = model.Fleet with
        {
            Case = DataCase.ByLabel,
            Digits = 300,
            UnseenDigits = 100,
            Budget = TimeSpan.FromSeconds(2),
            Timing = TimingModel.Stochastic.Steady,
        };
        using var fleet = new TauFleet(settings);

        var result = fleet.Run(TestContext.Current.CancellationToken);

        Assert.InRange(result.Loss, 0, 0.95 * model.Loss(model.Model.Initial, TauFleet.Seen(settings)));
        Assert.Equal(model.Model.Plan.Target != TargetKind.Label, double.IsNaN(result.Accuracy));
        Assert.Equal(300, Enumerable.Range(0, settings.Nodes).Sum(n => fleet.ClassesOf(n).Sum()));
        Assert.All(Enumerable.Range(0, settings.Nodes), n => Assert.Equal(2, fleet.ClassesOf(n).Count(static c => c > 0)));
    }

    [Fact]
    public void A_machine_that_is_both_has_times_that_do_not_vary() =>
        Assert.Throws<ArgumentException>(static () => new TauFleet(new() { IsAggregatorBesideNode = true }));

    /// <summary>What goes over its link is what the other node sends and gets.</summary>
    [Fact]
    public void What_the_aggregator_and_the_node_beside_it_tell_each_other_takes_no_link()
    {
        using var fleet = new TauFleet(new()
        {
            Nodes = 2,
            Digits = 500,
            Budget = TimeSpan.FromSeconds(2),
            Timing = TimingModel.Stochastic.Steady,
            IsAggregatorBesideNode = true,
        });

        fleet.Run(TestContext.Current.CancellationToken);

        var (both, other) = (fleet.BytesOf(0), fleet.BytesOf(1));
        Assert.Equal((other.Got, other.Sent), both);
        Assert.True(both.Got > 10_000);
    }

    [Fact]
    public void Sixty_combinations_are_drawn_none_is_there_twice_and_the_same_seed_draws_them_again()
    {
        var drawn = TauDraw.Of(TauDraw.Seed);

        Assert.Equal(drawn, TauDraw.Of(TauDraw.Seed));
        Assert.NotEqual(drawn, TauDraw.Of(1));
        Assert.Equal(60, drawn.Distinct().Count());
        Assert.Equal("softmax   occupancy 10 nodes, case 2, x4    15 s", drawn[0].ToString());
        Assert.All(drawn.CountBy(static c => c.Model), static model => Assert.InRange(model.Value, 5, 60));
    }

    private static float[] Mean(TauRows rows, int kind)
    {
        int[] of = [.. Enumerable.Range(0, rows.Count).Where(r => rows.Kinds[r] == kind)];
        return [.. Enumerable.Range(0, rows.Width).Select(i => of.Average(r => rows.Row(r)[i]))];
    }

    private static double Squares(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double squares = 0;
        for (var i = 0; i < a.Length; i++) { squares += (a[i] - b[i]) * (a[i] - b[i]); }
        return squares;
    }
}
