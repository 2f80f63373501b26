using System.Collections.Immutable;

namespace TauDemo;

/// <summary>One of the comparisons of the table: four cases in the same circumstances. <paramref name="Of"/>: the fleet of a model and a
/// case. <paramref name="Calibrated"/>: loss of adaptive tau, loss of the best fixed number and mean tau of each case with the support
/// vector machine, as the specification's own calibration has them; NaN where it says nothing.</summary>
internal sealed record TauExperiment(
    string Name, string Title, Func<TauModel, DataCase, TauFleetSettings> Of,
    ImmutableArray<(double Adaptive, double Best, double Steps)> Calibrated)
{
    private const int FewRows = 1000;

    private static readonly ImmutableArray<(double Adaptive, double Best, double Steps)> CalibratedBase =
        [(0.1405, 0.1402, 32), (0.1499, 0.1487, 6.5), (0.1404, 0.1404, 70), (0.1567, 0.1548, 4.2)];

    /// <summary>All of them.</summary>
    public static ImmutableArray<TauExperiment> All { get; } =
    [
        new("base", "the budget of the model, steps on few rows", Base, CalibratedBase),
        new("published", "the same with the rule of the source and its phi", Published, CalibratedBase),
        new("delay", "the same with aggregations that take four times as long",
            static (m, c) => Base(m, c) with { Timing = TimingModel.Stochastic.Delayed(4) },
            [(double.NaN, double.NaN, 37), (double.NaN, double.NaN, 10.9), (double.NaN, double.NaN, 63), (double.NaN, double.NaN, 5.9)]),
        new("published-delay", "the rule of the source where aggregations take four times as long",
            static (m, c) => Published(m, c) with { Timing = TimingModel.Stochastic.Delayed(4) }, []),
        new("short", "a third of the budget", static (m, c) => Base(m, c) with { Budget = m.Budget / 3 }, []),
        new("deterministic", "the budget of the model, 1,000 rows, steps on all of a node's",
            static (m, c) => Base(m, c) with { Digits = FewRows, BatchRows = null, Timing = TimingModel.Deterministic(c) },
            [(0.1299, 0.1296, double.NaN), (0.1413, 0.1398, double.NaN), (0.1293, 0.1292, double.NaN), (0.1486, 0.1467, double.NaN)]),
    ];

    /// <summary>Runs its fleets.</summary>
    public ImmutableArray<TauComparison> Run(
        int seeds, Action? onRun = null, TauModel? model = null, CancellationToken cancellationToken = default) => TauSweep.Run(
            [.. Enum.GetValues<DataCase>().Select(c => Of(model ?? TauModel.Svm, c))], seeds, onRun, cancellationToken: cancellationToken);

    private static TauFleetSettings Published(TauModel model, DataCase dataCase) =>
        Base(model, dataCase) with { Settings = model.Settings with { Phi = model.Phi } };

    private static TauFleetSettings Base(TauModel model, DataCase dataCase) => model.Fleet with { Case = dataCase };
}
