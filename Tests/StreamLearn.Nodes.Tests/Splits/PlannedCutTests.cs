namespace StreamLearn.Nodes.Tests;

public sealed class PlannedCutTests
{
    /// <summary>Of the delay of a link, forth and back.</summary>
    private const double Tick = 2e-7;

    private static readonly Network Net = new(
        new(8), 3, [new Dense(64), new Relu(), new Dense(4), new Relu(), new Dense(32)], [new(4, new Dense(3))], seed: 2);

    [Fact]
    public void The_cut_of_a_planner_is_the_fastest()
    {
        var (costs, random) = (LayerCosts.Of(Net), new RandomStream(5, "planned-cuts"));
        var rule = CutRule.By(new Neurosurgeon { CountsAll = true });
        var chosen = new HashSet<int>();
        for (var i = 0; i < 200; i++)
        {
            double[] device = [0, .. Enumerable.Range(0, costs.Count).Select(_ => random.NextDouble(0, 1e-2)).Order()];
            var view = new CutView([.. device], random.NextDouble(1e-10, 1e-7), random.NextDouble(1e-7, 1e-5), random.NextDouble(0, 0.02),
                BytesPerValue: 4, Rows: 4, Cut: 1);
            var cut = rule.Choose(costs, view, 1, costs.Count).Cut;
            chosen.Add(cut);
            var answer = view.Rows * 4 * costs.ValuesAt(costs.Count) * view.SecondsPerByte;       // on its way back: the planner counts it
            Assert.InRange(view.SecondsAt(costs, cut), 0, answer + Enumerable.Range(1, costs.Count).Min(c => view.SecondsAt(costs, c)));
        }

        Assert.True(chosen.Count >= 3, string.Join(", ", chosen));
    }

    /// <summary>Without noise, a planner moves only for a twentieth.</summary>
    [Fact]
    public void A_steady_planner_keeps_a_cut_that_is_about_as_good()
    {
        var costs = LayerCosts.Of(Net);
        var rule = CutRule.By(new Steady(new ComputationExit()), new() { Alpha = 0.5 }, new() { ComputingWatts = 2, SendingWatts = 1 });
        var view = new CutView([0, 1e-3, 2e-3, 3e-3, 4e-3, 5e-3], 1e-9, 1e-6, 1e-3, BytesPerValue: 4, Rows: 1, Cut: 1);
        var (cuts, worth) = (Enumerable.Range(1, costs.Count).ToArray(), new Dictionary<int, double>());
        foreach (var cut in cuts)
        {
            var choice = rule.Choose(costs, view with { Cut = cut }, cut, cut);
            worth[cut] = (choice.Seconds / choice.HereSeconds) + (choice.Joules / choice.HereJoules);
        }

        var best = cuts.MinBy(cut => worth[cut]);
        foreach (var cut in cuts)
        {
            var expected = worth[cut] - worth[best] > 0.05 * worth[cut] ? best : cut;
            Assert.Equal(expected, rule.Choose(costs, view with { Cut = cut }, 1, costs.Count).Cut);
        }
    }

    /// <summary>Computed again, in a loop over all cuts and choices.</summary>
    [Fact]
    public void Cut_and_thresholds_are_chosen_together()
    {
        var exits = new Network(new(8), 3, [new Dense(64), new Relu(), new Dense(4), new Relu(), new Dense(32)],
            [new(1, new Dense(3)), new(4, new Dense(3))], seed: 2);
        var (costs, random, chosen) = (LayerCosts.Of(exits), new RandomStream(5, "exit-cuts"), new HashSet<(int, int)>());
        ExitCurve curve = new()
        {
            Measure = ExitMeasure.Entropy,
            FullAccuracy = 0.9,
            Points = [new([1f], 0.84, 0.3, [0.9, 0.1]), new([0.5f], 0.895, 0.6, [0.5, 0.5]), new([0.1f], 0.9, 0.9, [0.1, 0.9])],
        };
        var rule = CutRule.Exits(exits, curve, loss: 0.01);
        for (var i = 0; i < 200; i++)
        {
            double[] device = [0, .. Enumerable.Range(0, costs.Count).Select(_ => random.NextDouble(0, 1e-2)).Order()];
            var view = new CutView([.. device], random.NextDouble(1e-10, 1e-7), random.NextDouble(1e-7, 1e-5), random.NextDouble(0, 0.02),
                BytesPerValue: 4, Rows: 1, Cut: 0);
            var choice = rule.Choose(costs, view, 1, costs.Count);
            chosen.Add((choice.Cut, choice.Point));
            var all = from cut in Enumerable.Range(1, costs.Count) from point in new[] { 1, 2 } select Seconds(view, cut, point);
            Assert.InRange(choice.Seconds, all.Min() - Tick, all.Min() + Tick);
            Assert.Equal(Seconds(view, choice.Cut, choice.Point), choice.Seconds, Tick);
        }

        Assert.True(chosen.Count >= 3, string.Join(", ", chosen));

        double Seconds(CutView view, int cut, int point)
        {
            var sum = 0.0;
            foreach (var (exit, after) in new[] { 1, 4 }.Index())
            {
                // an exit after layer k needs k + 1 layers
                var ends = Math.Min(cut, after + 1);
                var seconds = view.DeviceSeconds[ends];
                if (after + 1 > cut)
                {
                    seconds += (4 * (costs.ValuesAt(cut) + costs.ValuesAt(costs.Count)) * view.SecondsPerByte) + view.RoundTripSeconds
                        + (view.EdgeSecondsPerMultiplyAdd * costs.MultiplyAddsOf(cut, after + 1));
                }

                sum += curve.Points[point].Shares[exit] * seconds;
            }

            return sum;
        }
    }
}
