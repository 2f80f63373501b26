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
            options, source.ToRows(options.RowsOption),
            $"{source.Devices.Length} devices   simulation   {string.Join(" + ", modes.Select(static m => m.Name))}");
        var samples = FitSplit.Of(source.ToRows(options.RowsOption), options.Seed);
        var objective = Fitting.ObjectiveOf(samples.Learning, source.Target!.Name);
        source = source with { Objective = objective };
        var model = ModelSearch.Of(options, source, scenario, Say, cancellationToken, samples.Learning.ErrorOfMean(objective.Mean));
        if (model.Source.Choice is { } choice) { Say($"  model    {choice}"); }
        var runs = Pipelines.Runs(options, model, scenario, modes);
        var (line, time) = (new FitLine(TimeProvider.System, Say), SimulatedRuns.LengthOf(options, scenario));
        var finished = await SimulatedRuns.RunAsync(options, runs, Look, cancellationToken).ConfigureAwait(false);
        var rows = model.Source.ToRows(options.RowsOption);
        var (scores, judges) = options.Bound is null ? (null, 0) : await FleetBound.FindAsync(options, runs[0],
            FitWindows.Collect(rows, rows.Devices, options.Seed), Look, cancellationToken).ConfigureAwait(false);
        var judging = FitWindows.Collect(rows, rows.Unseen, options.Seed);
        var answers = finished.ConvertAll(f => FitAnswers.Of(model.Network, f.Chosen, judging));
        var fit = Fitting.Judged(new(rows, model.Network), finished[0].Chosen, judging, samples.Judging, options.Bound, scores, judges) with
        {
            Choice = model.Source.Choice,
            Promised = model.Promised,
            NothingToLearn = answers[0].IsNoBetterThan(objective.Mean, options.Seed, tried: 1),
            LearnedWindows = samples.Learning.Count,
        };
        AloneJob.Finish(options, new(fit, rows, options.Seed, options.HostName, started)
        {
            Code = options.Code?.ToString(),
            Runs = [.. finished.Zip(answers, static (run, of) => RunOf(run, of.Mean))],
        });
        return FleetBound.End(options, FleetBound.Missing(options, fit.Covered is not null, fit.Judges), ExitCode.Done);

        void Look(RunningFleet fleet) => line.Report($"{model.Name}, {fleet.Mode.Name}", fleet.Elapsed(), time);
    }

    private static ValueRun RunOf(FinishedRun run, double error)
    {
        var cut = run.Fleet.CutOff!;
        return new(run.Fleet.Mode.Name, error, run.Last.Version, run.Chosen.Version, cut.At.TotalSeconds, cut.Rows.Trained,
            cut.Devices.Sum(static d => d.BytesUp), cut.BytesPerUpdate, run.Chosen.Sha256());
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}
