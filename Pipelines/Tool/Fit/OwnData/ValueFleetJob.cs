using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

internal static class ValueFleetJob
{
    internal static async Task<int> RunAsync(
        JobOptions options, FleetSource source, Scenario scenario, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        if (source.Devices.Length < 2 || source.Unseen.IsEmpty)
        {
            throw new ProgramException("--mode: expected at least two devices to learn a value, and others to evaluate: "
                + $"got {source.Devices.Length} and {source.Unseen.Length}; without --mode, one machine learns", ExitCode.DataRefused);
        }

        var modes = TrainingMode.Of(options, scenario, source.ReplaySpeed);
        AloneJob.Begin(
            options, source, $"{source.Devices.Length} devices   simulation   {string.Join(" + ", modes.Select(static m => m.Name))}");
        var samples = ValueJob.Split(source, options);
        source = source with { Objective = ValueJob.ObjectiveOf(samples.Learning, options) };
        var model = Choose(options, source, scenario, samples.Learning, cancellationToken);
        if (model.Source.Choice is { } choice) { Say($"  model    {choice}"); }
        var runs = modes.ConvertAll(m =>
            Pipelines.Run(model.Source, model.Network, scenario, m, options.Seed, options.Continuous, fullSpeed: false));
        var line = LineOf(options, scenario, model.Name);
        var finished = await SimulatedRuns.RunAsync(options, runs, line, cancellationToken).ConfigureAwait(false);
        var judging = LabelledWindows.Collect(model.Source, model.Source.Unseen, options.Seed);
        var judged = finished.ConvertAll(f => ValueTrial.Of(model, f.Last, judging));
        var (scores, judges) = options.Bound is null ? (null, 0)
            : await BoundAsync(options, runs[0], model, cancellationToken).ConfigureAwait(false);
        var result = ValueJob.ResultOf(options, model, judged[0], samples.Judging, scores) with
        {
            Host = options.HostName,
            Choice = model.Source.Choice,
            NothingToLearn = ValueJob.KnowsNothing([judged[0]], source.Objective.Mean, tried: 1),
            LearnedRows = samples.Learning.Labels.Length,
            Runs = [.. finished.Zip(judged, static (run, trial) => RunOf(run, trial))],
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3),
        };
        ValueText.Write(result, judges, Say);
        AloneJob.Keep(options, model, finished[0].Last, scores, result.ToJson());
        return ExitCode.Done;
    }

    private static ValueRun RunOf(FinishedRun run, ValueTrial trial)
    {
        var cut = run.Fleet.CutOff!;
        return new(run.Fleet.Mode.Name, trial.Error, run.Last.Version, cut.At.TotalSeconds, cut.Rows.Trained,
            cut.Devices.Sum(static d => d.BytesUp), run.Last.Sha256());
    }

    /// <summary>Chooses the model for <c>auto</c>, after trials in the first run's mode.</summary>
    private static FleetModel Choose(
        JobOptions options, FleetSource source, Scenario scenario, LabelledWindows learning, CancellationToken cancellationToken)
    {
        if (options.Model != ModelKind.Auto) { return FleetModel.Of(options.Model, source, options.Seed); }
        ModelKind[] kinds = [.. FleetModel.CandidatesOf(source).Where(static kind => kind != ModelKind.Conv)];
        var trials = ModelSearch.Trials(options, source, scenario, kinds, Say, ValueTrial.Of, cancellationToken);
        var spread = learning.ErrorOfMean(source.Objective!.Mean);
        var candidates = trials.Zip(kinds, (t, kind) => ValueTrial.CandidateOf(Preparation.Word(kind), t, spread)).ToArray();
        var at = Array.IndexOf(candidates, ModelSearch.Choose(candidates));
        var model = FleetModel.Of(kinds[at], source, options.Seed);
        var text = ValueText.Choice(
            candidates, at, spread, source.Unseen.Length, ModelSearch.WhereOf(options, scenario, candidates[at]));
        return model with { Source = model.Source with { Choice = text } };
    }

    /// <summary>Retrains without each fifth of the devices.</summary>
    private static async Task<(ConformalScores? Scores, int Judges)> BoundAsync(
        JobOptions options, FleetRun main, FleetModel model, CancellationToken cancellationToken)
    {
        var training = LabelledWindows.Collect(main.Source, main.Source.Devices, options.Seed);
        var judges = training.Owners.Distinct().Count();
        if (judges < ConformalScores.MinGroups) { return (null, judges); }
        var finished = await SimulatedRuns.RunAsync(
            options, FleetBound.Runs(main), LineOf(options, main.Scenario, model.Name), cancellationToken).ConfigureAwait(false);
        return (ValueTrial.Scores([.. finished.Select((run, fold) =>
            ValueTrial.Of(model, run.Last, training.Where(r => FleetBound.Judges(training.Owners[r], fold))))]), judges);
    }

    private static Action<RunningFleet> LineOf(JobOptions options, Scenario scenario, string name)
    {
        var (line, time) = (new FitLine(TimeProvider.System, Say), SimulatedRuns.LengthOf(options, scenario));
        return fleet => line.Report($"{name}, {fleet.Mode.Name}", fleet.Elapsed(), time);
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}
