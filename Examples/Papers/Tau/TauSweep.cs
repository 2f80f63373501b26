using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace TauDemo;

/// <summary>Fleets that differ in how their steps are chosen, and in nothing else: adaptive tau beside fixed numbers.</summary>
internal static class TauSweep
{
    /// <summary>The numbers of steps that the source compares with.</summary>
    public static ImmutableArray<int> FixedSteps { get; } = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100];

    /// <summary>Runs them, on all cores.</summary>
    public static ImmutableArray<TauComparison> Run(
        IReadOnlyList<TauFleetSettings> settings, int seeds, Action? onRun = null, ImmutableArray<int> fixedSteps = default,
        CancellationToken cancellationToken = default)
    {
        var compared = fixedSteps.IsDefaultOrEmpty ? FixedSteps : fixedSteps;
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        List<(int Settings, int? Steps, int Seed)> runs =
        [
            .. from s in Enumerable.Range(0, settings.Count)
               from steps in compared.Select(static f => (int?)f).Prepend(null)
               from seed in Enumerable.Range(0, seeds)
               orderby seed, s
               select (s, steps, seed),
        ];
        ConcurrentDictionary<(int Settings, int Steps, int Seed), TauResult> results = new();
        Parallel.ForEach(
            Partitioner.Create(runs, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            run =>
            {
                var of = settings[run.Settings];
                using var fleet = new TauFleet(of with { Seed = run.Seed, Settings = of.Settings with { FixedSteps = run.Steps } });
                results[(run.Settings, run.Steps ?? 0, run.Seed)] = fleet.Run(cancellationToken);
                onRun?.Invoke();
            });
        TauResult Of(int s, int steps) => TauResult.Mean([.. Enumerable.Range(0, seeds).Select(seed => results[(s, steps, seed)])]);
        return
        [
            .. settings.Select((of, s) => new TauComparison(
                of, Of(s, 0), compared.ToImmutableSortedDictionary(static f => f, f => Of(s, f)))),
        ];
    }
}

/// <summary>Adaptive tau beside fixed numbers of steps. <paramref name="Adaptive"/>: what came of steps that were chosen.</summary>
internal sealed record TauComparison(TauFleetSettings Settings, TauResult Adaptive, ImmutableSortedDictionary<int, TauResult> Fixed)
{
    /// <summary>The fixed number with the least loss.</summary>
    public int BestSteps => Fixed.MinBy(static f => f.Value.Loss).Key;

    /// <summary>The fixed number with the largest loss.</summary>
    public int WorstSteps => Fixed.MaxBy(static f => f.Value.Loss).Key;

    /// <summary>The least loss of a fixed number.</summary>
    public double BestLoss => Fixed[BestSteps].Loss;

    /// <summary>The highest accuracy of a fixed number.</summary>
    public double BestAccuracy => Fixed.Values.Max(static f => f.Accuracy);

    /// <summary>By what share the adaptive loss is above the least one.</summary>
    public double Excess => (Adaptive.Loss / BestLoss) - 1;
}
