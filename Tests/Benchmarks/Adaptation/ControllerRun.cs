using StreamLearn.Fleets;

namespace Benchmarks;

/// <summary>What it takes to plan a round, beside thirty local steps of one: svm-smooth, 784 features, 100 rows.</summary>
internal static class ControllerRun
{
    private const int Plans = 2000;
    private const int Rounds = 50;
    private const int Steps = 30;
    private const int BatchRows = 100;

    internal static Sample Plan()
    {
        TauRound round = new([Steps * 0.013], [(Steps * 0.013) + 0.1316], new(1, 1, 1));
        return PerRound(Plans, () =>
        {
            var plan = new TauPlan([Resource.Time(TimeSpan.FromHours(1))]);
            for (var i = 0; i < Plans; i++) { plan = plan.After(round); }
        });
    }

    internal static Sample Round()
    {
        var model = ReferenceModels.SvmSmooth(GlyphDigits.Pixels);
        var random = new RandomStream(1, "rows");
        var (rows, labels) = (new float[BatchRows * GlyphDigits.Pixels], new int[BatchRows]);
        for (var i = 0; i < rows.Length; i++) { rows[i] = (float)random.NextDouble(); }
        for (var i = 0; i < labels.Length; i++) { labels[i] = i % 2; }
        var (weights, gradients, memory) = (new float[model.Plan.Values], new float[model.Plan.Values], new Workspace());
        Optimizer optimizer = new Sgd(0.01f, Momentum: 0, ClipNorm: float.PositiveInfinity);
        return PerRound(Rounds, () =>
        {
            for (var step = 1; step <= Rounds * Steps; step++)
            {
                ((IModel)model).Step(weights, new(rows, labels), optimizer, [], step, gradients, memory);
            }
        });
    }

    private static Sample PerRound(int rounds, Action work)
    {
        var seconds = Measurement.Seconds(work);
        return seconds with { Value = 1e6 * seconds.Value / rounds, CpuValue = 1e6 * seconds.CpuValue / rounds };
    }
}
