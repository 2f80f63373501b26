using System.Collections.Immutable;

namespace TauDemo;

/// <summary>One of the comparisons of the table: four cases in the same circumstances.</summary>
/// <param name="Name">Its name at the command line.</param>
/// <param name="Title">What it is, for people.</param>
/// <param name="Of">The fleet of a case.</param>
/// <param name="Calibrated">Loss of adaptive tau, loss of the best fixed number and mean tau of each case as the specification's own
/// calibration has them; NaN where it says nothing.</param>
public sealed record TauExperiment(
    string Name, string Title, Func<DataCase, TauFleetSettings> Of, ImmutableArray<(double Adaptive, double Best, double Steps)> Calibrated)
{
    private const int FewDigits = 1000;

    /// <summary>All of them.</summary>
    public static ImmutableArray<TauExperiment> All { get; } =
    [
        new("base", "15 s, steps on 100 rows", static c => new() { Case = c },
            [(0.1405, 0.1402, 32), (0.1499, 0.1487, 6.5), (0.1404, 0.1404, 70), (0.1567, 0.1548, 4.2)]),
        new("delay", "15 s, steps on 100 rows, aggregations that take four times as long",
            static c => new() { Case = c, Timing = TimingModel.Stochastic.Delayed(4) },
            [(double.NaN, double.NaN, 37), (double.NaN, double.NaN, 10.9), (double.NaN, double.NaN, 63), (double.NaN, double.NaN, 5.9)]),
        new("short", "5 s, steps on 100 rows", static c => new() { Case = c, Budget = TimeSpan.FromSeconds(5) }, []),
        new("deterministic", "15 s, 1,000 digits, steps on all rows",
            static c => new() { Case = c, Digits = FewDigits, BatchRows = null, Timing = TimingModel.Deterministic(c) },
            [(0.1299, 0.1296, double.NaN), (0.1413, 0.1398, double.NaN), (0.1293, 0.1292, double.NaN), (0.1486, 0.1467, double.NaN)]),
    ];

    /// <summary>Runs its fleets.</summary>
    /// <param name="seeds">Seeds, at least 1.</param>
    /// <param name="onRun">Called after each run, from any thread; null: nobody asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>For each case, in order.</returns>
    public ImmutableArray<TauComparison> Run(int seeds, Action? onRun = null, CancellationToken cancellationToken = default) =>
        TauSweep.Run([.. Enum.GetValues<DataCase>().Select(Of)], seeds, onRun, cancellationToken);
}
