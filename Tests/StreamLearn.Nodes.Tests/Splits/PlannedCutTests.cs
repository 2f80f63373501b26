namespace StreamLearn.Nodes.Tests;

public sealed class PlannedCutTests
{
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
            var cut = rule.Choose(costs, view, 1, costs.Count);
            chosen.Add(cut);
            var answer = view.Rows * 4 * costs.ValuesAt(costs.Count) * view.SecondsPerByte;       // on its way back: the planner counts it
            Assert.InRange(view.SecondsAt(costs, cut), 0, answer + Enumerable.Range(1, costs.Count).Min(c => view.SecondsAt(costs, c)));
        }

        Assert.True(chosen.Count >= 3, string.Join(", ", chosen));
    }
}
