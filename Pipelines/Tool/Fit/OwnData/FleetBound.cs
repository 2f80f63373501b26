using System.Collections.Immutable;
using StreamLearn.Learning;

namespace Tool;

/// <summary>What bounds the answers of a fleet's model to other devices: the fleet learns anew without a fifth of its devices, for each
/// fifth, and a model judges on the devices that it has not learned from.</summary>
internal static class FleetBound
{
    internal const int Folds = 5;

    /// <summary>Those of a fleet's devices that learn where the others judge.</summary>
    internal static ImmutableArray<string> Learning(ImmutableArray<string> devices, int fold) =>
        [.. devices.Where((_, device) => !Judges(device, fold))];

    /// <summary>True if a device judges.</summary>
    internal static bool Judges(int device, int fold) => device % Folds == fold;

    /// <summary>The fleet without each fifth of its devices.</summary>
    internal static List<FleetRun> Runs(FleetRun main) => [.. Enumerable.Range(0, Folds).Select(fold => main with
    {
        Source = main.Source with { Devices = Learning(main.Source.Devices, fold) },
    })];

    /// <summary>Finds it, in virtual time. <paramref name="training"/>: windows of the devices of the fleet.</summary>
    internal static async Task<(ConformalScores? Scores, int Judges)> FindAsync(
        JobOptions options, FleetRun main, LabelledWindows training, CancellationToken cancellationToken)
    {
        var judges = training.Owners.Distinct().Count();
        if (judges < ConformalScores.MinGroups) { return (null, judges); }
        var finished = await AllRuns.RunAsync(options, Runs(main), static _ => { }, cancellationToken).ConfigureAwait(false);
        var held = HeldAnswers.Over([.. finished.Select((run, fold) => HeldAnswers.Of(
            main.Network, run.Last, temperature: 1, training.Where(r => Judges(training.Owners[r], fold))))]);
        return (held.Scores(), judges);
    }
}
