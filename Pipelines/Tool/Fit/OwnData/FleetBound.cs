using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Cross-validates a fleet's bound: holds out each fifth of the devices in turn, retrains on the others and scores on the
/// fifth.</summary>
internal static class FleetBound
{
    internal const int Folds = 5;

    internal static ImmutableArray<string> Learning(ImmutableArray<string> devices, int fold) =>
        [.. devices.Where((_, device) => !Judges(device, fold))];

    internal static bool Judges(int device, int fold) => device % Folds == fold;

    /// <summary>Returns that the model was saved without the bound that was asked for; null: it has it, or none was asked for.</summary>
    internal static string? Missing(JobOptions options, bool isMade, int judges) => options.Bound is not { } coverage || isMade ? null
        : "--bound: the model is saved without a bound: expected at least "
            + FormattableString.Invariant($"{ConformalScores.GroupsFor(coverage)} devices to measure it, got {judges}");

    /// <summary>Says last that the bound is missing, and returns the exit code.</summary>
    internal static int End(JobOptions options, string? missing, int exitCode)
    {
        if (missing is not null) { Console.Error.WriteLine($"{options.Program}: {missing}"); }
        return missing is null ? exitCode : ExitCode.Failed;
    }

    /// <summary>Finds the bound in virtual time. <paramref name="training"/>: windows of the fleet's devices.</summary>
    internal static async Task<(ConformalScores? Scores, int Judges)> FindAsync(JobOptions options, FleetRun main, FitWindows training,
        Action<RunningFleet> look, CancellationToken cancellationToken)
    {
        var judges = training.Owners.Distinct().Count();
        if (judges < ConformalScores.GroupsFor(options.Bound!.Value)) { return (null, judges); }
        List<FleetRun> runs = [.. Enumerable.Range(0, Folds).Select(fold => main with
        {
            Source = main.Source with { Devices = Learning(main.Source.Devices, fold) },
        })];
        var finished = await SimulatedRuns.RunAsync(options, runs, look, cancellationToken).ConfigureAwait(false);
        var held = FitAnswers.Over([.. finished.Select((run, fold) =>
            FitAnswers.Of(main.Network, run.Chosen, training.Where(r => Judges(training.Owners[r], fold))))]);
        return (held.Scores(options.Bound.Value), judges);
    }
}
