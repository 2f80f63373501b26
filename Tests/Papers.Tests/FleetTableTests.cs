using System.Text.Json;
using StreamLearn.Learning;

namespace Partition.Tests;

public sealed class FleetTableTests
{
    private static readonly FleetRow[] Rows =
    [
        Row(FleetFigures.Plain, BoundaryForm.Float32, 7, 20, isReached: true, seconds: 4, joules: 800),
        Row(FleetFigures.Ares, BoundaryForm.EightBit, 2, 200, isReached: false, seconds: 3, joules: 300),
    ];

    [Fact]
    public void Time_energy_and_value_are_against_plain_averaging() => Assert.Equal(
        [
            "boundary  plan                pi3  pi3 1.9x  nano  nano 5 W  rounds  "
                + "seconds   joules    MB up  MB down     time   energy  value",
            "none      plain FedAvg          7         7     7         7      20  "
                + "   4.00    800.0      2.0      1.0        0        0  1.000",
            "8 bit     ARES                  2         2     7         7    >200  "
                + "   3.00    300.0      2.0      1.0  -25.0 %  -62.5 %  0.562",
        ],
        FleetTable.Lines([.. Rows], .5));

    [Fact]
    public void The_same_figures_are_json()
    {
        using var json = JsonDocument.Parse(FleetTable.Json([.. Rows], .5));
        var ares = json.RootElement[1];

        Assert.Equal(2, json.RootElement.GetArrayLength());
        Assert.Equal((-.25, -.625, .5625), (ares.GetProperty("time").GetDouble(), ares.GetProperty("energy").GetDouble(),
            ares.GetProperty("value").GetDouble()));
        Assert.Equal((2, 7), (ares.GetProperty("splits").GetProperty("pi3").GetInt32(),
            ares.GetProperty("splits").GetProperty("nano").GetInt32()));
        Assert.False(ares.GetProperty("isReached").GetBoolean());
    }

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

    [Fact]
    public void Draws_are_the_same_again_and_each_activity_has_the_same_chance()
    {
        var rows = Windows();
        var (a, b, other) = (new WindowDraws(rows, 1, "a"), new WindowDraws(rows, 1, "a"), new WindowDraws(rows, 1, "b"));
        var first = Enumerable.Range(0, 1000).Select(_ => a.Next()).ToList();

        Assert.Equal(first.Select(static w => w.Values.Span[0]), Enumerable.Range(0, 1000).Select(_ => b.Next().Values.Span[0]));
        Assert.NotEqual(first.Select(static w => w.Values.Span[0]), Enumerable.Range(0, 1000).Select(_ => other.Next().Values.Span[0]));
        Assert.All(first, static w => Assert.Equal(w.Label, (int)w.Values.Span[0] % 10));
        Assert.InRange(first.Count(static w => w.Label == 4), 400, 600);        // one window of ten
    }

    /// <summary>Nine windows of activity 1, one of activity 4; a window of two values, of which the first tells its activity.</summary>
    private static RecordedRows Windows()
    {
        int[] labels = [1, 1, 1, 1, 1, 1, 1, 1, 1, 4];
        float[] values = [.. labels.SelectMany(static (label, i) => new float[] { (10 * i) + label, 0 })];
        return new(values, labels);
    }

    private static FleetRow Row(
        string name, BoundaryForm boundary, int split, int rounds, bool isReached, double seconds, double joules) => new(
        new(name, boundary, []), [("pi3", split), ("pi3 1.9x", split), ("nano", 7), ("nano 5 W", 7)], rounds, isReached,
        new(TimeSpan.FromSeconds(seconds), [new(joules, 1_500_000, 900_000), new(0, 500_000, 100_000)], "", .9));
}
