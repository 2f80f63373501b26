using System.Collections.Concurrent;

namespace Papers;

internal sealed record TauComparison(TauFleetSettings Settings, TauResult Adaptive, ImmutableSortedDictionary<int, TauResult> Fixed)
{
    internal int BestSteps => Fixed.MinBy(static f => f.Value.Loss).Key;
    internal int WorstSteps => Fixed.MaxBy(static f => f.Value.Loss).Key;
    internal double BestLoss => Fixed[BestSteps].Loss;
    internal double BestAccuracy => Fixed.Values.Max(static f => f.Accuracy);
    internal double Excess => (Adaptive.Loss / BestLoss) - 1;
    internal string Name => $"{(int)Settings.Case} {Settings.Case}";
}

internal static class TauSweep
{
    /// <summary>The fixed numbers of steps in the source's comparison.</summary>
    internal static ImmutableArray<int> FixedSteps { get; } = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100];

    internal static ImmutableArray<TauComparison> Run(IReadOnlyList<TauFleetSettings> settings, int seeds,
        ImmutableArray<int> fixedSteps = default, CancellationToken cancellationToken = default)
    {
        var compared = fixedSteps.IsDefaultOrEmpty ? FixedSteps : fixedSteps;
        const int Adaptive = 0;
        (int Settings, int Steps, int Seed)[] runs =
        [
            .. from seed in Enumerable.Range(0, seeds)
               from s in Enumerable.Range(0, settings.Count)
               from steps in compared.Prepend(Adaptive)
               select (s, steps, seed),
        ];
        var results = new ConcurrentDictionary<(int Settings, int Steps, int Seed), TauResult>();
        Parallel.ForEach(
            Partitioner.Create(runs, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            run =>
            {
                var of = settings[run.Settings];
                int? steps = run.Steps == Adaptive ? null : run.Steps;
                using var fleet = new TauFleet(of with { Seed = run.Seed, Settings = of.Settings with { FixedSteps = steps } });
                results[run] = fleet.Run(cancellationToken);
            });
        return [.. settings.Select((of, s) => new TauComparison(
            of, Mean(s, Adaptive), compared.ToImmutableSortedDictionary(static f => f, f => Mean(s, f))))];

        TauResult Mean(int s, int steps) => TauResult.Mean([.. Enumerable.Range(0, seeds).Select(seed => results[(s, steps, seed)])]);
    }
}

/// <summary>A comparison: four cases under the same conditions. Specified: loss of adaptive tau, loss of the best fixed number and mean tau
/// of each case with the support vector machine, from the specification's calibration.</summary>
internal sealed record TauExperiment(string Name, string Title, Func<TauModel, DataCase, TauFleetSettings> Of,
    params ImmutableArray<(double Adaptive, double Best, double Steps)> Specified)
{
    private const double None = double.NaN;

    private static readonly ImmutableArray<(double, double, double)> SpecifiedBase =
        [(0.1405, 0.1402, 32), (0.1499, 0.1487, 6.5), (0.1404, 0.1404, 70), (0.1567, 0.1548, 4.2)];

    internal static ImmutableArray<TauExperiment> All { get; } =
    [
        new("base", "the budget of the model, steps on few rows", Base, SpecifiedBase),
        new("published", "the same with the rule of the source and its phi", Published, SpecifiedBase),
        new("delay", "the same with aggregations that take four times as long", static (m, c) => Delayed(Base(m, c)),
            (None, None, 37), (None, None, 10.9), (None, None, 63), (None, None, 5.9)),
        new("published-delay", "the rule of the source where aggregations take four times as long",
            static (m, c) => Delayed(Published(m, c))),
        new("short", "a third of the budget", static (m, c) => Base(m, c) with { Budget = m.Budget / 3 }),
        new("deterministic", "the budget of the model, 1,000 rows, steps on all rows of a node",
            static (m, c) => Base(m, c) with { Digits = 1_000, BatchRows = null, Timing = TimingModel.Deterministic(c) },
            (0.1299, 0.1296, None), (0.1413, 0.1398, None), (0.1293, 0.1292, None), (0.1486, 0.1467, None)),
    ];

    internal ImmutableArray<TauComparison> Run(TauModel model, int seeds, CancellationToken cancellationToken = default) =>
        TauSweep.Run([.. Enum.GetValues<DataCase>().Select(c => Of(model, c))], seeds, cancellationToken: cancellationToken);

    internal IEnumerable<string> Lines(ImmutableArray<TauComparison> cases)
    {
        var (model, most) = (cases[0].Settings.Model, cases.MaxBy(static c => c.Excess)!);
        return
        [
            $"{model}: {Title}",
            .. Table.Lines(
                [
                    "<case", "loss", "accuracy", "tau", "used s", "best tau", "loss", "accuracy", "worst tau", "loss", "excess",
                    "specified: loss", "best", "tau",
                ],
                cases.Select((c, i) => Cells(c, model == TauModel.Svm && Specified.Length > i ? Specified[i] : (None, None, None)))),
            .. Table.Lines(["<loss by case and fixed number of steps", .. cases[0].Fixed.Keys.Select(static k => $"{k}")],
                cases.Select(static c => (string[])[c.Name, .. c.Fixed.Values.Select(static r => Table.Text(r.Loss, "F4"))])),
            Invariant($"largest excess over the best fixed number: {100 * most.Excess:F1} % (case {(int)most.Settings.Case})"),
            "rounds under 1 s with adaptive tau: "
                + string.Join(", ", cases.Select(static c => $"{c.Name} {Table.Text(100 * c.Adaptive.ShareUnderSecond ?? None, "F1")} %")),
        ];
    }

    private static string[] Cells(TauComparison c, (double Adaptive, double Best, double Steps) specified) =>
    [
        c.Name, Table.Text(c.Adaptive.Loss, "F4"), Table.Text(c.Adaptive.Accuracy, "F4"), Table.Text(c.Adaptive.Steps, "F1"),
        Table.Text(c.Adaptive.UsedSeconds, "F2"), $"{c.BestSteps}", Table.Text(c.BestLoss, "F4"), Table.Text(c.BestAccuracy, "F4"),
        $"{c.WorstSteps}", Table.Text(c.Fixed[c.WorstSteps].Loss, "F4"), Table.Text(100 * c.Excess, "0.0") + "%",
        Table.Text(specified.Adaptive, "F4"), Table.Text(specified.Best, "F4"), Table.Text(specified.Steps, "F1"),
    ];

    private static TauFleetSettings Base(TauModel model, DataCase dataCase) => model.Fleet with { Case = dataCase };

    private static TauFleetSettings Published(TauModel model, DataCase dataCase) =>
        Base(model, dataCase) with { Settings = model.Settings with { Phi = model.Phi } };

    private static TauFleetSettings Delayed(TauFleetSettings of) => of with { Timing = TimingModel.Stochastic.Delayed(4) };
}
