using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Chooses a fleet's model: candidates train as long as the fleet will; held-out devices judge.</summary>
internal static class ModelSearch
{
    private const int MinJudges = 4;

    /// <summary>Returns the model for <c>auto</c>, after trials in the first run's mode. <paramref name="spread"/>: of values the mean
    /// predictor's error; null: classes.</summary>
    internal static FleetModel Of(JobOptions options, FleetSource source, Scenario scenario, Action<string> say,
        CancellationToken cancellationToken, double? spread = null)
    {
        if (options.Model != ModelKind.Auto) { return FleetModel.Of(options.Model, source, options.Seed); }
        ModelKind[] kinds = [.. FitModel.CandidatesOf(source.WindowSamples).Where(kind => spread is null || kind != ModelKind.Conv)];
        var candidates = Trials(options, source, scenario, kinds, say, cancellationToken).Zip(kinds, (trials, kind) => Candidate.Over(
            [.. trials.Select(held => held.CandidateOf(Preparation.Word(kind), spread ?? 1))])).ToArray();
        var chosen = Candidate.Choose(candidates);
        var model = FleetModel.Of(kinds[Array.IndexOf(candidates, chosen)], source, options.Seed);
        var where = FormattableString.Invariant($"after {SimulatedRuns.LengthOf(options, scenario).TotalSeconds:0} s on ")
            + FormattableString.Invariant($"{chosen.Accuracies.Length} devices left out");
        return model with
        {
            Source = model.Source with { Choice = Candidate.Text(candidates, chosen, spread, source.Unseen.Length, where) },
            Promised = spread is null ? DeviceBounds.Of(chosen, source.Unseen.Length, candidates.Length) : null,
        };
    }

    /// <summary>Parallel, in the first run's mode, without the held-out devices.</summary>
    private static FitAnswers[][] Trials(JobOptions options, FleetSource source, Scenario scenario, ModelKind[] kinds, Action<string> say,
        CancellationToken cancellationToken)
    {
        var time = SimulatedRuns.LengthOf(options, scenario);
        var mode = TrainingMode.Of(options, scenario, source.ReplaySpeed, source.HasOneClassEach)[0];
        var folds = FitSplit.Folds(source.Devices.Length, MinJudges);
        FleetModel[] models = [.. kinds.SelectMany(kind => folds.Select(fold =>
        {
            string[] held = [.. source.Devices.Where((_, d) => fold.Contains(d))];
            return FleetModel.Of(kind, source with { Devices = source.Devices.RemoveRange(held), Unseen = [.. held] }, options.Seed);
        }))];
        var trials = new FitAnswers[models.Length];
        var line = new FitLine(TimeProvider.System, say);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, trials.Length, parallel, i =>
        {
            var model = models[i];
            var name = FormattableString.Invariant($"{model.Name}, fleet {1 + (i % folds.Count)} of {folds.Count}");
            var run = Pipelines.Run(model.Source, model.Network, scenario, mode, options.Seed, options.Continuous, fullSpeed: false);
            var fleet = SimulatedFleet.Run(run, time, f => line.Report(name, f.Elapsed(), time), cancellationToken);
            var windows = FitWindows.Collect(model.Source.ToRows(), model.Source.Unseen, options.Seed);
            var weights = fleet.CutOff!.Rounds is [.., var last] ? last.Averaged : model.Network.Initial;
            trials[i] = FitAnswers.Of(model.Network, weights, windows);
        });
        return [.. trials.Chunk(folds.Count)];
    }
}
