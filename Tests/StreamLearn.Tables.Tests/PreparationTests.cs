using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace StreamLearn.Tables.Tests;

public sealed class PreparationTests
{
    private const long Step = 10_000_000;       // 100 rows a second

    private static readonly Preparation Own =
        new([Field.Channel("x", new("m/s2")), Field.Channel("y", Unit.One)], WindowRows: 8, HopRows: 4)
        {
            RowsPerSecond = 100,
            FilledRows = 2,
        };

    [Theory]
    [InlineData(ModelKind.Conv)]
    [InlineData(ModelKind.Features)]
    [InlineData(ModelKind.Linear)]
    [InlineData(ModelKind.Lags)]
    public void A_card_says_how_rows_are_prepared(ModelKind kind)
    {
        var own = Own with { Kind = kind, Calendar = kind == ModelKind.Lags ? new(TimeSpan.FromSeconds(1.5), OfWeek: true) : null };
        var network = WindowModel.Create(own, classes: 2, seed: 1);

        var card = ModelFile.Load(ModelFile.Save(network, network.Initial, own.On(new() { Labels = ["good", "worn"] }))).Card;

        Assert.Equal(own, Preparation.Of(card));
        Assert.Equal(own.Input, network.Plan.Input);
        Assert.Equal(["good", "worn"], card.Labels);
        Assert.Null(Preparation.Of(ModelCard.Empty));
        Assert.Contains("card: columns: ", Refusal(card.Provenance.Remove("columns")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prepared", "trees")]
    [InlineData("window-rows", "0")]
    [InlineData("window-rows", "99999999")]
    [InlineData("hop-rows", "0")]
    [InlineData("filled-rows", "-1")]
    [InlineData("rows-per-second", "0")]
    [InlineData("rows-per-second", "-1")]
    [InlineData("rows-per-second", "NaN")]
    [InlineData("calendar", "month 1")]
    [InlineData("bound-groups", "99999999")]
    [InlineData("bound-groups", "21")]
    [InlineData("bound-groups", "14")]
    [InlineData("bound-scores", "")]
    [InlineData("bound-scores", "-0.1 0.2")]
    [InlineData("bound-scores", "0 NaN")]
    [InlineData("bound-scores", "0 Infinity")]
    [InlineData("bound-scores", "0.2 0.1")]
    [InlineData("target-ahead-seconds", "0")]
    [InlineData("target-ahead-seconds", "soon")]
    public void A_card_that_was_edited_is_refused_by_the_name_of_the_key(string key, string value)
    {
        var card = LearnedDevices.On(TargetCard.On(Own.On(ModelCard.Empty), "life", Unit.One, TimeSpan.FromSeconds(1)), "device",
            [.. Enumerable.Range(0, 20).Select(static d => $"{d}")]);
        card = ConformalCard.On(card, new([.. Enumerable.Range(0, 201).Select(static q => q / 200f)], 20));
        CardKeys.Require(card);
        if (key == "bound-scores" && value.Split(' ') is [var first, var other])
        {
            value = string.Join(' ', Enumerable.Repeat(first, 200).Append(other));
        }

        Assert.Contains($"card: {key}: expected ", Refusal(card.Provenance.SetItem(key, value)), StringComparison.Ordinal);
    }

    private static string Refusal(ImmutableSortedDictionary<string, string> provenance) =>
        Assert.Throws<ModelFormatException>(() => CardKeys.Require(new() { Provenance = provenance })).Message;

    [Fact]
    public void A_card_has_the_convolutions_of_its_windows()
    {
        float[] sample = [.. Enumerable.Range(0, 3 * 2 * 12).Select(static i => MathF.Sin(i * i))];
        var kernels = RocketKernels.Fit(sample, channels: 2, rows: 12, seed: 3, features: 168);
        var own = Own with { WindowRows = 12, Kind = ModelKind.Rocket, Rocket = kernels };
        var network = WindowModel.Create(own, classes: 2, seed: 1);

        var card = ModelFile.Load(ModelFile.Save(network, network.Initial, own.On(ModelCard.Empty))).Card;

        Assert.Equal(own, Preparation.Of(card));
        Assert.NotEqual(own, own with { Rocket = null });
        Assert.Equal(new Shape(168), network.Plan.Input);
        Assert.Contains("card: rocket: ", Refusal(card.Provenance.Remove("rocket")), StringComparison.Ordinal);
        Assert.Contains("card: rocket: ", Refusal(card.Provenance.SetItem("window-rows", "13")), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => (own with { Rocket = null }).Input);
    }

    [Fact]
    public void Missing_rows_are_filled_in_between_and_more_than_that_is_a_gap()
    {
        List<(long Time, float Value, int Label, bool IsFirst)> taken = [];
        var filling = new RowFilling(1, 100, 2, gap: null,
            (time, values, label, isFirst) => taken.Add((time / Step, values[0], label, isFirst)));
        float[] values = [1, float.NaN, 1e20f, 4, float.NaN, float.NaN, float.NaN, 8];

        for (var i = 0; i < values.Length; i++) { filling.Add(i * Step, [values[i]], i < 4 ? 1 : 0); }
        filling.Add(7 * Step, [9], 0);           // a time again
        filling.Add(11 * Step, [12], 0);         // a gap of four rows
        filling.Add(2 * Step, [99], 0);          // a wrong stamp: the rows around follow each other
        filling.Add(12 * Step, [13], 0);
        filling.Add(3 * Step, [14], 0);          // a time that falls
        filling.Break();

        Assert.Equal([(0, 1f, 1, true), (1, 2f, 1, false), (2, 3f, 1, false), (3, 4f, 1, false), (7, 8f, 0, true), (11, 12f, 0, true),
            (12, 13f, 0, false), (3, 14f, 0, true)], taken);
        Assert.Equal((2, 3, 1, 1, 1), (filling.Filled, filling.LeftOut, filling.Again, filling.Fell, filling.Stray));
    }

    /// <summary>Two parts, of which the rows cover the same time at each rate.</summary>
    [Theory]
    [InlineData(50, 25)]
    [InlineData(200, 50)]
    [InlineData(100, 40)]
    [InlineData(20, 25)]
    [InlineData(16, 50)]
    public void Each_step_that_the_rows_cover_has_a_mean(int own, int common)
    {
        List<(long Time, float Value, bool IsFirst)> taken = [];
        var paced = new PacedRows(1, common, 2, gap: null, (time, values, _, isFirst) => taken.Add((time, values[0], isFirst)));
        for (var row = 0; row < 4 * own; row++)
        {
            var jitter = row % 5 == 4 ? 1_000_000 : 0;
            paced.Add((row * 1_000_000_000L / own) + jitter + (row < 2 * own ? 0 : 60_000_000_000), [row / own], label: 0);
        }

        paced.Break();

        Assert.Equal(4 * common, taken.Count);
        Assert.Equal([0, 2 * common], taken.Index().Where(static t => t.Item.IsFirst).Select(static t => t.Index));
        Assert.Equal((1f, 3f), (taken[(2 * common) - 1].Value, taken[^1].Value));
        Assert.All(taken.Zip(taken.Skip(1)), static pair => Assert.True(pair.First.Time < pair.Second.Time));
    }

    [Fact]
    public void Without_filling_rows_that_lack_a_value_are_left_out_and_are_no_gap_by_themselves()
    {
        List<bool> firsts = [];
        var filling = new RowFilling(1, 100, 0, gap: null, (_, _, _, isFirst) => firsts.Add(isFirst));

        foreach (var time in new[] { 0, 2, 6 }) { filling.Add(time * Step, [1], -1); }
        for (var time = 7; time < 10; time++) { filling.Add(time * Step, [float.NaN], -1); }
        filling.Add(10 * Step, [1], -1);        // four rows after the last whole one: a gap, as if those between were not there
        filling.Break();

        Assert.Equal([true, false, true, true], firsts);
    }

    [Fact]
    public void Rows_by_themselves_are_taken_whatever_their_time_unless_they_lack_a_value()
    {
        List<(long Time, float Value)> taken = [];
        var filling = new RowFilling(1, 100, 5, gap: null, (time, values, _, _) => taken.Add((time, values[0]))) { EachRow = true };

        foreach (var (time, value) in new[] { (7, 1f), (7, 2f), (900, float.NaN), (3, 4f), (3, 1e20f), (5000, 5f) })
        {
            filling.Add(time, [value], label: 0);
        }

        filling.Break();

        Assert.Equal([(7, 1f), (7, 2f), (3, 4f), (5000, 5f)], taken);
        Assert.Equal((0, 2, 0, 0, 0), (filling.Filled, filling.LeftOut, filling.Again, filling.Fell, filling.Stray));
    }

    /// <summary>Rows at their rate, then a third as many, then at their rate again.</summary>
    [Fact]
    public void No_window_spans_another_time_or_a_gap()
    {
        List<(long First, long Last)> windows = [];
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("device", p =>
        {
            var rows = p.From("rows", "", static (string _, OperatorContext context) => new Slowing(context), Slowing.Columns, 1);
            (Own with { FilledRows = 0 }).Windows(Own.Rows(rows), CheckQualityOptions.SegmentColumn).ForEach("see", w =>
            {
                var times = w[Schema.TimeColumn].Values<long>();
                windows.Add((times[0] / Step, times[^1] / Step));
            });
        }));

        world.RunToEnd();

        Assert.All(windows, static w => Assert.InRange(w.Last - w.First, 6, 8));
        Assert.Equal((23, 3), (windows.Count, device.Metrics["in time"].Drops["window-time"]));       // dropped: about the change of rate
    }

    /// <summary>24 rows, 24 at a third of the rate, 24 rows.</summary>
    private sealed class Slowing(OperatorContext context) : Source<Batch>
    {
        internal static readonly Schema Columns = new(Field.Time(), Field.Channel("x", new("m/s2")), Field.Channel("y", Unit.One));
        private int _row;
        private long _time;

        public override DateTimeOffset? NextAt => _row == 72 ? null : context.Now;

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Columns, 1);
            batch.Columns[0].Writable<long>()[0] = _time;
            batch.Columns[1].Writable<float>()[0] = _row;
            batch.Columns[2].Writable<float>()[0] = 1;
            _time += ++_row is > 24 and <= 48 ? 3 * Step : Step;
            return batch;
        }
    }
}
