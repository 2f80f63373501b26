using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Chooses a fleet's model: candidates train as long as the fleet will, and are evaluated on held-out devices.</summary>
internal static class ModelSearch
{
    private const int MinJudges = 4;
    private const int Looks = 20;               // versions of a trial that are judged
    private const double Point = 0.01;          // lead over the last version from which an earlier one is preferred

    /// <summary>Returns the model for <c>auto</c>, after trials in the first run's mode. <paramref name="spread"/>: for values, the error
    /// of predicting the mean; null for classes.</summary>
    internal static FleetModel Of(JobOptions options, FleetSource source, Scenario scenario, Action<string> say,
        CancellationToken cancellationToken, double? spread = null)
    {
        if (options.Model != ModelKind.Auto) { return FleetModel.Of(options.Model, source, options.Seed); }
        ModelKind[] kinds = [.. FitModel.CandidatesOf(source.ToRows()).Where(kind => spread is null || kind != ModelKind.Conv)];
        var all = Trials(options, source, scenario, kinds, say, cancellationToken);
        var candidates = all.Zip(kinds, (trials, kind) => Over(trials, Preparation.Word(kind), Looks)).ToArray();
        var chosen = Candidate.Choose(candidates);
        var number = Array.IndexOf(candidates, chosen);
        var model = FleetModel.Of(kinds[number], source, options.Seed);
        var (time, look) = (SimulatedRuns.LengthOf(options, scenario), BestOf(ScoresOf(all[number])));
        var where = FormattableString.Invariant($"after {time.TotalSeconds:0} s on {chosen.Accuracies.Length} devices left out");
        if (look < Looks)
        {
            chosen = Over(all[number], chosen.Model, look) with { Looks = Looks };
            where += FormattableString.Invariant($", best after {(time * look / Looks).TotalSeconds:0} s");
        }

        return model with
        {
            Source = model.Source with { Choice = Candidate.Text(candidates, chosen, spread, source.Unseen.Length, where) },
            Promised = chosen.Promise(source.Unseen.Length, candidates.Length, spread),
            BestAt = time * look / Looks,
        };

        Candidate Over(FleetTrial[] trials, string name, int look) => Candidate.Over([.. trials.Select(trial =>
            FitAnswers.Of(trial.Model.Network, trial.Versions[look - 1], trial.Held).CandidateOf(name, spread ?? 1))]);

        double[] ScoresOf(FleetTrial[] trials) => [.. Enumerable.Range(1, Looks).AsParallel().AsOrdered()
            .WithCancellation(cancellationToken).Select(look => Array.Exists(trials, t => t.Versions[look - 1].Version == 0)
                ? double.NegativeInfinity : Over(trials, chosen.Model, look).Accuracy)];       // before the first version
    }

    /// <summary>Returns the number of the best version, from 1; the last unless another is more than a point better.</summary>
    internal static int BestOf(IReadOnlyList<double> accuracies)
    {
        var (best, number) = accuracies.Select(static (accuracy, i) => (accuracy, i + 1)).Max();
        return best > accuracies[^1] + Point ? number : accuracies.Count;
    }

    /// <summary>Runs the trials in parallel, in the first run's mode, without the held-out devices.</summary>
    private static FleetTrial[][] Trials(JobOptions options, FleetSource source, Scenario scenario, ModelKind[] kinds, Action<string> say,
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
        var trials = new FleetTrial[models.Length];
        var line = new FitLine(TimeProvider.System, say);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, trials.Length, parallel, i =>
        {
            var model = models[i];
            var name = FormattableString.Invariant($"{model.Name}, fleet {1 + (i % folds.Count)} of {folds.Count}");
            var run = Pipelines.Run(options, model, scenario, mode);
            var fleet = SimulatedFleet.Run(run, time, f => line.Report(name, f.Elapsed(), time), cancellationToken);
            var grid = Judging.Grid(fleet, time);
            trials[i] = new(model, [.. Enumerable.Range(1, Looks).Select(look =>
                grid.FindLast(v => v.At <= look * time / Looks).Weights ?? model.Network.Initial)],
                FitWindows.Collect(model.Source.ToRows(), model.Source.Unseen, options.Seed));
        });
        return [.. trials.Chunk(folds.Count)];
    }
}

/// <summary>A fleet that learned without some devices. <paramref name="Versions"/>: at equal intervals, the last one at its end.
/// <paramref name="Held"/>: windows of those devices.</summary>
internal sealed record FleetTrial(FleetModel Model, Weights[] Versions, FitWindows Held);
