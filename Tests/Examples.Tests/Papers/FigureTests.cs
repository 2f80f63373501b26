using StreamLearn.Learning;

namespace Examples.Tests;

/// <summary>Figures of partitions, and the tables of figures and fleets.</summary>
public sealed class FigureTests
{
    private static readonly FleetRow[] Rows =
    [
        Row(FleetFigures.Plain, BoundaryForm.Float32, 7, 20, isReached: true, seconds: 4, joules: 800),
        Row(FleetFigures.Ares, BoundaryForm.EightBit, 2, 200, isReached: false, seconds: 3, joules: 300),
    ];

    [Fact]
    public void Each_system_has_a_table() => Assert.Equal(
        [
            "",
            "ARES  published  specified     ours  why they differ",
            "time      -48 %      -51 %  -51.5 %  a byte a value",
            "",
            "FedAdapt     published  specified   ours  why they differ",
            "speed, long      2.35x          -  1.71x  unknown",
        ],
        Figure.Lines(
        [
            new("ARES", "time", "-48 %", "-51 %", -.5147, Figure.Share, "a byte a value"),
            new("FedAdapt", "speed, long", "2.35x", "", 1.713, "0.00x", "unknown"),
        ]));

    [Fact]
    public void Figures_of_FedFly_and_ARES_are_those_of_the_specification_within_a_point() => Assert.All(
        TrainingFigures.FedFly().Concat(TrainingFigures.Ares()).Where(static f => f.Specified.EndsWith('%')),
        static f => Assert.Equal(double.Parse(f.Specified[..^2], CultureInfo.InvariantCulture), 100 * f.Ours, 1.0));

    /// <summary>Over 2 Mbit/s all on the server takes a Nano 3,072 · 4 · 8 / 2e6 s up, the server's layers, and ten values down; on the
    /// device it takes 1.2375 ms.</summary>
    [Fact]
    public void The_best_latency_of_Neurosurgeon_on_a_Nano_is_that_of_3G_with_all_layers_on_the_device() => Assert.Equal(
        (((3072 + 10) * 32 / 2e6) + (1.8515 / 3.943 * .0015)) / .0012375,
        RequestFigures.Neurosurgeon().Single(static f => f.Published == "40.7x").Ours, 1e-6);

    /// <summary>The bounds of the specification, and what no plan of its scenario can do better.</summary>
    [Fact]
    public void Edge_shard_has_half_the_latency_and_more_than_twice_the_tokens()
    {
        double[] ours = [.. ShardFigures.Of(0).Select(static figure => figure.Ours)];

        Assert.InRange(ours[0], -.7, -.4);
        Assert.InRange(ours[1], 1.8, 8);
        Assert.InRange(ours[2], 1.2, 1.8);
        Assert.InRange(ours[3], 1.02, 2);
    }

    [Fact]
    public void Disnet_is_quicker_than_both_schemes_and_the_same_seed_gives_the_same_figures()
    {
        Figure[] figures = [.. MeshFigures.Of(0)];

        Assert.Equal(figures, MeshFigures.Of(0));
        Assert.NotEqual(figures, MeshFigures.Of(7));
        Assert.InRange(figures[0].Ours, 1 / .75, 3);
        Assert.InRange(figures[2].Ours, 2, 4);
        Assert.True(figures[1].Ours > figures[0].Ours && figures[3].Ours > figures[2].Ours && figures[5].Ours > figures[4].Ours);
        Assert.True(figures[6].Ours > figures[0].Ours && figures[7].Ours > figures[2].Ours);
    }

    [Fact]
    public void As_the_link_falls_the_cut_moves_to_the_device()
    {
        var (planned, cuts) = FallingLink.Play(seed: 0);

        Assert.Equal((4, 7), (planned[0].Cut, planned[^1].Cut));
        for (var i = 0; i < planned.Length; i++) { Assert.Equal(cuts[planned[i].Cut][i].Seconds, planned[i].Seconds, 1e-6); }
    }

    [Fact]
    public void Time_energy_and_value_are_against_plain_averaging() => Assert.Equal(
        [
            "boundary  plan          pi3  pi3 1.9x  nano  nano 5 W  rounds  seconds  joules  MB up  MB down     time   energy  value",
            "none      plain FedAvg    7         7     7         7      20     4.00   800.0    2.0      1.0    0.0 %    0.0 %  1.000",
            "8 bit     ARES            2         2     7         7    >200     3.00   300.0    2.0      1.0  -25.0 %  -62.5 %  0.562",
        ],
        FleetFigures.Lines([.. Rows], .5));

    [Fact]
    public void A_run_is_at_its_target_with_the_first_of_three_versions_in_a_row()
    {
        Assert.Equal(2, PlannedRun.ReachedAt([.. Points(.8, .9, .91, .92, .91)], .905));
        Assert.Equal(1, PlannedRun.ReachedAt([.. Points(.8, .9, .91, .92, .9)], .9));
        Assert.Null(PlannedRun.ReachedAt([.. Points(.9, .9, .89, .9, .9)], .9));

        static IEnumerable<FleetPoint> Points(params double[] accuracies) =>
            accuracies.Select(static (accuracy, i) => new FleetPoint(TimeSpan.FromSeconds(i + 1), [], "", accuracy));
    }

    [Fact]
    public void Of_21_devices_seven_each_are_of_three_kinds_and_the_last_kind_has_two_modes() => Assert.Equal(
        [("pi3", 7), ("pi3 1.9x", 7), ("nano", 4), ("nano 5 W", 3)],
        FleetDevices.Of(21).CountBy(static device => device.Kind).Select(static kind => (kind.Key, kind.Value)));

    /// <summary>Nine windows of activity 1, one of activity 4; a window of two values, of which the first tells its activity.</summary>
    [Fact]
    public void Draws_are_the_same_again_and_each_activity_has_the_same_chance()
    {
        int[] labels = [1, 1, 1, 1, 1, 1, 1, 1, 1, 4];
        var rows = new RecordedRows(labels.SelectMany(static (label, i) => new float[] { (10 * i) + label, 0 }).ToArray(), labels);
        List<float> first = Drawn("a");

        Assert.Equal(first, Drawn("a"));
        Assert.NotEqual(first, Drawn("b"));
        Assert.InRange(first.Count(static w => (int)w % 10 == 4), 400, 600);        // one window of ten

        List<float> Drawn(string device)
        {
            var draws = new WindowDraws(rows, 1, device);
            return [.. Enumerable.Range(0, 1000).Select(_ => draws.Next()).Select(static w =>
            {
                Assert.Equal(w.Label, (int)w.Values.Span[0] % 10);
                return w.Values.Span[0];
            })];
        }
    }

    private static FleetRow Row(
        string name, BoundaryForm boundary, int split, int rounds, bool isReached, double seconds, double joules) => new(
        new(name, boundary, []), [split, split, 7, 7], rounds, isReached,
        new(TimeSpan.FromSeconds(seconds), [new(joules, 1_500_000, 900_000), new(0, 500_000, 100_000)], "", .9));
}
