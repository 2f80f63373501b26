using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

internal static class Job
{
    internal static async Task<int> RunAsync(JobOptions options, PartialResult known, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var scenario = ScenarioCheck.Load(options);
        var own = options.Rows is null ? null : RowsOf(options);
        if (own is not null && (options.IsAlone || own is { Target: null, Devices: [_] }))
        {
            return AloneJob.Run(options, own, cancellationToken);
        }

        var rows = own is null ? OwnFleet.SourceOf(options) : OwnFleet.Of(own, options);
        if (options.IsAlone) { return AloneJob.Run(options, rows.ToRows(options.RowsOption), cancellationToken); }
        if (rows.Target is not null)
        {
            ScenarioCheck.Require(scenario, rows, options);
            return await ValueFleetJob.RunAsync(options, rows, scenario, cancellationToken).ConfigureAwait(false);
        }

        var (runs, model) = RunsOf(options, rows, scenario, cancellationToken);
        if (Texts.Wanted(options, runs[0]) is { } text)
        {
            Console.Out.Write(text);
            return ExitCode.Done;
        }

        Files.RequireFolder(options.Out);
        known.Expect(runs);
        using var saved = SavedJob.Open(options, runs);
        var view = JobView.Create();
        JobView.Start(options, runs, saved?.Resumes);
        var finished = await view.ShowAsync(look => RunAsync(options, runs, saved, fleet =>
        {
            known.See(fleet);
            look(fleet);
        }, cancellationToken)).ConfigureAwait(false);
        if (finished.Exists(static f => f.Fleet.Watch.Rounds.Count == 0)) { saved?.End(); }      // there is nothing to resume
        var judged = JudgedJob.Of(options, runs[0], finished, started);
        var (scores, judges) = options.Bound is null ? (null, 0)
            : await FleetBound.FindAsync(options, runs[0], judged.Training.ToFit(), static _ => { }, cancellationToken)
                .ConfigureAwait(false);
        var result = judged.Result with
        {
            PromisedInterval = model.Promised is var (low, high) ? [low, high] : [],
            BoundMissing = FleetBound.Missing(options, scores is not null, judges),
            BoundText = options.Bound is not { } coverage || scores is null ? null
                : FitText.OfBound(coverage, judges, judged.Unseen.ToFit().Within(scores.At(coverage))),
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3),
        };
        if (options.Seeds > 1)
        {
            var seeds = await SeedsAsync(options, scenario, result.Runs, cancellationToken).ConfigureAwait(false);
            result = result with { Seeds = seeds, WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3) };
        }

        known.Result = result = result.Closed();
        var file = SavedModel.Write(options, model, finished[0].Chosen, judged.Exits, scores);
        judged.Write(options, runs[0], result);
        saved?.End();
        view.Finish(options, result, file);
        return FleetBound.End(options, result.BoundMissing, result.ExitCode);
    }

    private static FitRows RowsOf(JobOptions options)
    {
        var rows = OwnFleet.RowsOf(options);
        if (rows.LabelFound is { } found)
        {
            Console.Error.WriteLine(
                PrintableText.Of($"{options.Program}: the label is {found}; --label chooses another, --target a value"));
        }

        return rows;
    }

    private static async Task<List<FinishedRun>> RunAsync(
        JobOptions options, List<FleetRun> runs, SavedJob? saved, Action<RunningFleet> look, CancellationToken cancellationToken)
    {
        try
        {
            return await SimulatedRuns.RunAsync(
                options, runs, look, cancellationToken, saved is null ? null : run => saved.WorldOf(run).Run).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (saved is not null)
        {
            throw new ProgramException(saved.Interrupted, ExitCode.Interrupted);
        }
    }

    private static (List<FleetRun> Runs, FleetModel Model) RunsOf(
        JobOptions options, FleetSource source, Scenario scenario, CancellationToken cancellationToken)
    {
        ScenarioCheck.Require(scenario, source, options);
        var isText = options.Graph is not null || options.Explain;
        var model = ModelSearch.Of(options, source, scenario, isText ? static _ => { } : Console.Out.WriteLine, cancellationToken);
        return (Pipelines.Runs(
            options, model, scenario, TrainingMode.Of(options, scenario, source.ReplaySpeed, source.HasOneClassEach)), model);
    }

    private static async Task<List<SeedSpread>> SeedsAsync(
        JobOptions options, Scenario scenario, List<RunResult> first, CancellationToken cancellationToken)
    {
        var bySeed = first.ConvertAll(r => new List<SeedResult> { SeedResult.Of(options.Seed, r) });
        for (var i = 1; i < options.Seeds; i++)
        {
            var own = options with { Seed = options.Seed + i };
            var (runs, model) = RunsOf(own, OwnFleet.SourceOf(own), scenario, cancellationToken);
            var finished = await SimulatedRuns.RunAsync(own, runs, static _ => { }, cancellationToken).ConfigureAwait(false);
            var test = LabelledWindows.Collect(runs[0].Source, runs[0].Source.Unseen, own.Seed);
            foreach (var (number, run) in finished.Index())
            {
                bySeed[number].Add(SeedResult.Of(own.Seed, RunResult.Of(JudgedRun.Of(run, model.Network, test, own.Goal))));
            }
        }

        return [.. first.Zip(bySeed, static (run, seeds) => new SeedSpread(run.Mode, seeds))];
    }
}
